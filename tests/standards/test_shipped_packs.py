"""The packs that come with Sekisho: they load, are complete, speak both languages, and ask sensibly."""

import itertools
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from sekisho.book.measures import all_measures
from sekisho.standards.pack import GATE_SECTIONS, Criterion, Pack, Text, load_pack
from sekisho.standards.services import shipped_folders

REFERENCE, GOVUK = "sekisho-reference", "govuk-service-standard"
JAPANESE = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]")
PREFIXES = {"plan": "plan", "requirements": "req", "build": "build", "operate": "operate", "retire": "retire"}
# How many items the published item names give for each phase; what stands after them is our addition.
CHECKLIST = {"plan": 14, "requirements": 13, "build": 14, "operate": 14, "retire": 14}
PROJECT = {
    "audience": ["citizens"],
    "personal_data": "personal",
    "information_class": 2,
    "network_zone": "internet",
    "development_form": "contract",
    "tier": "standard",
    "phase": "build",
    "release_kind": "change",
    "emergency": False,
    "budget_yen": 12_000_000,
}


@cache
def shipped() -> dict[str, Pack]:
    measures = set(all_measures())
    return {pack.id: pack for pack in (load_pack(folder, measures=measures) for folder in shipped_folders())}


def texts(criterion: Criterion) -> tuple[Text, ...]:
    return criterion.group, criterion.title, criterion.guidance, criterion.source


def asked(section: str, pack: str = REFERENCE, **changes: Any) -> set[str]:
    criteria = shipped()[pack].applicable(section, PROJECT | {"phase": section} | changes)
    return {criterion.code for criterion in criteria}


def projects() -> Iterator[dict[str, Any]]:
    """Every combination of the values that conditions look at."""
    values = {
        "audience": (["citizens"], ["businesses"], ["staff"]),
        "personal_data": ("none", "personal", "mynumber"),
        "information_class": (1, 3),
        "network_zone": ("mynumber", "lgwan", "internet"),
        "development_form": ("contract", "agile", "saas", "in_house"),
        "tier": ("focus", "standard", "light"),
        "budget_yen": (0, 1),
    }
    for chosen in itertools.product(*values.values()):
        yield PROJECT | dict(zip(values, chosen, strict=True))


def test_both_packs_load_without_problems():
    assert {pack.id: pack.version for pack in shipped().values()} == {REFERENCE: "1.2", GOVUK: "1.0"}


def test_a_pack_lies_in_the_folder_of_its_name_and_version():
    for folder in shipped_folders():
        pack = load_pack(folder, measures=None)
        assert (pack.id, pack.version) == (folder.parent.name, folder.name)


@pytest.mark.parametrize("phase", CHECKLIST)
def test_the_reference_pack_holds_the_whole_checklist_of_a_phase(phase):
    codes = [criterion.code for criterion in shipped()[REFERENCE].for_phase(phase)]
    assert len(codes) >= CHECKLIST[phase]
    assert codes == [f"{PREFIXES[phase]}-{number:02}" for number in range(1, len(codes) + 1)]


@pytest.mark.parametrize("phase", CHECKLIST)
def test_what_the_reference_pack_adds_to_a_checklist_is_attractive_conditional_or_measured(phase):
    for criterion in shipped()[REFERENCE].for_phase(phase)[CHECKLIST[phase] :]:
        assert criterion.level == "attractive" or criterion.applies or criterion.measure, criterion.code


def test_the_reference_pack_holds_at_least_ten_release_criteria():
    codes = [criterion.code for criterion in shipped()[REFERENCE].for_phase("release")]
    assert len(codes) >= 10
    assert codes == [f"release-{number:02}" for number in range(1, len(codes) + 1)]


def test_the_govuk_pack_holds_each_of_the_14_points_once():
    codes = [criterion.code for criterion in shipped()[GOVUK].criteria]
    assert sorted(codes) == [f"point-{number:02}" for number in range(1, 15)]


def test_each_point_names_its_number_in_its_source():
    for criterion in shipped()[GOVUK].criteria:
        number = int(criterion.code.removeprefix("point-"))
        assert f"観点{number}に" in criterion.source.ja
        assert f"point {number} " in criterion.source.en
        assert "OGL v3.0" in criterion.source.ja
        assert "OGL v3.0" in criterion.source.en


@pytest.mark.parametrize("name", [REFERENCE, GOVUK])
def test_every_text_is_in_both_languages(name):
    pack = shipped()[name]
    everything = [pack.title, pack.description, pack.source]
    everything += [text for criterion in pack.criteria for text in texts(criterion)]
    for text in everything:
        assert JAPANESE.search(text.ja), text
        assert text.en, text
        assert not JAPANESE.search(text.en), text


