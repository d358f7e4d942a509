"""Results by group: chosen once, shown when a wave is over, and telling of nobody."""

import itertools
import random

import openpyxl
import pytest
from django.urls import reverse
from django.utils import translation

from sekisho.book.models import LedgerEntry
from sekisho.errors import Conflict, Invalid, NotPermitted
from sekisho.voice.cells import PLACE
from sekisho.voice.models import GroupTally, Response, Wave
from sekisho.voice.queries.breakdown import group_tables, weighted_satisfaction
from sekisho.voice.queries.means import means_by_group
from sekisho.voice.queries.surveys import wave_results
from sekisho.voice.services import breakdown, surveys, tally
from tests.analysis.test_crosstable import bounds
from tests.book.factories import days
from tests.voice.results import body

pytestmark = pytest.mark.django_db


def answered(people, asking, rows, *, close=True, **given):
    """A wave with these answers: (place, answers)."""
    wave = surveys.open_wave(people.member, asking, name="春", **given)
    Response.objects.bulk_create(
        Response(wave=wave, anonymous=wave.anonymous, day=days(0), place=place, answers=answers)
        for place, answers in rows
    )
    if close:
        wave = surveys.close_wave(people.member, wave)
    tally.count_new(wave)
    return wave


def some(count=200, seed=1):
    chance = random.Random(seed)
    for _number in range(count):
        answers = {"age": chance.choice(["young", "old", "old"]), "tell": chance.randint(0, 10)}
        if chance.random() < 0.9:
            answers["overall"] = chance.choices([1, 2, 3, 4, 5], [1, 2, 40, 30, 27])[0]
        yield chance.choices(["本庁舎", "北支所", "南支所", "=1+1", ""], [40, 30, 20, 2, 8])[0], answers


def test_groups_are_chosen_once_and_when_the_wave_is_over(people, asking):
    wave = answered(people, asking, some(), close=False)
    with pytest.raises(Conflict, match="Stop asking first"):
        breakdown.choose_groups(people.member, wave, "age")
    surveys.close_wave(people.member, wave)
    with pytest.raises(NotPermitted):
        breakdown.choose_groups(people.auditor, wave, "age")
    with pytest.raises(Invalid):
        breakdown.choose_groups(people.member, wave, "overall")
    breakdown.choose_groups(people.member, wave, "age")
    with pytest.raises(Conflict, match="broken down already"):
        breakdown.choose_groups(people.member, wave, PLACE)
    assert LedgerEntry.objects.filter(act="survey.grouped").count() == 1
    assert not breakdown.count_groups(wave), "answers wait to be counted"
    tally.count_new(wave)
    assert breakdown.count_all_groups() == 1
    assert breakdown.count_all_groups() == 0


@pytest.mark.parametrize("group_by", ["age", PLACE])
def test_nothing_shown_anywhere_gives_a_small_group_away(people, asking, group_by):
    """The reader knows every table by group and every figure of the page of the wave, and tries them all together."""
    wave = answered(people, asking, some())
    breakdown.choose_groups(people.member, wave, group_by)
    breakdown.count_groups(wave)
    wave.refresh_from_db()
    tables = group_tables(wave)
    assert len(tables) == (2 if group_by == "age" else 3)
    for table, code in zip(tables, [q for q in ("overall", "age", "tell") if q != group_by], strict=True):
        groups = sorted({*GroupTally.objects.filter(wave=wave).values_list("group", flat=True)} - {""})
        groups = [*(["young", "old"] if group_by == "age" else groups), ""]
        columns = [*(["young", "old"] if code == "age" else ["low", "middle", "high"]), ""]
        kept = {(t.group, t.value): t.count for t in GroupTally.objects.filter(wave=wave, question=code)}
        true = [[kept.get((group, value), 0) for value in columns] for group in groups]
        cells = [[count for _column, count, _share in row.cells] for row in table.rows]
        true = [row for row in true if any(row)]
        assert not any(0 < n < 5 for row in cells for n in row if n is not None)
        assert all(high - low > 0.99 for low, high in bounds(true, cells).values())
        assert all(row.n is None or row.n >= 5 for row in table.rows)


