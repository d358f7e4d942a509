"""The road of five checkpoints."""

from xml.etree import ElementTree

import pytest

from sekisho.web.road import STATION_STATES, Mark, Road, Station

PHASES = ("plan", "requirements", "build", "operate", "retire")


def road_of(*states: str, **more) -> Road:
    stations = tuple(
        Station(phase, phase.title(), state) for phase, state in zip(PHASES, states, strict=True)
    )
    return Road(stations, "Build. 3 unmet.", **more)


BARRED = road_of("passed", "conditional", "here_barred", "ahead", "ahead")


def tree(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{markup}</div>")


def lines(markup: str) -> dict[str, tuple[str, str]]:
    found = tree(markup).iter("{http://www.w3.org/2000/svg}line")
    return {line.get("class"): (line.get("x1"), line.get("x2")) for line in found}


@pytest.mark.parametrize("size", ["strip", "band", "large"])
def test_each_size_is_well_formed_and_named_for_screen_readers(size):
    svg = tree(BARRED.svg(size))[0]
    assert svg.get("role") == "img"
    assert svg.find("{http://www.w3.org/2000/svg}title").text == "Build. 3 unmet."
    assert f"road-{size}" in svg.get("class")


def test_the_strip_is_120_pixels_wide():
    assert 'width="120"' in BARRED.svg("strip")


def test_the_road_is_solid_up_to_where_the_project_stands_and_dotted_ahead():
    drawn = lines(BARRED.svg("band"))
    assert drawn == {"road-behind": ("0%", "50%"), "road-ahead": ("50%", "100%")}


def test_a_road_not_yet_begun_has_nothing_behind_the_first_station():
    assert lines(road_of(*["ahead"] * 5).svg("band"))["road-behind"] == ("0%", "10%")


def test_every_state_has_its_own_shape():
    shapes = set()
    for state in STATION_STATES:
        markup = road_of(state, *["ahead"] * 4).svg("band")
        shapes.add(markup.split("road-station is-")[1].split(">", 1)[1].split("<text")[0])
    assert len(shapes) == len(STATION_STATES)


def test_no_markup_carries_inline_style_or_script():
    markup = road_of("passed", *["ahead"] * 4, marks=(Mark(0.5, "1.0"),), bars=("a",)).svg("large")
    assert "style=" not in markup
    assert "<script" not in markup


def test_every_text_is_escaped():
    evil = '"><script>a()</script>'
    stations = (Station("plan", evil, "here_barred", word=evil),)
    markup = Road(stations, evil, (Mark(0.5, evil),), (evil,)).svg("large")
    assert "<script" not in markup
    assert markup.count("&lt;script&gt;") >= 5


def test_a_long_label_folds_for_narrow_screens():
    markup = Road((Station("build", "設計・開発(リリース前)", "ahead"),), "").svg("band")
    assert ">設計・開発</tspan>" in markup
    assert ">(リリース前)</tspan>" in markup
    assert "tspan" not in Road((Station("plan", "企画(予算)", "ahead"),), "").svg("band")


def test_only_the_large_size_lists_what_bars_the_way():
    road = road_of("here_barred", *["ahead"] * 4, bars=("No answer to P-01",))
    assert "No answer to P-01" in road.svg("large")
    assert "No answer to P-01" not in road.svg("band") + road.svg("strip")


def test_a_release_stands_where_its_position_says():
    markup = road_of(*["passed"] * 5, marks=(Mark(0.625, "1.0", "planned"),)).svg("band")
    assert 'class="road-mark is-planned" x="62.5%"' in markup


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Station("plan", "Plan", "nowhere"),
        lambda: Mark(1.5, "1.0"),
        lambda: Mark(0.5, "1.0", "lost"),
        lambda: Road((), "empty"),
        lambda: BARRED.svg("huge"),
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong):
    with pytest.raises(ValueError):
        wrong()
