"""PDF files that act, carry, deceive or wear out: nothing of it is left, what people see is, and the report says what went."""

import io
import re
from typing import Any

import pikepdf
import pypdfium2
import pytest

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.isolation.warden import Warden
from sekisho.sanitizer.verify import find_complaint

from .attacks import pdf_actions, pdf_contents, pdf_files, pdf_holders, pdf_resources
from .attacks.pdf import MARKER, VISIBLE, Attack, page_file
from .passing import clean, codes
from .pdf_samples import draw

FAMILIES = (pdf_actions, pdf_holders, pdf_files, pdf_contents, pdf_resources)
ATTACKS = [attack for family in FAMILIES for attack in family.ATTACKS]
ONLY_AS_PICTURES = pdf_files.ONLY_AS_PICTURES | pdf_resources.ONLY_AS_PICTURES
ENDLESS = pdf_contents.REFUSED | pdf_resources.REFUSED
REFUSED = pdf_files.REFUSED | ENDLESS
PIXEL = Policy.from_dict({"name": "pictures", "methods": {"pdf": "pixel"}})
REBUILT = Policy.from_dict({"name": "objects", "methods": {"pdf": "rebuilt"}})
#: what parsing corrects in passing, and nobody would miss
UNTOLD = {
    "a key twice", "objects in comments", "settings of the viewer", "modes and languages", "marks out of step",
    "fine dashes", "map of letters",
}  # fmt: skip
_ACTIVE = re.compile(
    rb"/(?:JavaScript|JS|OpenAction|AA|PA|Next\s*(?:<<|\[)|Launch|SubmitForm|ImportData|ResetForm|GoToR|GoToE|GoToDp|Thread"
    rb"|Rendition|Movie|Sound|RichMedia|3D|Screen|Hide|SetOCGState|Trans|Named|EmbeddedFiles?|EF|AF|FileAttachment"
    rb"|Collection|XFA|AcroForm|Widget|PieceInfo|Metadata|OCProperties|FFilter|OPI|Ref|Names|Dests|Threads|Perms|DSS|Legal"
    rb"|Extensions|Requirements|SpiderInfo|PS|Alternates|OutputIntents|VP|PresSteps|FunctionType 4)(?![A-Za-z0-9])"
)


def laid_open(data: bytes) -> bytes:
    """The file, and every object of it as qpdf reads it, streams decoded."""
    found = [data]
    with pikepdf.open(io.BytesIO(data)) as pdf:
        for thing in (pdf.trailer, *pdf.objects):
            if isinstance(thing, pikepdf.Stream):
                found.append(
                    thing.read_bytes(pikepdf.StreamDecodeLevel.specialized) if _opens(thing) else b""
                )
            found.append(thing.unparse(resolved=True) if isinstance(thing, pikepdf.Object) else b"")
    return b"\n".join(found)


def _opens(stream: pikepdf.Stream) -> bool:
    return stream.get("/Filter") != pikepdf.Name.DCTDecode


def active_in(data: bytes) -> set[bytes]:
    """The names in dictionaries that act, carry or lead elsewhere."""
    return set(_ACTIVE.findall(re.sub(rb"stream\n.*?endstream", b"", data, flags=re.DOTALL)))


def text_of(data: bytes) -> str:
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))


def test_there_are_many_attacks_each_with_a_name_of_its_own() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) > 240
    assert {attack.name for attack in ATTACKS} > REFUSED | ONLY_AS_PICTURES | UNTOLD


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=lambda policy: policy.name)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_nothing_of_an_attack_is_left_and_the_words_are(attack: Attack, policy: Policy) -> None:
    if attack.name in REFUSED or (policy is REBUILT and attack.name in ONLY_AS_PICTURES):
        result = sanitize(attack.build(), policy, name="a.pdf", password=attack.password)
        assert (result.status, result.output) == ("refused", None)
        assert not result.report.refusal.startswith("engine.")
        return
    output, result = clean(attack.build(), "a.pdf", policy, **_opening(attack))
    opened = laid_open(output)
    for said in (MARKER.encode(), MARKER.encode("utf-16-be"), MARKER.encode("utf-16-le")):
        assert said not in opened
        assert said.hex().encode() not in opened
    assert active_in(output) == set()
    assert VISIBLE in text_of(output).replace("\r\n", " ")
    assert find_complaint(io.BytesIO(output), "pdf") is None
    if policy is REBUILT:
        assert (codes(result) - {"pdf.font_recoded"} != set()) is (attack.name not in UNTOLD)


def _opening(attack: Attack) -> dict[str, str]:
    return {"password": attack.password} if attack.password else {}


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=lambda policy: policy.name)
@pytest.mark.parametrize("name", sorted(ENDLESS))
def test_what_draws_without_end_is_refused_before_it_is_drawn(name: str, policy: Policy) -> None:
    (attack,) = (attack for attack in ATTACKS if attack.name == name)
    result = sanitize(attack.build(), policy, name="a.pdf")
    assert result.report.refusal == "pdf.too_complex"  # drawn, it would end as limit.time


@pytest.mark.parametrize("methods", [["rebuilt", "pixel"], ["pixel", "rebuilt"]])
def test_what_is_dear_to_draw_is_stopped_and_not_drawn_larger(
    methods: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def blended(pdf: pikepdf.Pdf, page: Any) -> None:
        look = pikepdf.Dictionary(BM=pikepdf.Name.Luminosity, ca=0.5)
        draw(pdf, page, "/G gs\n" + "0 0 300 200 re f\n" * 100_000, ExtGState={"/G": look})

    run = Warden.run
    monkeypatch.setattr(Warden, "run", lambda *given, **how: run(*given, **how | {"work": 1, "seconds": 600}))
    policy = Policy.from_dict({"name": "a", "methods": {"pdf": methods}})
    result = sanitize(page_file(blended), policy, name="a.pdf")
    tried = [(attempt.method, attempt.outcome) for attempt in result.report.attempts]
    assert tried == [(method, "limit.work") for method in methods[: 1 if methods[1] == "pixel" else 2]]
