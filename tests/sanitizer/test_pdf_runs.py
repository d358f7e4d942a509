"""Runs of content taken whole come out as they do operator by operator, whatever they are made of, and quickly."""

import io
import re
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from sekisho.sanitizer import Policy
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.pdf_parts import content, runs
from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.layers import Layers
from sekisho.sanitizer.formats.pdf_parts.structure import Marks, Structure
from sekisho.sanitizer.formats.pdf_parts.values import Unreadable
from sekisho.sanitizer.formats.pdf_writer import PdfWriter
from sekisho.sanitizer.verify import pdf_drawing

NUMBERS = st.one_of(
    st.integers(-2000, 2000).map(str),
    st.floats(-500, 500, allow_nan=False).map(lambda value: f"{value:.4f}"),
    st.sampled_from([".5", "-.25", "7.", "-0", "0.1234567890123456", "+3", "1234567890", "1e5"]),
)
STRINGS = st.one_of(
    st.binary(max_size=9).map(lambda data: f"<{data.hex()}>"),
    st.sampled_from(
        ["()", "(EMC q BT)", r"(\(\)\\)", r"(\\\()", "(/P BMC)", r"(\101\7\0x\n)", "(a(b)c)", "(\r)", r"(\777)", "<AbC>",
         "<4A4b>", "(\x01\x1f)", r"(\037\12)", r"(\q)"]
    ),
)  # fmt: skip
COUNTS = {
    "w": 1,
    "Tc": 1,
    "g": 1,
    "m": 2,
    "l": 2,
    "Td": 2,
    "rg": 3,
    "re": 4,
    "k": 4,
    "c": 6,
    "cm": 6,
    "Tm": 6,
    "scn": 3,
}


@st.composite
def _numeric(draw: Any) -> str:
    operator = draw(st.sampled_from(sorted(COUNTS)))
    count = COUNTS[operator] + draw(st.sampled_from([0, 0, 0, 0, 0, 1, -1]))
    return " ".join([*draw(st.lists(NUMBERS, min_size=max(count, 0), max_size=max(count, 0))), operator])


INSTRUCTIONS = st.one_of(
    _numeric(), _numeric(),
    st.sampled_from(["q", "Q", "BT", "ET", "f", "f*", "n", "S", "B*", "W*", "h", "EMC", "T*", "q", "Q", "BT", "ET", "F"]),
    STRINGS.map(lambda said: said + "Tj"),
    st.lists(st.one_of(STRINGS, NUMBERS), max_size=5).map(lambda parts: f"[{' '.join(parts)}]TJ"),
    st.sampled_from(
        ["/F 9 Tf", "/Fx 9. Tf", "/X Do", "/No Do", "/G gs", "/DeviceRGB cs", "/C cs", "/Perceptual ri", "/P BMC", "/#4FC/h BDC",
         "/EMC BMC", "/FEMC 1 Tf", "/P<</MCID 0/Lang(en EMC)>>BDC", "/Span<</ActualText(fi)>>BDC", "/List#20Item BMC",
         "/Span <</MCID 1/ActualText<FEFF0041>>>BDC", "/OC /Hidden BDC", "/OC/Shown BDC", "/Sp/Said BDC", "/Top MP",
         "/A <</B<</C 1>>>>BDC", "[3 2]0 d", "[] .5 d", "[1 -1] 0 d", "% (\n",
         "/P <</MCID 2>>BDC", "/H1<< /MCID 0 >> BDC", "/P<</MCID 9>>BDC", "/Artifact BMC", "/Artifact<</Type/Layout>>BDC",
         "/P <</MCID 1>> DP", "/Artifact MP", "/P<</MCID 0/MCID 2>>BDC", "EMC", "EMC", "(x)'", "1 2(y)\"", "/Pattern cs"]
    ),
)  # fmt: skip
GAPS = st.sampled_from([" ", " ", "\n", "\r\n", "  \t", " "])


