"""Packs: values, reading a folder, every problem at once, and the stored document."""

import copy
import hashlib
import json
from decimal import Decimal

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.standards import yamlfile
from sekisho.standards.conditions import ConditionError
from sekisho.standards.pack import GATE_SECTIONS, PHASES, MeasureDemand, Pack, PackError, Text, load_pack

MEASURES = {"open_must_findings", "overdue_conditions"}
HEAD = {
    "id": "sekisho-reference",
    "version": "1.0",
    "title": {"ja": "基準", "en": "Standard"},
    "description": {"ja": "説明", "en": "About"},
    "source": {"ja": "独自", "en": "Ours"},
    "licence": "CC-BY-4.0",
    "languages": ["ja", "en"],
}
ENTRY = {
    "code": "plan-01",
    "group": {"ja": "目的と効果", "en": "Purpose and effect"},
    "title": {"ja": "目的", "en": "Purpose"},
    "guidance": {"ja": "示す\n内容", "en": "Show it"},
    "level": "must_be",
    "requirement": "mandatory",
    "applies": "personal_data != 'none'",
    "evidence": "text",
    "measure": {"name": "open_must_findings", "operator": "<=", "value": 0, "max_age_days": 31},
    "source": {"ja": "参考", "en": "Reference"},
}


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def loader(request, monkeypatch):
    """Both YAML readers: the quick one may be missing on a machine, and they must not differ."""
    monkeypatch.setattr(yamlfile, "_Loader", getattr(yaml, request.param, yaml.SafeLoader))


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "pack.yaml", HEAD)
    write(tmp_path / "plan.yaml", {"criteria": [ENTRY]})
    return tmp_path


class _Dumper(yaml.SafeDumper):
    """Writes shared values out, as a person would."""

    def ignore_aliases(self, data):
        return True


def write(path, value):
    path.write_text(yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False), encoding="utf-8")


def entry(**changes):
    return {key: value for key, value in (ENTRY | changes).items() if value is not ...}


def problems(folder, measures=MEASURES):
    with pytest.raises(PackError) as caught:
        load_pack(folder, measures=measures)
    for problem in caught.value.problems:
        assert str(problem)
        assert str(problem).encode()
    return caught.value.problems


def problems_of_entry(folder, **changes):
    write(folder / "plan.yaml", {"criteria": [entry(**changes)]})
    return problems(folder)


# The values


def test_text_falls_back_to_the_other_language():
    assert Text("日", "E").get("ja") == "日"
    assert Text("日", "E").get("en-gb") == "E"
    assert Text("日", "").get("en") == "日"
    assert Text("", "E").get("ja") == "E"


@pytest.mark.parametrize(
    ("operator", "below", "same", "above"),
    [
        ("<", True, False, False),
        ("<=", True, True, False),
        ("==", False, True, False),
        (">=", False, True, True),
        (">", False, False, True),
    ],
)
def test_a_measure_demand_accepts(operator, below, same, above):
    demand = MeasureDemand("m", operator, 0.1, 31)
    assert demand.accepts(0.05) is below
    assert demand.accepts(Decimal("0.1")) is same
    assert demand.accepts(0.1) is same
    assert demand.accepts(7) is above


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf"), Decimal("NaN")])
def test_a_measure_demand_never_accepts_what_is_no_number(value):
    assert not MeasureDemand("m", ">=", 0, 31).accepts(value)
    assert not MeasureDemand("m", "<=", 0, 31).accepts(value)


def test_phases_and_sections():
    assert PHASES == ("plan", "requirements", "build", "operate", "retire")
    assert (*PHASES, "release") == GATE_SECTIONS


# Reading


def test_it_reads_a_pack(folder, loader):
    write(folder / "release.yaml", {"criteria": [entry(code="release-01", applies=..., measure=...)]})
    pack = load_pack(folder, measures=MEASURES)
    assert (pack.id, pack.version, pack.licence, pack.languages) == (
        "sekisho-reference",
        "1.0",
        "CC-BY-4.0",
        ("ja", "en"),
    )
    assert [c.code for c in pack.criteria] == ["plan-01", "release-01"]
    first = pack.get("plan-01")
    assert first.phase == "plan"
    assert first.guidance == Text("示す\n内容", "Show it")
    assert first.measure == MeasureDemand("open_must_findings", "<=", 0, 31)
    assert pack.get("nothing") is None
    assert pack.for_phase("release") == (pack.get("release-01"),)
    assert pack.for_phase("build") == ()
    with pytest.raises(ValueError, match="not a gate section"):
        pack.for_phase("nowhere")