@pytest.mark.parametrize("name", [REFERENCE, GOVUK])
def test_guidance_is_full_sentences_long_enough_to_help(name):
    for criterion in shipped()[name].criteria:
        japanese, english = criterion.guidance.ja, criterion.guidance.en
        assert len(japanese) >= 30, criterion.code
        assert japanese.count("。") >= 2, criterion.code
        assert japanese.endswith("。"), criterion.code
        assert len(english) >= 60, criterion.code
        assert english.endswith("."), criterion.code


@pytest.mark.parametrize("name", [REFERENCE, GOVUK])
def test_a_folded_text_leaves_no_space_between_japanese_words(name):
    for criterion in shipped()[name].criteria:
        assert not re.search(r"[。、\u3041-\u9fff][ \n]+[\u3041-\u9fff]", criterion.guidance.ja), (
            criterion.code
        )


def test_the_reference_pack_never_passes_for_the_text_of_another_body():
    for criterion in shipped()[REFERENCE].criteria:
        assert criterion.source.ja.startswith("本システム独自(参考)"), criterion.code
        assert criterion.source.en.startswith("Sekisho's own, for reference."), criterion.code


def test_attractive_criteria_are_always_recommended():
    attractive = [c for pack in shipped().values() for c in pack.criteria if c.level == "attractive"]
    assert attractive
    assert {criterion.requirement for criterion in attractive} == {"recommended"}


@pytest.mark.parametrize("name", [REFERENCE, GOVUK])
def test_most_criteria_are_mandatory(name):
    criteria = shipped()[name].criteria
    assert sum(criterion.requirement == "mandatory" for criterion in criteria) > 0.8 * len(criteria)


def test_the_operate_phase_uses_the_measures_the_book_takes_itself():
    demands = {c.measure.name: c for c in shipped()[REFERENCE].for_phase("operate") if c.measure}
    assert set(demands) == {
        "open_must_findings",
        "overdue_conditions",
        "days_since_status",
        "budget_execution_rate",
    }
    for name, most in (("open_must_findings", 0), ("overdue_conditions", 0), ("days_since_status", 31)):
        assert demands[name].measure.accepts(most)
        assert not demands[name].measure.accepts(most + 1)


def test_every_condition_can_be_decided_and_leaves_something_to_ask():
    pack = shipped()[REFERENCE]
    for project in projects():
        for section in GATE_SECTIONS:
            chosen = pack.applicable(section, project | {"phase": "build"})
            assert any(criterion.requirement == "mandatory" for criterion in chosen), (section, project)


@pytest.mark.parametrize("name", [REFERENCE, GOVUK])
def test_every_criterion_is_asked_of_some_project(name):
    conditional = [criterion for criterion in shipped()[name].criteria if criterion.applies]
    kinds = itertools.product(("new", "change", "fix"), (True, False))
    variants = [{"release_kind": kind, "emergency": emergency} for kind, emergency in kinds]
    unasked = {criterion.code: criterion for criterion in conditional}
    for project, variant in itertools.product(projects(), variants):
        unasked = {code: c for code, c in unasked.items() if not c.applies_to(project | variant)}
        if not unasked:
            break
    assert not unasked


def test_a_light_project_is_asked_less_than_a_focus_project():
    for section in GATE_SECTIONS:
        if section != "retire":  # data must be erased as carefully whatever the tier
            assert asked(section, tier="light") < asked(section, tier="focus"), section


def test_a_fix_is_asked_less_than_a_change_but_always_for_tests_and_a_way_back():
    fix, change = asked("release", release_kind="fix"), asked("release", release_kind="change")
    assert fix < change
    assert {"release-03", "release-04", "release-06", "release-09"} <= fix


def test_a_user_test_is_asked_of_new_services_and_changes_but_may_not_hold_up_an_emergency():
    assert "release-07" in asked("release", release_kind="new")
    assert "release-07" in asked("release", release_kind="change")
    assert "release-07" not in asked("release", emergency=True)


def test_only_an_emergency_is_asked_for_the_checks_to_be_made_up_afterwards():
    assert "release-14" in asked("release", release_kind="fix", emergency=True)
    assert "release-14" not in asked("release", release_kind="fix")


def test_accessibility_is_always_asked_of_a_new_service_to_citizens():
    for tier in ("focus", "standard", "light"):
        assert "release-10" in asked("release", release_kind="new", tier=tier)


def test_my_number_media_must_be_destroyed():
    assert {"retire-15", "retire-16"} <= asked("retire", personal_data="mynumber", network_zone="mynumber")
    assert not {"retire-15", "retire-16"} & asked("retire", personal_data="none")


@pytest.mark.parametrize("name", [REFERENCE, GOVUK])
def test_a_stored_shipped_pack_reads_back_equal(name):
    pack = shipped()[name]
    again = Pack.from_document(pack.to_document())
    assert again == pack
    assert again.sha256 == pack.sha256
