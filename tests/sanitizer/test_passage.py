"""What holds for every type: names, limits, refusals, reports."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from sekisho.sanitizer import Policy, PolicyError, load_policy, sanitize
from sekisho.sanitizer.isolation.warden import Died, Warden
from sekisho.sanitizer.names import claimed_name
from sekisho.sanitizer.policies import idle_methods, shipped_policies
from sekisho.sanitizer.words import LANGUAGES, all_words

from .office import presentation, shape
from .passing import zipped


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.txt", "input.empty"),
        (b"MZ" + b"\0" * 64, "a.exe", "type.dangerous"),
        (b"plain words", "a.js", "type.dangerous"),
        (b"#!/bin/sh\nrm -rf /\n", "a", "type.dangerous"),
        (b"plain words", "a.pdf", "type.name_lies"),
        (b"MZ....%PDF-1.7\n", "a.pdf", "type.ambiguous"),
        (b"PK\x03\x04 not really", "a.docx", "input.broken"),
        (b"JwwData.\x01\x02", "a.jww", "type.unsupported"),
        (b"\x60\x0e\x82\x01\x00\x01\x02\x03", "a.xdw", "type.unsupported"),
        (zipped(mimetype="application/epub+zip", a__xml="<a/>"), "本.epub", "type.unsupported"),
        (zipped(mimetype="application/vnd.oasis.opendocument.graphics"), "図.odg", "type.unsupported"),
        (zipped(mimetype="application/vnd.sun.xml.writer"), "古い.sxw", "type.unsupported"),
        (
            zipped(
                **{
                    "[Content_Types]__xml": '<Types><Override ContentType="application/vnd.ms-visio.drawing.main+xml"/></Types>'
                }
            ),
            "図.vsdx",
            "type.unsupported",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1600), "計画.mpp", "type.unsupported"),
        (b"PAR1" + bytes(90), "a.parquet", "type.unsupported"),
        (b"!BDN" + bytes(600), "a.pst", "type.unsupported"),
        (b"\0\0\1\0\1\0\x10\x10\0\0\1\0\x18\0" + bytes(60), "a.ico", "type.unsupported"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(60), "a.jp2", "type.unsupported"),
        (bytes(range(256)) * 4, "a.dat", "type.unknown"),
    ],
)
def test_it_refuses_with_a_reason(data: bytes, name: str, code: str) -> None:
    result = sanitize(data, name=name)
    assert (result.status, result.output, result.report.refusal) == ("refused", None, code)
    words = result.report.as_dict()["refusal"]["words"]
    assert all(words[language] and "{" not in words[language] for language in LANGUAGES)


def test_it_renames_a_lying_name_when_the_policy_says_so() -> None:
    result = sanitize(b"a,b\n", Policy.named("outbound"), name="a.png")
    assert (result.status, result.name) == ("clean", "a.txt")
    assert "type.renamed" in {removal.code for removal in result.report.removed}


@pytest.mark.parametrize(
    ("received", "safe"),
    [
        ("契約書\u202exslx.txt", "契約書xslx.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\CON.txt", "_CON.txt"),
        ("見積書.exe.pdf", "見積書_exe.pdf"),
        ("a.txt. . ", "a.txt"),
        ("\x00\x1f", "file"),
        ("R5.4.1 議事録.docx", "R5.4.1 議事録.docx"),
        ("様式第1号　申請書.xlsx", "様式第1号　申請書.xlsx"),
        ("請求書　　　　　.pdf　", "請求書.pdf"),
        ("名簿　　 一覧.csv", "名簿　一覧.csv"),
        ("\ufa19田\ufa1b.txt", "\ufa19田\ufa1b.txt"),
        ("か\u3099.txt", "が.txt"),
        ("が.txt", "が.txt"),
        ("\u00a51,000.pdf", "￥1,000.pdf"),
        ("a\u3164\u2800.txt", "a.txt"),
        ("conout$.txt", "_conout$.txt"),
        ("a.{21EC2020-3AEA-1069-A2DD-08002B30309D}", "a_{21EC2020-3AEA-1069-A2DD-08002B30309D}"),
        ("第1.{案}.txt", "第1.{案}.txt"),
    ],
)
def test_it_gives_names_that_deceive_nobody(received: str, safe: str) -> None:
    assert claimed_name(received).safe == safe


def test_it_takes_bytes_paths_and_streams(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"words\n")
    outputs = {sanitize(source, name="a.txt").output for source in (b"words\n", file, str(file))}
    with file.open("rb") as stream:
        outputs.add(sanitize(stream, name="a.txt").output)
        assert not stream.closed
    outputs.add(sanitize(io.BytesIO(b"words\n"), name="a.txt").output)
    assert outputs == {b"words\n"}
    assert sanitize(tmp_path, name="a.txt").report.refusal == "input.not_a_file"
    assert sanitize(tmp_path / "none", name="a.txt").report.refusal == "input.unreadable"


def test_it_keeps_to_the_size_limit() -> None:
    small = Policy.from_dict({"name": "small", "methods": {"text": "text"}, "limits": {"bytes": 10}})
    assert sanitize(b"0123456789", small, name="a.txt").is_clean
    assert sanitize(b"0123456789x", small, name="a.txt").report.refusal == "input.too_large"


def test_its_report_is_json_with_hashes_and_words() -> None:
    report = json.loads(json.dumps(sanitize(b"=1\n", name="a.csv").report.as_dict()))
    assert report["input"]["sha256"] != report["output"]["sha256"]
    assert report["removed"][0]["code"] == "text.formula"
    assert report["removed"][0]["where"] == {"column": 1, "line": 1}
    assert set(report["removed"][0]["words"]) == set(LANGUAGES)
    assert report["attempts"][0]["outcome"] == "clean"


def test_every_code_has_words_in_both_languages() -> None:
    for words in all_words().values():
        assert all(words.short[language].strip() and words.why[language].strip() for language in LANGUAGES)


def test_the_shipped_policies_read_back_the_same() -> None:
    assert set(shipped_policies()) == {"inbound", "inbound-strict", "outbound", "archive"}
    for policy in shipped_policies().values():
        assert Policy.from_dict(policy.as_dict()) == policy


def test_a_policy_names_every_problem(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(
        "name: x\nmethods: {pdf: [magic], nothing: text}\nlimits: {pages: -1, page: 2}\ntypo: 1\n"
    )
    with pytest.raises(PolicyError) as refused:
        load_policy(file)
    assert len(refused.value.problems) == 5


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("name: x\nmethods: {pdf: pixel}\nkeep:\n\tlinks: true\n", "4行目: 字下げにタブは使えません"),
        ("name: x\nmethods: {pdf: pixel}\nmethods: {image: pixel}\n", "methods: 3行目: 二度書かれています"),
        ("name: x\nmethods: {pdf: pixel}\nkeep:\n  links: true\n  links: false\n", "links: 5行目: 二度"),
        ("name: x\n", "methods: どの種類も通さない方針です"),
        ("name: x\nmethods: {}\n", "methods: どの種類も通さない方針です"),
        ("name: 12\nmethods: {pdf: pixel}\n", "name: 12 は文字ではありません"),
        (
            "name: x\nmethods: {pdf: pixel}\nlimits: {bytes: 100MB}\n",
            "limits.bytes: '100MB' は1以上の整数では",
        ),
        ("name: x\nmethods: {pdf: [pixel\n", "YAMLとして読めません"),
        ("- a\n", "方針は「name: inbound」"),
        ("name: !!python/object/apply:os.system [id]\n", "YAMLとして読めません"),
        ("? [a, b]\n: 1\n", "YAMLとして読めません"),
    ],
)
def test_a_policy_says_what_is_wrong_in_japanese_too(tmp_path: Path, written: str, said: str) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(written)
    with pytest.raises(PolicyError) as refused:
        load_policy(file)
    assert any(said in problem for problem in refused.value.said("ja")), refused.value.said("ja")
    assert all(str(file) in problem and problem.isascii() for problem in refused.value.said("en"))


@pytest.mark.parametrize("codec", ["utf-8-sig", "cp932", "utf-16"])
def test_a_policy_may_be_saved_as_editors_on_windows_save_it(tmp_path: Path, codec: str) -> None:
    (tmp_path / "p.yaml").write_bytes("name: x\ntitle: {ja: 庁内}\nmethods: {pdf: pixel}\n".encode(codec))
    assert load_policy(tmp_path / "p.yaml").title == {"ja": "庁内"}


def test_methods_that_a_kind_does_not_have_are_named() -> None:
    policy = Policy.from_dict(
        {"name": "x", "methods": {"pdf": ["text", "pixel"], "xls": ["reauthored"], "jtd": ["reauthored"]}}
    )
    assert [problem.said("en") for problem in idle_methods(policy)] == [
        "methods.pdf: this kind has no method text; there are pixel, rebuilt"
    ]
    assert not any(map(idle_methods, shipped_policies().values()))


def test_a_presentation_named_as_a_show_is_renamed_and_one_named_as_a_letter_is_refused() -> None:
    data = presentation(shape("words")).build()
    result = sanitize(data, name="a.ppsx")
    assert (result.status, result.name) == ("clean", "a.pptx")
    for name in ("a.docx", "a.pptm"):
        assert sanitize(data, name=name).report.refusal == "type.name_lies"


def test_a_large_file_has_more_time_and_a_small_one_only_its_own() -> None:
    policy = Policy.from_dict({
        "name": "a", "methods": {"text": ["text"]}, "limits": {"seconds": 1, "seconds_per_mb": 60},
    })  # fmt: skip
    lines = b"".join(b"%d,%d,-%d\n" % (row, row, row) for row in range(150_000))
    assert len(lines) > 2 << 20
    assert sanitize(lines, policy, name="a.csv").is_clean


def _work_given(monkeypatch: pytest.MonkeyPatch, data: bytes) -> list[float]:
    """The seconds of the processor that children may take for a file, of a policy that gives 120 and 4 for a megabyte."""
    given = list[float]()

    def overworked(*_parts: Any, work: float, **_how: Any) -> None:
        given.append(work)
        raise Died("limit.work")

    monkeypatch.setattr(Warden, "run", overworked)
    assert sanitize(data, name="a.svg").report.refusal == "limit.work"
    return given


def test_a_file_may_take_a_quarter_of_its_time_of_the_processor_and_all_that_its_size_adds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert _work_given(monkeypatch, b"<svg/>") == [30]
    assert _work_given(monkeypatch, bytes(3 << 20)) == [42]