def test_the_figures_by_group_add_up_to_those_of_the_wave(people, asking):
    wave = answered(people, asking, some())
    breakdown.choose_groups(people.member, wave, "age")
    breakdown.count_groups(wave)
    whole = {one.question.code: one for one in wave_results(wave).results}["overall"].satisfaction
    sums = {
        value: sum(t.count for t in GroupTally.objects.filter(wave=wave, question="overall", value=value))
        for value in ("low", "middle", "high", "")
    }
    assert sums["low"] == whole.dissatisfied_count
    assert sums["high"] == whole.satisfied_count
    assert sum(sums.values()) == 200


def test_the_page_teaches_counts_and_hides(reader, people, asking):
    wave = answered(people, asking, some(), close=False)
    address = reverse("voice:wave_groups", args=[wave.pk])
    assert "still being asked" in body(reader.get(address))
    surveys.close_wave(people.member, wave)
    tally.count_new(wave)
    assert "Break down by" in body(reader.get(address))
    page = body(reader.post(address, {"group_by": "@place"}, follow=True))
    assert "本庁舎" in page
    assert "never shown" in page
    assert "broken down already" in body(reader.post(address, {"group_by": "age"}, follow=True))


def test_an_answer_taken_back_is_taken_from_the_groups(people, asking):
    wave = surveys.open_wave(people.member, asking, name="職員", access="staff", anonymous=False, threshold=1)
    for person in (people.member, people.auditor):
        answers = {"age": "old", "overall": 5}
        Response.objects.create(wave=wave, anonymous=False, person=person, day=days(0), answers=answers)
    surveys.close_wave(people.member, wave)
    tally.count_new(wave)
    breakdown.choose_groups(people.member, wave, "age")
    breakdown.count_groups(wave)
    from sekisho.voice.services.answering import withdraw_response

    withdraw_response(people.auditor, wave)
    assert Wave.objects.get(pk=wave.pk).grouped_at is None
    breakdown.count_all_groups()
    assert GroupTally.objects.get(wave=wave, question="overall").count == 1


def test_the_workbook_of_an_anonymous_wave_puts_no_persons_answers_in_one_row(reader, people, asking):
    import io

    rows = [("", {"overall": n % 5 + 1, "tell": n % 5 + 1}) for n in range(60)]
    wave = answered(people, asking, rows)
    book = openpyxl.load_workbook(
        io.BytesIO(reader.get(reverse("voice:wave_workbook", args=[wave.pk])).content)
    )
    found = [(row[0], row[4]) for row in itertools.islice(book.active.iter_rows(values_only=True), 1, None)]
    assert sorted(one for one, _other in found) == sorted(answers["overall"] for _place, answers in rows)
    assert sum(one == other for one, other in found) < 30


def test_satisfaction_is_weighted_to_the_population(reader, people, asking):
    rows = [("", {"age": "young", "overall": 5 if n < 80 else 1}) for n in range(100)]
    rows += [("", {"age": "old", "overall": 5 if n < 10 else 1}) for n in range(20)]
    wave = answered(people, asking, rows)
    breakdown.choose_groups(people.member, wave, "age")
    breakdown.count_groups(wave)
    address = reverse("voice:wave_groups", args=[wave.pk])
    refused = reader.post(address, {"n-young": "many", "n-old": "5,000"})
    assert (refused.status_code, "many" in body(refused), "5,000" in body(refused)) == (422, True, True)
    assert reader.post(address, {"n-young": "５000", "n-old": "5,000"}).status_code == 302
    found = weighted_satisfaction(Wave.objects.get(pk=wave.pk))
    assert found.figures.satisfied.value == pytest.approx((0.8 + 0.5) / 2)
    assert found.design_effect == pytest.approx((100 * 0.6**2 + 20 * 3**2) / 120)
    assert "65%" in body(reader.get(address))
    with pytest.raises(NotPermitted):
        breakdown.set_populations(people.auditor, wave, {"young": "1", "old": "1"})