def test_it_asks_only_what_applies(folder):
    write(folder / "plan.yaml", {"criteria": [ENTRY, entry(code="plan-02", applies=...)]})
    pack = load_pack(folder, measures=MEASURES)
    assert [c.code for c in pack.applicable("plan", {"personal_data": "none"})] == ["plan-02"]
    assert [c.code for c in pack.applicable("plan", {"personal_data": "mynumber"})] == ["plan-01", "plan-02"]
    with pytest.raises(ConditionError):
        pack.applicable("plan", {})


def test_measures_may_stay_unchecked(folder):
    write(folder / "plan.yaml", {"criteria": [entry(measure=ENTRY["measure"] | {"name": "unheard_of"})]})
    assert load_pack(folder, measures=None).get("plan-01").measure.name == "unheard_of"
    (problem,) = problems(folder)
    assert problem.place == "criteria[0].measure.name"
    assert problem.message == "There is no measure unheard_of."


def test_a_measure_may_be_of_any_age(folder):
    demand = {key: value for key, value in ENTRY["measure"].items() if key != "max_age_days"}
    write(folder / "plan.yaml", {"criteria": [entry(measure=demand)]})
    pack = load_pack(folder, measures=MEASURES)
    assert pack.get("plan-01").measure.max_age_days is None
    assert Pack.from_document(pack.to_document()) == pack


def test_it_reads_a_byte_order_mark_and_ignores_other_files(folder, loader):
    (folder / "README.md").write_bytes(b"\xff not yaml")
    (folder / "plan.yaml").write_bytes(b"\xef\xbb\xbf" + (folder / "plan.yaml").read_bytes())
    assert load_pack(folder, measures=MEASURES).get("plan-01")


def test_a_pack_may_have_one_language(folder):
    japanese = {key: {"ja": "日本語"} for key in ("title", "description", "source")}
    texts = {key: {"ja": "日本語"} for key in ("group", "title", "guidance", "source")}
    write(folder / "pack.yaml", HEAD | japanese | {"languages": ["ja"]})
    write(folder / "plan.yaml", {"criteria": [entry(**texts)]})
    pack = load_pack(folder, measures=MEASURES)
    assert pack.title.get("en") == "日本語"
    assert pack.to_document()["title"] == {"ja": "日本語"}
    assert Pack.from_document(pack.to_document()) == pack


# Problems, all at once


def test_it_reports_every_problem_of_every_file_at_once(folder):
    write(folder / "pack.yaml", HEAD | {"version": 1.0, "titel": "x"})
    write(
        folder / "plan.yaml",
        {"criteria": [entry(level="mustbe"), entry(code="plan-02", title={"ja": "目的"})]},
    )
    write(folder / "build.yaml", {"criteria": [entry(applies="tierr == 'focus'")]})
    (folder / "operate.yaml").write_text("")
    (folder / "bild.yaml").write_text("criteria: []")
    found = {(p.file, p.place): p for p in problems(folder)}
    assert set(found) == {
        ("bild.yaml", ""),
        ("pack.yaml", "titel"),
        ("pack.yaml", "version"),
        ("plan.yaml", "criteria[0].level"),
        ("plan.yaml", "criteria[1].title.en"),
        ("build.yaml", "criteria[0].code"),
        ("build.yaml", "criteria[0].applies"),
        ("operate.yaml", ""),
    }
    assert found["pack.yaml", "titel"].mend == "Did you mean title?"
    assert found["pack.yaml", "version"].mend == 'Use digits and dots in quotation marks, for example "1.0".'
    assert found["plan.yaml", "criteria[0].level"].mend == "Did you mean must_be?"
    assert found["plan.yaml", "criteria[1].title.en"].message == "The language en is missing."
    assert found["plan.yaml", "criteria[1].title.en"].line > 20
    assert "already used at plan.yaml criteria[0].code" in found["build.yaml", "criteria[0].code"].message
    assert found["build.yaml", "criteria[0].applies"].message == "There is no attribute tierr."
    assert found["build.yaml", "criteria[0].applies"].mend == "Did you mean tier?"
    assert found["operate.yaml", ""].message == "The file is empty."


