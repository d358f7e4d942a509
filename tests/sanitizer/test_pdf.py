"""PDF written anew, by objects and by pictures of its pages."""

import io
import re
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from sekisho.sanitizer import Policy, sanitize, verify
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats import pdf_pixel, pdf_source
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.verify import find_complaint

from .attacks.pdf import ATTACKS, MARKER, VISIBLE, Attack, page_file
from .passing import clean, codes
from .pdf_samples import sample


def everything_in(data: bytes) -> bytes:
    """The file with every deflated stream opened beside it."""
    opened = [data]
    for match in re.finditer(rb"stream\r?\n", data):
        try:
            opened.append(zlib.decompressobj().decompress(data[match.end() :]))
        except zlib.error:
            continue
    return b"\n".join(opened)


def text_of(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "".join(page.get_textpage().get_text_range() for page in document)


PIXEL = Policy.from_dict({"name": "pictures", "methods": {"pdf": "pixel"}})
REBUILT = Policy.from_dict({"name": "objects", "methods": {"pdf": "rebuilt"}})


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=lambda policy: policy.name)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_nothing_of_an_attack_is_left_and_the_words_are(attack: Attack, policy: Policy) -> None:
    output, _result = clean(attack.build(), "a.pdf", policy)
    opened = everything_in(output)
    for marker in (MARKER.encode(), MARKER.encode("utf-16-be"), MARKER.encode().hex().encode()):
        assert marker not in opened
    assert VISIBLE in text_of(output)


def test_there_are_many_attacks() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) > 110


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=lambda policy: policy.name)
def test_it_keeps_sizes_rotation_bookmarks_labels_and_safe_links(policy: Policy) -> None:
    def mend(pdf: Pdf, page: pikepdf.Page) -> None:
        pdf.add_blank_page(page_size=(595, 842))
        page.Rotate = 90
        web = Dictionary(S=Name.URI, URI=String("https://www.example.lg.jp/%E8%A8%88"))
        page.Annots = Array(
            [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([1, 2, 30, 40]), A=web)]
        )
        pdf.Root.PageLabels = Dictionary(Nums=Array([0, Dictionary(S=Name.r)]))
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("第1章", 1))

    output, _result = clean(page_file(mend), "計画.pdf", policy)
    made = pikepdf.open(io.BytesIO(output))
    assert [[float(side) for side in page.MediaBox[2:]] for page in made.pages] == [[300, 200], [595, 842]]
    assert int(made.pages[0].Rotate) == 90
    assert [page.label for page in made.pages] == ["i", "ii"]
    assert str(made.pages[0].Annots[0].A.URI).startswith("https://www.example.lg.jp/%")
    with made.open_outline() as outline:
        assert [item.title for item in outline.root] == ["第1章"]


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=lambda policy: policy.name)
@pytest.mark.parametrize(
    ("view", "top"),
    [
        (["/XYZ", 10, 120, 0], 120), (["/XYZ", None, 120, None], 120), (["/XYZ", 10, None, 0], None),
        (["/FitH", 120], 120), (["/FitBH", 120], 120), (["/FitR", 1, 2, 30, 120], 120), (["/Fit"], None),
        (["/FitV", 120], None), (["/XYZ", 0, 10**9, 0], None),
    ],
)  # fmt: skip
def test_links_and_bookmarks_lead_to_the_place_on_the_page(
    view: list[Any], top: int | None, policy: Policy
) -> None:
    def mend(pdf: Pdf, page: pikepdf.Page) -> None:
        pdf.add_blank_page()
        target = Array([pdf.pages[1].obj, Name(view[0]), *view[1:]])
        pdf.Root.Names = Dictionary(Dests=Dictionary(Names=Array([String("place"), target])))
        page.Annots = Array(
            [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([1, 2, 30, 40]), Dest=String("place"))]
        )
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("第1章", destination=target))

    output, _result = clean(page_file(mend), "a.pdf", policy)
    made = pikepdf.open(io.BytesIO(output))
    for target in (made.pages[0].Annots[0].Dest, made.Root.Outlines.First.Dest):
        assert target[0] == made.pages[1].obj
        assert list(target)[1:] == ([Name.Fit] if top is None else [Name.XYZ, None, top, None])


