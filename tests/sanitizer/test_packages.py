"""Packages of Office files: parts read from their place in the archive, and the archive that is written."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml import word
from sekisho.sanitizer.formats.ooxml.kinds import FAMILIES
from sekisho.sanitizer.formats.ooxml.parts import Part
from sekisho.sanitizer.formats.ooxml.target import Target
from sekisho.sanitizer.results import Refused
from sekisho.sanitizer.verify import zips
from tests.sanitizer.office import OFFICE, SPACES, document, paragraph
from tests.sanitizer.passing import clean

WORDS = {
    "word/document.xml": b"<a>" + bytes(random.Random(1).choices(b"abc ", k=90_000)) + b"</a>",
    "word/styles.xml": b"<b/>",
    "word/empty.xml": b"",
}


def _written() -> bytes:
    out = io.BytesIO()
    target = Target(out)
    for name, data in WORDS.items():
        target.write(name, data)
    target.write("word/media/image1.png", b"pixels", packed=True)
    with target.open("xl/worksheets/sheet1.xml") as stream:
        for _row in range(20_000):
            stream.write(b"<row/>")
    target.write("last.xml", b"<c/>")
    target.close()
    return out.getvalue()


def test_every_reader_of_archives_finds_in_the_new_one_what_was_written():
    data = _written()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for name, content in WORDS.items():
            assert archive.read(name) == content
        assert archive.read("xl/worksheets/sheet1.xml") == b"<row/>" * 20_000
        assert archive.getinfo("word/media/image1.png").compress_type == zipfile.ZIP_STORED
    members = zips.members(data)
    assert [member.name for member in members] == zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert {member.name: member.data for member in members}["word/document.xml"] == WORDS["word/document.xml"]


def test_equal_content_makes_equal_bytes():
    assert _written() == _written()


def _with(data: bytes, name: bytes, change: Callable[[list[int]], None]) -> bytes:
    """The sum, packed size and size of a member told otherwise, in both headers."""
    changed = bytearray(data)
    for magic, place, behind in ((b"PK\x03\x04", 14, 30), (b"PK\x01\x02", 16, 46)):
        at = changed.index(magic)
        while changed[at + behind : at + behind + len(name)] != name:
            at = changed.index(magic, at + 1)
        told = list(struct.unpack_from("<3I", changed, at + place))
        change(told)
        struct.pack_into("<3I", changed, at + place, *told)
    return bytes(changed)


def _other_sum(told: list[int]) -> None:
    told[0] ^= 1


def _smaller(told: list[int]) -> None:
    told[2] -= 10


def _larger(told: list[int]) -> None:
    told[2] += 10


def _refusal(package: bytes) -> str:
    """Why a Word file may not be rebuilt, ``""`` when it may."""
    job = Job(io.BytesIO(package), io.BytesIO(), TYPES["docx"], "a.docx", Policy.named("inbound"), "rebuilt")
    try:
        word.rebuild(job)
    except Refused as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize("change", [_other_sum, _smaller, _larger])
def test_a_part_that_is_not_what_its_headers_tell_is_refused(change):
    package = document(paragraph("words")).build()
    assert _refusal(package) == ""
    assert _refusal(_with(package, b"word/document.xml", change)) == "input.broken"


def test_a_cut_off_part_is_refused():
    package = document(paragraph("words")).build()
    deflated = zlib.compressobj(9, zlib.DEFLATED, -15)
    cut = (deflated.compress(b"<w:document/>" * 9) + deflated.flush())[:9]
    at = package.index(b"word/document.xml") + len(b"word/document.xml")
    assert _refusal(package[:at] + cut + package[at + 9 :]) == "input.broken"


def test_what_parts_expand_to_is_counted_over_all_of_them():
    policy = Policy.named("inbound")
    small = replace(policy, limits=replace(policy.limits, total_bytes=100_000))
    package = document(paragraph("words " * 9_000))
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
    package.add("word/header1.xml", f"<w:hdr {SPACES}>{paragraph('words ' * 9_000)}</w:hdr>", kind)
    assert sanitize(package.build(), small, name="a.docx").is_clean
    package.link("header", "word/header1.xml")
    assert sanitize(package.build(), small, name="a.docx").report.refusal == "limit.total_bytes"


def test_usual_names_of_relations_stay_and_others_become_usual():
    package = document(
        "".join(
            f'<w:p><w:hyperlink r:id="{id}"><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>'
            for id in ("rId7", "R1f", "rId1", "rId99999999", "twice")
        )
    )
    for id in ("rId7", "R1f", "rId1", "rId99999999"):
        package.relate("word/document.xml", "hyperlink", f"https://example.jp/{id}", external=True, id=id)
    package.relate("word/document.xml", "hyperlink", "https://example.jp/rId7", external=True, id="twice")
    output, _result = clean(package.build(), "a.docx")
    with zipfile.ZipFile(io.BytesIO(output)) as archive:
        text = archive.read("word/document.xml").decode()
        relations = archive.read("word/_rels/document.xml.rels").decode()
    used = [piece.partition('"')[0] for piece in text.split('r:id="')[1:]]
    assert used[0] == used[4] == "rId7"
    assert len(set(used)) == 4
    for id, old in zip(used, ("rId7", "R1f", "rId1", "rId99999999"), strict=False):
        assert f'Id="{id}" Type="{OFFICE}/hyperlink" Target="https://example.jp/{old}"' in relations


def test_branches_and_hollow_frames_are_settled_in_parts_of_two_byte_letters_too():
    frame = (
        "<w:drawing><wp:inline><wp:extent cx='1' cy='1'/><a:graphic><a:graphicData uri='urn:gone'><a:gone/></a:graphicData>"
        "</a:graphic></wp:inline></w:drawing>"
    )
    body = (
        f"<w:p><w:r><mc:AlternateContent><mc:Choice Requires='w14'><w:t>chosen</w:t></mc:Choice><mc:Fallback><w:t>kept</w:t>"
        f"</mc:Fallback></mc:AlternateContent>{frame}</w:r></w:p>"
    )
    told = f"<?xml version='1.0' encoding='{{}}'?><w:document {SPACES} xmlns:w14='urn:w14'><w:body>{body}</w:body></w:document>"
    outputs = []
    for encoding in ("utf-8", "utf-16"):
        package = document("")
        package.parts[0] = ("word/document.xml", told.format(encoding).encode(encoding))
        output, _result = clean(package.build(), "a.docx")
        outputs.append(zipfile.ZipFile(io.BytesIO(output)).read("word/document.xml").decode())
    assert outputs[0] == outputs[1]
    assert "kept" in outputs[0]
    assert "chosen" not in outputs[0]
    assert "drawing" not in outputs[0]


def test_many_links_of_a_sheet_have_an_id_each_and_the_same_link_has_one():
    part = Part(FAMILIES["sheet"][1], "xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml")
    ids = [
        part.relate("link", f"https://example.jp/{number % 20_000}", external=True, wanted="rId1")
        for number in range(40_000)
    ]
    assert len(set(ids)) == len(part.relations) == 20_000
    assert ids[:20_000] == ids[20_000:]