def test_a_problem_reads_as_one_line(folder):
    (problem,) = problems_of_entry(folder, evidence="files")
    line = problem.line
    assert str(problem) == (
        f"plan.yaml:{line}: criteria[0].evidence files is not a value that can stand here. Did you mean file?"
    )
    assert problem.template == "%(word)s is not a value that can stand here."
    assert problem.params["word"] == "files"
    assert hash(problem)


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"code": ...}, "code", "The key code is missing."),
        ({"code": 7}, "code", "Text is expected here, not a number"),
        ({"code": "Plan 01"}, "code", "Plan 01 cannot be used here."),
        ({"code": "plan-０１"}, "code", "cannot be used here."),
        ({"code": "a" * 65}, "code", "at most 64"),
        ({"title": "Purpose"}, "title", "Keys with values are expected here"),
        ({"title": None}, "title", "There is no value here."),
        ({"title": {"ja": "目的", "en": None}}, "title.en", "There is no value here."),
        ({"title": {"ja": "目的", "en": ""}}, "title.en", "The text is empty."),
        ({"title": {"ja": "目的", "en": False}}, "title.en", "Text is expected here"),
        ({"title": {"ja": "目" * 301, "en": "x"}}, "title.ja", "The text has 301 characters"),
        ({"title": {"ja": "目", "en": "bell \x07"}}, "title.en", "invisible character U+0007"),
        ({"title": {"ja": "目", "en": "x", "fr": "y"}}, "title.fr", "There is no key fr here."),
        ({"guidance": ...}, "guidance", "The key guidance is missing."),
        ({"level": ["must_be"]}, "level", "A word is expected here."),
        ({"requirement": "mandatry"}, "requirement", "mandatry is not a value"),
        ({"evidence": None}, "evidence", "A word is expected here."),
        ({"applies": None}, "applies", "There is no value here."),
        ({"applies": True}, "applies", "Text is expected here"),
        ({"applies": "personal_data == 'yes'"}, "applies", "'yes' is not a value of personal_data."),
        ({"measure": None}, "measure", "There is no value here."),
        ({"measure": 3}, "measure", "Keys with values are expected here"),
        ({"measures": {}}, "measures", "There is no key measures here."),
    ],
)
def test_it_refuses_a_bad_criterion(folder, loader, changes, place, message):
    (problem,) = problems_of_entry(folder, **changes)
    assert problem.file == "plan.yaml"
    assert problem.place == f"criteria[0].{place}"
    assert message in problem.message
    assert problem.line


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"value": float("nan")}, "value", "infinite, not a number"),
        ({"value": float("inf")}, "value", "infinite, not a number"),
        ({"value": float("-inf")}, "value", "infinite, not a number"),
        ({"value": 10**16}, "value", "too large"),
        ({"value": True}, "value", "A number is expected here."),
        ({"value": "0"}, "value", "A number is expected here."),
        ({"operator": "=<"}, "operator", "=< is not a value"),
        ({"operator": "!="}, "operator", "!= is not a value"),
        ({"max_age_days": 0}, "max_age_days", "A whole number of days from 1 to 3660"),
        ({"max_age_days": 1.5}, "max_age_days", "A whole number of days"),
        ({"name": "open_must_finding"}, "name", "There is no measure open_must_finding."),
        ({"unit": "count"}, "unit", "There is no key unit here."),
    ],
)
def test_it_refuses_a_bad_measure(folder, loader, changes, place, message):
    (problem,) = problems_of_entry(folder, measure=ENTRY["measure"] | changes)
    assert problem.place == f"criteria[0].measure.{place}"
    assert message in problem.message


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"id": "Sekisho"}, "id"),
        ({"id": "a--b"}, "id"),
        ({"version": "1.0-beta"}, "version"),
        ({"version": "v1"}, "version"),
        ({"version": "1..0"}, "version"),
        ({"version": "１.０"}, "version"),
        ({"version": ["1"]}, "version"),
        ({"languages": []}, "languages"),
        ({"languages": "ja"}, "languages"),
        ({"languages": ["ja", "en", "en"]}, "languages"),
        ({"languages": ["ja", "en", "fr"]}, "languages[2]"),
        ({"licence": ""}, "licence"),
    ],
)
def test_it_refuses_a_bad_head(folder, changes, place):
    write(folder / "pack.yaml", HEAD | changes)
    (problem,) = problems(folder)
    assert (problem.file, problem.place) == ("pack.yaml", place)
    assert problem.message