def test_the_boxes_a_printer_cuts_by_stay() -> None:
    boxes = {
        "/CropBox": [5, 5, 295, 195],
        "/BleedBox": [10, 10, 290, 190],
        "/TrimBox": [20, 20, 280, 180],
        "/ArtBox": [30, 30, 270, 170],
    }

    def mend(pdf: Pdf, page: pikepdf.Page) -> None:
        for key, sides in boxes.items():
            page[key] = Array(sides)

    output, _result = clean(page_file(mend), "a.pdf", REBUILT)
    made = pikepdf.open(io.BytesIO(output))
    page = made.pages[0]
    assert {key: [int(side) for side in page.obj[key]] for key in boxes} == boxes


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=lambda policy: policy.name)
def test_a_plan_larger_than_a_page_may_be_keeps_its_size(policy: Policy) -> None:
    def mend(pdf: Pdf, page: pikepdf.Page) -> None:
        page.UserUnit = 2

    output, _result = clean(page_file(mend), "図面.pdf", policy)
    made = pikepdf.open(io.BytesIO(output))
    page = made.pages[0]
    assert float(page.UserUnit) == 2
    assert [float(side) for side in page.MediaBox[2:]] == [300, 200]
    for picture in page.Resources.get("/XObject", Dictionary()).values():
        assert picture.Width == round(300 * 2 * PIXEL.dpi / 72)


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=lambda policy: policy.name)
def test_the_words_stand_where_they_stood(policy: Policy) -> None:
    source = page_file()
    output, _result = clean(source, "a.pdf", policy)
    places = []
    for data in (source, output):
        page = pypdfium2.PdfDocument(data)[0].get_textpage()
        places.append(page.get_charbox(0))
    assert places[0][0] == pytest.approx(places[1][0], abs=4)
    assert places[0][1] == pytest.approx(places[1][1], abs=8)


@pytest.mark.filterwarnings("ignore:Encryption R=5")
@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=lambda policy: policy.name)
@pytest.mark.parametrize("revision", [3, 4, 5, 6])
def test_it_opens_encrypted_files_with_the_password_only(revision: int, policy: Policy) -> None:
    said = "秘密" if revision > 4 else "ab"
    kept = pikepdf.Encryption(user=said, owner="cd", R=revision, aes=revision > 3, metadata=revision > 3)
    locked = page_file(encryption=kept)
    for password in (said, "cd"):
        assert VISIBLE in text_of(clean(locked, "a.pdf", policy, password=password)[0])
    assert sanitize(locked, policy, name="a.pdf").report.refusal == "input.encrypted"
    assert sanitize(locked, policy, name="a.pdf", password="x").report.refusal == "input.wrong_password"


def test_it_refuses_what_is_cut_off_and_what_has_too_many_pages() -> None:
    assert sanitize(b"%PDF-1.7\n" + b"x" * 200, name="a.pdf").report.refusal == "input.broken"
    few = Policy.from_dict({"name": "s", "methods": {"pdf": "pixel"}, "limits": {"pages": 1}})
    data = page_file(lambda pdf, page: pdf.add_blank_page())
    assert sanitize(data, few, name="a.pdf").report.refusal == "limit.pages"


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=lambda policy: policy.name)
def test_no_page_is_lost_where_the_tree_counts_too_few(policy: Policy) -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        for words in ("second", "third"):
            pdf.add_blank_page()
            pdf.pages[-1].Contents = Stream(pdf, b"BT /F 14 Tf 20 100 Td (%s) Tj ET" % words.encode())
        pdf.Root.Pages.MediaBox, pdf.Root.Pages.Resources = page.MediaBox, page.Resources
        for one in pdf.pages:
            del one.MediaBox
            del one.Resources

    data = page_file(mend, qdf=True)
    assert data.count(b"/Count 3") == 1
    output, result = clean(data.replace(b"/Count 3", b"/Count 1"), "a.pdf", policy)
    assert text_of(output).replace(" ", "") == VISIBLE.replace(" ", "") + "secondthird"
    assert [list(map(int, page.MediaBox)) for page in pikepdf.open(io.BytesIO(output)).pages] == [
        [0, 0, 300, 200]
    ] * 3
    assert "pdf.pages_mended" in codes(result)
    assert sanitize(data.replace(b"/Count 3", b"/Count 4"), policy, name="a.pdf").status == "refused"


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=lambda policy: policy.name)
def test_a_clean_file_goes_through_again(policy: Policy) -> None:
    output, _result = clean(page_file(), "a.pdf", policy)
    again, result = clean(output, "a.pdf", policy)
    assert VISIBLE in text_of(again)
    assert codes(result) == set()