def test_weighting_counts_groups_with_something_hidden_as_one(people, asking):
    wave = answered(people, asking, some())
    breakdown.choose_groups(people.member, wave, PLACE)
    breakdown.count_groups(wave)
    wave.refresh_from_db()
    breakdown.set_populations(people.member, wave, dict.fromkeys(breakdown.known_groups(wave), "1000"))
    shown = {row.title for row in group_tables(wave)[0].rows if all(n is not None for _c, n, _s in row.cells)}
    assert set(weighted_satisfaction(wave).weights) <= shown | {"*"}


# --------------------------------------------------------------------------------------------------------- means


def sheet(score):
    """Ten answers with this score, a multiple of 2.5."""
    steps, odd = int(score / 2.5), [1, 5] * 5
    for at in range(10):
        move = min(4, steps)
        odd[at] += move if at % 2 == 0 else -move
        steps -= move
    return odd


def of_ease(groups):
    """Answers by place: how many whole sheets with which score, and how many people without one."""
    for place, (count, score, silent) in groups.items():
        yield from ((place, {"sus": sheet(score), "overall": 3}) for _n in range(count))
        yield from ((place, {"overall": 3}) for _n in range(silent))


def means_of(people, asking, rows):
    wave = answered(people, asking, rows)
    breakdown.choose_groups(people.member, wave, PLACE)
    assert breakdown.count_groups(wave)
    wave.refresh_from_db()
    with translation.override("ja"):
        return {table.title: table for table in means_by_group(wave)}


def told(table):
    return {row.title: row.mean and (row.mean.n, round(row.mean.value, 1)) for row in table.rows}


def test_ease_of_use_has_a_mean_for_each_group(people, asking):
    tables = means_of(people, asking, of_ease({"北": (10, 80, 5), "南": (20, 50, 0)}))
    assert told(tables["使いやすさ"]) == {"北": (10, 80.0), "南": (20, 50.0)}
    assert told(tables["満足"]) == {"北": (15, 3.0), "南": (20, 3.0)}
    row = tables["使いやすさ"].rows[0]
    assert row.mean.low < 80 < row.mean.high


@pytest.mark.parametrize(
    "groups",
    [
        {"北": (4, 80, 0), "南": (20, 50, 0)},
        {"北": (4, 80, 0), "南": (20, 50, 0), "東": (30, 70, 0)},
        {"北": (3, 80, 0), "南": (4, 50, 0), "東": (30, 70, 0), "西": (9, 60, 0)},
        {"北": (10, 80, 2), "南": (20, 50, 7), "東": (30, 70, 9)},
        {"北": (1, 100, 0), "南": (1, 0, 0)},
    ],
)
def test_no_mean_tells_of_few_people_nor_does_what_is_left_after_subtraction(people, asking, groups):
    table = means_of(people, asking, of_ease(groups)).get("使いやすさ")
    shown = {name: found for name, found in told(table).items() if found}
    for name, (n, _mean) in shown.items():
        assert n >= 5
        assert groups[name][2] == 0 or groups[name][2] >= 5
    left = sum(count for count, _score, _silent in groups.values()) - sum(n for n, _mean in shown.values())
    assert not shown or left == 0 or left >= 5


def test_beside_a_small_group_the_smallest_other_one_is_left_out(people, asking):
    rows = of_ease({"北": (3, 80, 0), "南": (6, 50, 0), "東": (30, 70, 0), "西": (9, 60, 0)})
    found = told(means_of(people, asking, rows)["使いやすさ"])
    assert found == {"北": None, "南": None, "東": (30, 70.0), "西": (9, 60.0)}


def test_a_mean_beside_bands_is_withheld_when_it_would_tell_the_answers_apart(people, asking):
    rows = [("北", {"overall": 1})] * 5 + [("北", {"overall": 2})] + [("南", {"overall": 4})] * 9
    table = means_of(people, asking, rows)["満足"]
    assert table.withheld


def test_the_page_shows_means_by_group(people, asking, reader):
    wave = answered(people, asking, of_ease({"北": (10, 80, 5), "南": (20, 50, 0)}))
    breakdown.choose_groups(people.member, wave, PLACE)
    breakdown.count_groups(wave)
    page = body(reader.get(reverse("voice:wave_groups", args=[wave.pk])))
    assert "Mean: SUS" in page
    assert "80.0" in page