@pytest.mark.parametrize(
    ("content", "message", "place"),
    [
        (b"", "The file is empty.", ""),
        (b"  \n\n", "The file is empty.", ""),
        (b"# only a comment\n", "The file is empty.", ""),
        (b"\xef\xbb\xbf", "The file is empty.", ""),
        (b"- a\n- b\n", "Keys with values are expected here", ""),
        (b"just words", "Keys with values are expected here", ""),
        (b"criteria:\n", "There is no value here.", "criteria"),
        (b"criteria: []\n", "A list with at least one entry", "criteria"),
        (b"criteria: {a: b}\n", "A list with at least one entry", "criteria"),
        (b"criteria:\n  - code: [\n", "This is not valid YAML", "line 3"),
        (b"criteria:\n\t- code: a\n", "This is not valid YAML", "line 2"),
        (b'a: "\\U99999999"\n', "This is not valid YAML", None),
        (b"\n\n\ncriteria: \xff\n", "The text is not UTF-8.", "line 4"),
        ("criteria: 基準".encode("cp932"), "The text is not UTF-8.", "line 1"),
        ("criteria: 基準".encode("utf-16"), "The text is not UTF-8.", "line 1"),
        (b"a: \x00\n", "This is not valid YAML", None),
        (b"a: &x [1]\nb: *x\n", "Anchors (&) and aliases (*) are not allowed", "line 1"),
        (b"a: 1\nb: *x\n", "Anchors (&) and aliases (*) are not allowed", "line 2"),
        (b"a: !!python/object/apply:os.system ['true']\n", "Tags (!) are not allowed", "line 1"),
        (b"a: 1\nb: !!int '3'\n", "Tags (!) are not allowed", "line 2"),
        (b"a: !x {}\n", "Tags (!) are not allowed", "line 1"),
        (b"criteria: " + b"[" * 5000, "The file is nested too deeply.", "line 1"),
        (b"criteria: " + b"{a: " * 5000, "The file is nested too deeply.", "line 1"),
        (b"a: 1\n---\nb: 2\n", "The file holds more than one document", "line 2"),
    ],
)
def test_it_refuses_a_bad_file(folder, loader, content, message, place):
    (folder / "plan.yaml").write_bytes(content)
    found = problems(folder)
    assert found[0].file == "plan.yaml"
    assert message in " ".join(problem.message for problem in found)
    assert place is None or place in {problem.place for problem in found}