def test_pages_of_a_large_file_that_are_gone_by_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    opened = pdf_source.opened

    def watched(job: Job) -> pypdfium2.PdfDocument:
        held.append(len(job.output.getvalue()))  # type: ignore[attr-defined]
        return opened(job)

    monkeypatch.setattr(pdf_source, "_LARGE", 0)
    monkeypatch.setattr(pdf_source, "opened", watched)
    monkeypatch.setattr(pdf_pixel, "_PAGES_AT_A_TIME", 2)
    with Pdf.open(io.BytesIO(page_file())) as pdf:
        pdf.pages.extend([pdf.pages[0]] * 4)
        pdf.save(source := io.BytesIO())
    job = Job(source, io.BytesIO(), TYPES["pdf"], "a.pdf", PIXEL, "pixel")
    pdf_pixel.rebuild(job)
    assert len(held) == 3
    assert held == sorted(set(held))
    job.output.seek(0)
    assert text_of(job.output.read()).count(VISIBLE) == 5


def test_the_reader_looks_at_a_large_file_where_it_lies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    output, _result = clean(page_file(), "a.pdf", PIXEL)
    monkeypatch.setattr(verify, "_LARGE", 0)
    monkeypatch.setattr(verify, "_read", None)
    for data, is_clean in ((output, True), (output + b"PK", False), (output[:-200], False)):
        (tmp_path / "a.pdf").write_bytes(data)
        with (tmp_path / "a.pdf").open("rb") as file:
            assert (find_complaint(file, "pdf") is None) == is_clean


@pytest.mark.parametrize("attack", ATTACKS[::9], ids=lambda attack: attack.name)
def test_the_reader_dislikes_the_originals(attack: Attack) -> None:
    complaint = find_complaint(io.BytesIO(attack.build()), "pdf")
    assert complaint is not None
    assert complaint.code == "pdf.structure"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"/Type /Catalog", b"/OpenAction <</S /JavaScript>> /Type /Catalog"),
        (b"%%EOF\n", b"%%EOF\nPK"),
        (b"%PDF-1.7", b"%PDF-1.4"),
        (b"/Type /Page ", b"/Type /Page /AA <<>> "),
        (b"endobj\nxref", b"endobj\n99 0 obj\n<<>>\nendobj\nxref"),
    ],
)
def test_the_reader_finds_what_was_slipped_into_a_clean_file(old: bytes, new: bytes) -> None:
    output, _result = clean(page_file(), "a.pdf")
    assert old in output
    assert find_complaint(io.BytesIO(output), "pdf") is None
    assert find_complaint(io.BytesIO(output.replace(old, new)), "pdf") is not None


def test_numbers_as_objects_of_their_own_are_no_obstacle() -> None:
    def mend(pdf: Pdf, page: pikepdf.Page) -> None:
        page.UserUnit = pdf.make_indirect(1)

    output, _result = clean(page_file(mend), "a.pdf")
    assert VISIBLE in text_of(output)


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=lambda policy: policy.name)
def test_pages_without_a_word_come_out(policy: Policy) -> None:
    """What scanners make: pictures alone."""
    scanned = io.BytesIO()
    Image.new("L", (60, 80), 200).save(
        scanned, "PDF", save_all=True, append_images=[Image.new("RGB", (60, 80))]
    )
    output, _result = clean(scanned.getvalue(), "a.pdf", policy)
    assert len(pypdfium2.PdfDocument(output)) == 2


@pytest.mark.parametrize("policy", [REBUILT, PIXEL], ids=lambda policy: policy.name)
def test_a_password_that_a_file_does_not_need_does_not_close_it(policy: Policy) -> None:
    """One password is given for all files of a delivery; this one only asks for another to be changed."""
    locked = page_file(encryption=pikepdf.Encryption(owner="owner", user=""))
    output, _result = clean(locked, "a.pdf", policy, password="another")
    assert VISIBLE in text_of(output)