def _source() -> tuple[Pdf, Any]:
    """A document with the resources that the instructions name."""
    pdf = Pdf.new()
    pdf.add_blank_page()
    hidden = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="h"))
    shown = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="s"))
    pdf.Root.OCProperties = Dictionary(OCGs=Array([hidden, shown]), D=Dictionary(OFF=Array([hidden])))
    form = Stream(pdf, b"0 0 5 5 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 9, 9]))
    helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    resources = Dictionary(
        Font=Dictionary(F=pdf.make_indirect(helvetica), FEMC=pdf.make_indirect(helvetica)),
        XObject=Dictionary(X=pdf.make_indirect(form)),
        ExtGState=Dictionary(G=pdf.make_indirect(Dictionary(Type=Name.ExtGState, LW=2))),
        ColorSpace=Dictionary(C=Name.DeviceGray),
        Properties=Dictionary(Hidden=hidden, h=hidden, Shown=shown, Said=Dictionary(ActualText="said")),
    )
    return pdf, resources


def _rewritten(data: bytes, longest: int, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The content anew; runs shorter than ``longest`` are read operator by operator."""
    pdf, resources = _source()
    job = Job(io.BytesIO(), io.BytesIO(), TYPES["pdf"], "a.pdf", Policy.named("inbound"), "rebuilt")
    structure = Structure(pdf, with_texts=True)
    context = Context(job, pdf, PdfWriter(io.BytesIO()), Layers.of(pdf), content.rewrite, structure)
    with monkeypatch.context() as patch:
        patch.setattr(content, "_SHORT_RUN", longest)
        try:
            return content.rewrite(context, data, (resources,), marks=Marks(wanted={0, 1, 2})).data
        except Unreadable:
            return b"1 w\n"


def _pieces(made: bytes) -> list[Any]:
    """Numbers as what they mean, everything else as it is spelled; resources by their order."""
    spelled = re.sub(rb"([\[\]<>])", rb" \1 ", made).split()
    return [round(float(piece), 8) if re.fullmatch(rb"[-0-9.]+", piece) else piece for piece in spelled]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(INSTRUCTIONS, GAPS), max_size=40))
def test_taken_whole_or_one_by_one_content_is_the_same(told: list[tuple[str, str]]) -> None:
    data = "".join(instruction + gap for instruction, gap in told).encode("latin-1")
    with pytest.MonkeyPatch.context() as monkeypatch:
        whole = _rewritten(data, 0, monkeypatch)
        singly = _rewritten(data, 1 << 30, monkeypatch)
    assert _pieces(_unnumbered(whole)) == _pieces(_unnumbered(singly))
    pdf_drawing._names(whole, "content")


def _unnumbered(made: bytes) -> bytes:
    return re.sub(rb"/([FXGC])\d+", rb"/\1", made)


def test_usual_content_is_taken_whole() -> None:
    data = b"q 1 0 0 1 0 0 cm/P BMC BT/F 9 Tf[(a)-2<42>]TJ(\\051)Tj ET EMC .5 -.5 3. 4 re f* Q"
    assert runs.run_at(data, 0, marking=True, in_text=False) == data
    made = runs.tidied(data, lambda calls: [b"/F1 9 Tf" for _call in calls], lambda _properties: b"")
    assert made == b"q 1 0 0 1 0 0 cm BT /F1 9 Tf [ <61> -2 <42> ] TJ <29> Tj ET 0.5 -0.5 3 4 re f* Q"


@pytest.mark.parametrize(
    ("mark", "kept", "made"),
    [
        (b"/P <</MCID 3 >>", b"<</MCID 3 >>", b"M <78> Tj EMC <79> Tj"),
        (b"/H1 <</Lang(ja)/MCID 3/ActualText<41>>>", b"", b"<78> Tj <79> Tj"),
        (b"/Artifact<</Type/Layout>>", b"/Artifact", b"M <78> Tj EMC <79> Tj"),
    ],
)
def test_a_mark_that_tells_something_stays_with_its_end(mark: bytes, kept: bytes, made: bytes) -> None:
    data = b"/P BMC " + mark + b"BDC(x)Tj EMC(y)Tj EMC"
    assert runs.run_at(data, 0, marking=True, in_text=True) == data
    assert runs.tidied(data, lambda calls: calls, lambda told: b"M" if told == kept else b"") == made


def test_a_replacement_text_ends_where_it_ended() -> None:
    data = b"/P BMC/Span<</ActualText(f\\(i)>>BDC(x)Tj EMC(y)Tj EMC"
    assert runs.run_at(data, 0, marking=True, in_text=True) == data
    made = runs.tidied(data, lambda calls: calls, lambda properties: b"<%s>" % properties)
    assert made == b"<<</ActualText<662869>>>> <78> Tj EMC <79> Tj"


WILD = (
    b"(", b"[", b"[(a)", b"[1 ", b"<", b"<41", b"1 ", b"1.", b"/A<<", b"/A<</B", b"/A<</B(", b"BT ", b"BT 1 w ", b"q ", b"\\",
    b"(\\", b"(\\\\", b"/Span<</ActualText(x)>>BDC ", b"/Span<</ActualText(x)>>BDC BT 1 w ", b"EMC", b"/F 9 ", b"[1 1 1] ",
    b"/P<</MCID 1>>BDC ", b"/P<</MCID 1", b"/Artifact BMC q ", b"/P<</MCID 1/MCID 2>>BDC BT 1 w ",
    b"1 2 3 4 5 6 ", b"q q BT Q Q ", b"-", b"- 1 w ", b"/P BMC q ", b"BT /P BMC ", b"1 w(", b"[()1]", b"%\n1 w ",
)  # fmt: skip


@pytest.mark.parametrize("piece", WILD)
def test_wild_content_is_told_quickly(piece: bytes) -> None:
    """A grammar that took its steps back would not come to an end here."""
    data = piece * (400_000 // len(piece))
    for marking in (False, True):
        for in_text in (False, True):
            run = runs.run_at(data, 0, marking=marking, in_text=in_text)
            runs.brackets(runs.tidied(run, lambda calls: calls, lambda _properties: b""))
    with pytest.raises(pdf_drawing.Unclean):
        pdf_drawing._names(data, "content")


@pytest.mark.parametrize(
    "piece", [b"BT 1 w ", b"/Span<</ActualText(x)>>BDC ", b"1 0 0 rg ", b"(x)' ", b"[1 1 1] ", b"q q BT Q Q "]
)
def test_odd_and_usual_content_by_turns_is_read_quickly(
    piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = (b"0 0 1 rg " * 30 + piece) * 300
    made = _rewritten(data, content._SHORT_RUN, monkeypatch)
    assert made.count(b"0 0 1 rg") == 9000
    assert _pieces(_unnumbered(made)) == _pieces(_unnumbered(_rewritten(data, 1 << 30, monkeypatch)))


def test_resources_are_named_anew_in_runs() -> None:
    pdf, resources = _source()
    page = pdf.pages[0]
    page.Resources = resources
    assert isinstance(page.obj, pikepdf.Object)
    with pytest.MonkeyPatch.context() as monkeypatch:
        made = _rewritten(b"/F 9 Tf /X Do /No Do /F 8 Tf " * 9, 0, monkeypatch)
    assert made.count(b" Do") == 9
    assert len(set(re.findall(rb"/[A-Z]\d+", made))) == 2


@pytest.mark.parametrize("framed", [b"%s", b"BT %s ET "])
def test_long_content_is_taken_in_runs_of_a_limited_length(
    framed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = framed % (b"1 0 0 rg 5 w " * 25_000)
    assert 0 < len(runs.run_at(data, 0, marking=True, in_text=False).split()) < 100_000 or framed != b"%s"
    assert _rewritten(data, content._SHORT_RUN, monkeypatch).split() == data.split()