def test_a_billion_laughs_is_refused_at_once(folder, loader):
    rows = ["a0: &a0 [lol, lol]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    (folder / "plan.yaml").write_text("\n".join(rows))
    (problem,) = problems(folder)
    assert "Anchors" in problem.message


def test_a_huge_file_is_refused_without_reading_it(folder):
    (folder / "plan.yaml").write_bytes(b"#" * (yamlfile.MAX_FILE_BYTES + 1))
    (problem,) = problems(folder)
    assert problem.message == "The file is larger than 512 KB."


def test_a_repeated_key_says_where_the_first_is(folder, loader):
    text = (
        (folder / "plan.yaml")
        .read_text(encoding="utf-8")
        .replace("  level: must_be\n", "  level: must_be\n  level: attractive\n")
    )
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    (problem,) = problems(folder)
    first = text.splitlines().index("  level: must_be") + 1
    assert problem.message == f"The key level stands twice; the first is on line {first}."
    assert problem.place == f"line {first + 1}"


def test_a_key_that_is_no_word_is_refused(folder, loader):
    (folder / "plan.yaml").write_text("? [a]\n: b\n")
    assert "A key must be a plain word." in [problem.message for problem in problems(folder)]


def test_merge_keys_and_dates_are_nothing_special(folder, loader):
    (folder / "pack.yaml").write_text("<<: {id: a}\nversion: 2024-13-45\nlicence: 1:30\n=: 010\n")
    places = {problem.place for problem in problems(folder)}
    assert {"<<", "=", "version", "id"} <= places
    assert "licence" not in places


def test_a_missing_folder_file_or_section_is_named(tmp_path):
    (problem,) = problems(tmp_path / "nowhere")
    assert "cannot be read" in problem.message
    found = problems(tmp_path)
    assert [(p.file, p.message) for p in found] == [
        ("", "There are no criteria."),
        ("pack.yaml", "The file is missing."),
    ]


def test_a_file_instead_of_a_folder_and_a_folder_instead_of_a_file(folder):
    assert "cannot be read" in problems(folder / "plan.yaml")[0].message
    (folder / "build.yaml").mkdir()
    (problem,) = problems(folder)
    assert (problem.file, problem.message) == ("build.yaml", "The file is missing.")


# The stored document


def test_the_document_round_trips_through_json(folder):
    pack = load_pack(folder, measures=MEASURES)
    again = Pack.from_document(json.loads(json.dumps(pack.to_document())))
    assert again == pack
    assert again.sha256 == pack.sha256


def test_the_hash_is_over_canonical_json(folder):
    pack = load_pack(folder, measures=MEASURES)
    text = json.dumps(pack.to_document(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert pack.sha256 == hashlib.sha256(text.encode("utf-8")).hexdigest()
    assert "目的" in text


def test_the_hash_does_not_hang_on_how_the_files_are_written(folder):
    before = load_pack(folder, measures=MEASURES).sha256
    shuffled = dict(reversed(entry(measure=ENTRY["measure"] | {"value": 0.0}).items()))
    write(folder / "plan.yaml", {"criteria": [shuffled]})
    write(folder / "pack.yaml", HEAD | {"languages": ["en", "ja"]})
    assert load_pack(folder, measures=MEASURES).sha256 == before
    write(folder / "plan.yaml", {"criteria": [entry(level="attractive")]})
    assert load_pack(folder, measures=MEASURES).sha256 != before


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.pop("id"),
        lambda document: document.pop("criteria"),
        lambda document: document["criteria"][0].pop("phase"),
        lambda document: document["criteria"][0].update(phase="nowhere"),
        lambda document: document["criteria"].append(document["criteria"][0]),
        lambda document: document["criteria"].append(None),
        lambda document: document["criteria"][0].update(applies="x"),
        lambda document: document["title"].update(ja="\ud800"),
    ],
)
def test_a_damaged_document_is_refused(folder, change):
    document = copy.deepcopy(load_pack(folder, measures=None).to_document())
    change(document)
    with pytest.raises(PackError):
        Pack.from_document(document)


# Whatever comes in

SLOW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
PIECES = st.sampled_from(
    [
        "criteria:",
        "- ",
        "code: ",
        "a",
        "title: ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!!int ",
        "<<: ",
        "? ",
        ": ",
        "\n",
        "  ",
        "'",
        '"',
        "\\ud800",
        "|",
        ">",
        "%YAML 1.1",
        "---",
        "...",
        "0b_",
        "1:99",
        "2024-13-45",
        ".nan",
        "~",
        "=",
    ]
)


def _outcome(read):
    try:
        return read()
    except PackError as error:
        return error


def _load_or_typed_error(folder):
    outcome = _outcome(lambda: load_pack(folder, measures=MEASURES))
    if isinstance(outcome, PackError):
        assert outcome.problems
        assert str(outcome).encode()


@SLOW
@given(data=st.binary(max_size=200) | st.lists(PIECES, max_size=30).map("".join).map(str.encode))
def test_any_bytes_are_a_pack_or_a_typed_error(folder, loader, data):
    (folder / "plan.yaml").write_bytes(data)
    _load_or_typed_error(folder)


@SLOW
@given(key=st.sampled_from(sorted(ENTRY)), value=JSON)
def test_any_value_in_a_criterion_is_read_or_a_typed_error(folder, loader, key, value):
    (folder / "plan.yaml").write_text(yaml.safe_dump({"criteria": [ENTRY | {key: value}]}), encoding="utf-8")
    _load_or_typed_error(folder)


@SLOW
@given(key=st.sampled_from([*sorted(HEAD), "criteria"]), value=JSON)
def test_any_value_in_a_document_is_read_or_a_typed_error(key, value):
    document = HEAD | {"criteria": [ENTRY | {"phase": "plan"}]} | {key: value}
    outcome = _outcome(lambda: Pack.from_document(document))
    if isinstance(outcome, PackError):
        assert outcome.problems
    else:
        assert Pack.from_document(outcome.to_document()).sha256 == outcome.sha256


@SLOW
@given(value=JSON)
def test_any_value_as_a_document_is_a_typed_error(value):
    with pytest.raises(PackError):
        Pack.from_document(value)