def test_a_hidden_note_stays_hidden_and_cleaning_again_changes_nothing() -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        note = Dictionary(
            Type=Name.Annot, Subtype=Name.Text, Rect=Array([10, 10, 60, 60]), Contents=String("済"), F=2
        )
        page.Annots = Array([pdf.make_indirect(note)])

    output, _result = clean(page_file(mend), "a.pdf", REBUILT)
    again, result = clean(output, "a.pdf", REBUILT)
    for data in (output, again):
        made = pikepdf.open(io.BytesIO(data))
        note = made.pages[0].Annots[0]
        assert (str(note.Contents), int(note.F)) == ("済", 32)
    assert codes(result) <= {"pdf.comment"}


@pytest.mark.parametrize("policy", ["rebuilt", "pixel"])
@pytest.mark.parametrize("stays", [True, False])
def test_comments_are_on_the_page_only_where_the_policy_keeps_them(policy: str, stays: bool) -> None:
    def mend(pdf: Pdf, page: Any) -> None:
        red = Stream(
            pdf, b"1 0 0 rg 0 0 50 50 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 50, 50])
        )
        stamp = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Stamp,
            Rect=Array([10, 10, 60, 60]),
            Contents=String("見解"),
            AP=Dictionary(N=red),
        )
        page.Annots = Array([pdf.make_indirect(stamp)])

    chosen = Policy.from_dict({"name": "a", "methods": {"pdf": policy}, "keep": {"comments": stays}})
    output, result = clean(page_file(mend), "a.pdf", chosen)
    drawn = pypdfium2.PdfDocument(output)[0].render(scale=1).to_pil().convert("RGB")
    assert (drawn.getpixel((30, 170))[0] > drawn.getpixel((30, 170))[1] + 100) is stays
    assert ("pdf.comment_lost" in codes(result)) is not stays
    told = "pdf.comment" if policy == "rebuilt" else "pdf.comment_pictured"
    assert (told in codes(result)) is stays


def test_japanese_without_an_embedded_font_is_drawn_where_the_machine_has_no_fonts() -> None:
    program = (
        "from sekisho.sanitizer.isolation import zygote\n"
        "zygote.FONT_FOLDERS = ()\n"
        "from sekisho.sanitizer.formats.drawing_fonts import use_shipped_fonts\n"
        "import sys, pypdfium2\n"
        "use_shipped_fonts()\n"
        "page = pypdfium2.PdfDocument(sys.stdin.buffer.read())[0]\n"
        "print(sum(page.render(scale=1).to_pil().convert('L').crop((180, 115, 220, 190)).histogram()[:128]))\n"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], input=sample("vertical"), capture_output=True, check=True
    )
    assert int(made.stdout) > 50


@pytest.mark.parametrize(
    "before",
    [
        b"HTTP/1.1 200 OK\r\nDate: Mon, 01 Apr 2024 00:00:00 GMT\r\nContent-Type: application/pdf\r\n\r\n",
        b"--part-1\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\n",
        b"\x00\x05\x80\xff\x1e" * 25,  # a header of a file system of old
        b"junk bytes\n",
        b"\r\n\r\n",
    ],
)
@pytest.mark.parametrize("policy", ["inbound", "inbound-strict"])
def test_what_stands_before_a_pdf_stays_behind(before: bytes, policy: str) -> None:
    output, result = clean(before + page_file(), "a.pdf", policy)
    assert output.startswith(b"%PDF-")
    assert before not in output
    assert text_of(output) == text_of(page_file())
    assert "pdf.prefix" in codes(result)


@pytest.mark.parametrize(
    "before",
    [
        b"<html><script>alert(1)</script>\n",
        b"x=1;/*\n",
        b"x:alert(1)/*\n\n",
        b"#!/bin/sh\n\xff\x00",
        b"GIF89a/*\xff\xff",
        b"HTTP/1.1 200 OK\r\nX: <script>alert(1)</script>\r\n\r\n",
        b"words " * 200,  # past the kilobyte that readers look at
    ],
)
def test_what_another_program_could_run_does_not_pass_before_a_pdf(before: bytes) -> None:
    result = sanitize(before + page_file(), name="a.pdf")
    assert result.status == "refused"
    assert result.report.refusal in {"type.ambiguous", "input.broken", "type.dangerous", "type.name_lies"}
