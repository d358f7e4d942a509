"""The second opinion alone, on files that no writer of ours writes: what only it stands before, when a writer was taken over."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.formats.ooxml.formulas import objection
from sekisho.sanitizer.formats.pdf_parts.truetype import rewritten_truetype
from sekisho.sanitizer.formats.pdf_parts.values import Unreadable
from sekisho.sanitizer.verify import find_complaint
from sekisho.sanitizer.verify.office_text import FieldReader, formula_complaint
from sekisho.sanitizer.verify.pdf_fonts import _require_few_drawn, _truetype

from .attacks.mails import plain, raw
from .attacks.pdf import page_file
from .attacks.pictures import PHOTO, encoded, segment
from .office import document, paragraph
from .passing import clean
from .pdf_fonts import font_file, font_tables

_HIDDEN = b"<script>hidden</script>"


def dislikes(data: bytes, kind: str) -> bool:
    return find_complaint(io.BytesIO(data), kind) is not None


# -- mail -------------------------------------------------------------------------------------------------------------


def of_parts(kind: str, body: str, *, parameters: str = "boundary=b") -> bytes:
    return raw(f"Content-Type: multipart/mixed; {parameters}\r\n\r\n--b\r\n{kind}\r\n\r\n{body}\r\n--b--\r\n")


_FILE = "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; "
_WORDS = "Content-Type: text/plain"


@pytest.mark.parametrize(
    "mail",
    [
        plain().replace(b"text/plain", b'text/plain; name="a.hta"'),
        plain().replace(b"charset=utf-8", b"charset=utf-8; charset=utf-7"),
        plain().replace(b"\r\n\r\n", b"\r\nContent-Disposition: inline\r\n\r\n", 1),
        plain(words="a\u202eb"),
        plain(words="\x9b31m"),
        plain(words="\U000e0041"),
        plain().replace(b"words", b"words\rBcc: a@example.jp", 1),
        plain().replace(b"words", b"=?utf-7?Q?a?=", 1),
        b"From: a@example.jp\nContent-Type: text/html\n\nSubject:<script>x</script>\r\n\r\n<p>x</p>\r\n",
        of_parts(_WORDS, "x", parameters="boundary=b; boundary=c"),
        of_parts(_WORDS, "x", parameters="(boundary=c) boundary=b"),
        of_parts(_WORDS, "x", parameters='type=";boundary="; boundary=b'),
        of_parts(_WORDS, "x\r\n--bb\r\nContent-Type: text/html\r\n\r\n<script>"),
        of_parts(_WORDS, "x\r\n--b--\r\nContent-Type: text/plain\r\n\r\ny"),
        of_parts(f'{_FILE}filename="a."; filename="txt"', "x"),
        of_parts(f'{_FILE}filename*1="a."; filename*0="txt"', "x"),
        of_parts(f'{_FILE}filename="../a.txt"', "x"),
        of_parts(f"{_FILE}filename*=utf-8''a%0d%0a.txt", "x"),
        of_parts(f"{_FILE}filename*=utf-7''a.txt", "x"),
        of_parts(f"{_WORDS}\r\nContent-Transfer-Encoding: base64", "aGk=\r\n<script>"),
        of_parts(f"{_WORDS}\r\nContent-Transfer-Encoding: base64", "aGk=aGk="),
        of_parts(f"{_WORDS}\r\nContent-Transfer-Encoding: quoted-printable", "=ZZ"),
    ],
)
def test_mail_that_two_programs_would_read_in_two_ways_is_not_clean(mail: bytes) -> None:
    assert dislikes(mail, "eml")


def test_mail_in_the_one_spelling_is_clean() -> None:
    assert not dislikes(of_parts(f"{_WORDS}; charset=utf-8", "x"), "eml")
    assert not dislikes(of_parts(f"{_FILE}filename*0*=utf-8''a%E3%81%82; filename*1*=.txt", "x"), "eml")


# -- pictures ---------------------------------------------------------------------------------------------------------


def _behind_signature(data: bytes, *segments: bytes) -> bytes:
    return data[:2] + b"".join(segments) + data[2:]


@pytest.mark.parametrize(
    "added",
    [
        segment(0xDB, bytes(65) + _HIDDEN),
        segment(0xC4, bytes(17) + _HIDDEN),
        segment(0xDD, b"\0\x01" + _HIDDEN),
        segment(0xC0, b"\x08\0\x01\0\x01\x01" + bytes(3)),
        segment(0xDA, b"\x01" + bytes(5) + _HIDDEN),
    ],
)
def test_a_part_of_a_jpeg_that_is_longer_than_it_says_or_there_twice_is_not_clean(added: bytes) -> None:
    made, _result = clean(encoded("JPEG"), "a.jpg")
    assert not dislikes(made, "jpeg")
    assert dislikes(_behind_signature(made, added), "jpeg")


def test_pages_of_a_tiff_may_follow_one_another_and_hide_nothing_between_them() -> None:
    both, _result = clean(encoded("TIFF", save_all=True, append_images=[PHOTO.resize((48, 31))]), "a.tif")
    assert not dislikes(both, "tiff")
    at = both.rindex(both[:4])
    assert at > 0
    assert dislikes(both[: at - 4] + b"hide" + both[at:], "tiff")


# -- archives ---------------------------------------------------------------------------------------------------------


def _zipped(name: str, attributes: int) -> bytes:
    out = io.BytesIO()
    entry = zipfile.ZipInfo(name)
    entry.external_attr = attributes
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(entry, b"words\n")
    return out.getvalue()


@pytest.mark.parametrize("attributes", [0o104644 << 16, 0o100755 << 16, 0x02, 0x04, 0x10])
def test_files_that_may_be_run_or_are_hidden_are_not_clean(attributes: int) -> None:
    assert dislikes(_zipped("a.txt", attributes), "zip")


@pytest.mark.parametrize(
    "name",
    ["\u00a5a.txt", "a.{21EC2020-3AEA-1069-A2DD-08002B30309D}/a.txt", "CONIN$.txt", "a|b.txt", "\u3164.txt"],
)
def test_names_with_a_meaning_of_their_own_are_not_clean(name: str) -> None:
    assert not dislikes(_zipped("a.txt", 0o100644 << 16), "zip")
    assert dislikes(_zipped(name, 0o100644 << 16), "zip")


def test_names_that_some_system_takes_for_one_stay_apart() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("\ufa19.txt", b"words\n")
        package.writestr("\u795e.txt", b"words\n")
    result = sanitize(out.getvalue(), name="a.zip")
    assert dislikes(out.getvalue(), "zip")
    assert zipfile.ZipFile(io.BytesIO(result.output or b"")).namelist() == ["\ufa19.txt", "\u795e (2).txt"]


# -- XML --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        "<?xml version='1.0' encoding='utf-16'?><a>x</a>".encode("utf-16"),
        b"<?xml version='1.0' encoding='iso-8859-1'?><a>\x9b31m</a>",
        b"<?xml version='1.0' encoding='windows-1252'?><a>x</a>",
        b"<a>&#x9b;31m</a>",
        b"<a b='&#x85;'/>",
        b"<a xmlns:l='http://www.w3.org/1999/xlink' l:href='http://a.jp/' l:actuate='onLoad'/>",
    ],
)
def test_xml_in_another_encoding_or_with_controls_is_not_clean(data: bytes) -> None:
    assert not dislikes(b"<?xml version='1.0' encoding='UTF-8'?><a>x</a>", "xml")
    assert dislikes(data, "xml")


# -- fields of Word ---------------------------------------------------------------------------------------------------


def _told(*steps: tuple[str, str]) -> str:
    reader = FieldReader()
    return next(filter(None, (getattr(reader, step)(*words.split("|")) for step, words in steps)), "")


def test_only_fields_that_compute_take_the_result_of_others() -> None:
    def nested(code: str) -> str:
        inner = [("mark", "begin"), ("text", "instrText| REF a"), ("mark", "separate"), ("mark", "end")]
        return _told(("mark", "begin"), ("text", f"instrText|{code}"), *inner, ("mark", "end"))

    assert [nested(code) for code in ("= 1 +", " IF 1 = ")] == ["", ""]
    assert all(nested(code) for code in ("HYPERLINK", 'HYPERLINK \\l "x"', "PAGE", ""))
    assert _told(("mark", "begin"), ("text", "instrText|IF 1"), ("simple", "PAGE"))
    assert _told(("simple", "HYPERLINK"))
    assert not _told(("simple", 'HYPERLINK "https://a.jp/" \\l "b"'))
    for code in ('\\l "a\\" \\o "//127.0.0.1/x "', '"mailto:a@example.jp?attach=x"', '"https://a\u202e/"'):
        assert _told(("simple", f"HYPERLINK {code}"))


@pytest.mark.parametrize(
    "formula", ['HYPERLINK("mailto:a@b?attach=x")', "MAP(A1,IMPORTCSV)", "_xlfn.MAP(A1,TRANSLATE)"]
)
def test_formulas_that_attach_or_load_are_not_clean(formula: str) -> None:
    assert formula_complaint(formula)
    assert objection(formula)


def _changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """A package with one part changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.infolist():
            content = source.read(entry)
            target.writestr(
                zipfile.ZipInfo(entry.filename), change(content) if entry.filename == part else content
            )
    return out.getvalue()


_MACROS = b'<Override PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("[Content_Types].xml", lambda types: types.replace(b"<Override", _MACROS + b"<Override", 1)),
        ("[Content_Types].xml", lambda types: types.replace(b'PartName="/', b'PartName="')),
        ("word/document.xml", lambda words: words.replace(b"UTF-8", b"iso-8859-1")),
        ("word/document.xml", lambda words: words.decode().replace("UTF-8", "UTF-16").encode("utf-16")),
    ],
)
def test_a_package_that_readers_take_for_two_things_is_not_clean(
    part: str, change: Callable[[bytes], bytes]
) -> None:
    made, _result = clean(document(paragraph("words")).build(), "a.docx")
    assert not dislikes(_changed(made, part, lambda content: content), "docx")
    assert dislikes(_changed(made, part, change), "docx")


# -- PDF --------------------------------------------------------------------------------------------------------------


def _composed(levels: int, times: int) -> bytes:
    """A font whose glyphs each draw the one before many times over."""
    tables = font_tables()
    outline = (
        struct.pack(">5h", 1, 0, 0, 9, 9)
        + struct.pack(">HH", 1, 0)
        + b"\x01\x01"
        + struct.pack(">4h", 0, 9, 0, 9)
    )
    glyphs = [outline]
    for level in range(levels):
        parts = [
            struct.pack(">HHbb", 0x22 if time + 1 < times else 0x02, level, 0, 0) for time in range(times)
        ]
        glyphs.append(struct.pack(">5h", -1, 0, 0, 9, 9) + b"".join(parts))
    glyphs = [glyph + bytes(-len(glyph) % 4) for glyph in glyphs]
    places = [sum(map(len, glyphs[:number])) for number in range(len(glyphs) + 1)]
    count = struct.pack(">H", len(glyphs))
    tables |= {
        b"glyf": b"".join(glyphs),
        b"loca": struct.pack(f">{len(places)}I", *places),
        b"maxp": tables[b"maxp"][:4] + count + tables[b"maxp"][6:],
        b"head": tables[b"head"][:50] + b"\0\x01" + tables[b"head"][52:],
    }
    return font_file(tables)


def test_glyphs_that_draw_others_without_end_are_refused_by_both() -> None:
    _truetype(rewritten_truetype(_composed(2, 9)))
    with pytest.raises(Unreadable):
        rewritten_truetype(_composed(6, 9))
    _require_few_drawn({0: [], 1: [0] * 9, 2: [1] * 9})
    for parts in ({glyph: [glyph - 1] * 9 for glyph in range(1, 7)}, {1: [2], 2: [1]}, {1: [1]}):
        with pytest.raises(ValueError, match="parts"):
            _require_few_drawn(parts)


def _page_pictures() -> bytes:
    return clean(page_file(), "a.pdf", "inbound-strict")[0]


def _retold(body: bytes, data: bytes) -> bytes:
    """Changed objects with a table that is true of them; the end as it was in ``data``."""
    places = {int(found[1]): found.start(1) for found in re.finditer(rb"(?<=\n)(\d+) 0 obj\n", body)}
    rows = b"".join(b"%010d 00000 n \n" % places[number] for number in sorted(places))
    trailer = data[data.rindex(b"trailer\n") : data.rindex(b"startxref")]
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    return body + table + rows + trailer + b"startxref\n%d\n%%%%EOF\n" % len(body)


def _objects(data: bytes) -> bytes:
    return data[: data.rindex(b"xref\n0 ")]


def test_a_map_of_letters_in_page_pictures_says_what_ours_says() -> None:
    data = _page_pictures()
    body = _objects(data)
    assert not dislikes(_retold(body, data), "pdf")
    for head in re.finditer(rb"/Length (\d+)>>\nstream\n|/Length (\d+) [^<>]*>>\nstream\n", body):
        length = int(head[1] or head[2])
        packed = body[head.end() : head.end() + length]
        if b"begincmap" in _inflated(packed):
            spoilt = zlib.compress(_inflated(packed) + b"\n" + _HIDDEN)
            told = head[0].replace(b"/Length %d" % length, b"/Length %d" % len(spoilt))
            assert dislikes(_retold(body.replace(head[0] + packed, told + spoilt), data), "pdf")
            return
    raise AssertionError("no map of letters")


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""


@pytest.mark.parametrize(
    ("old", "new"), [(b"/Page ", b"/Page\x0b "), (b"/Count 1", b"/Count 9"), (b"/Type0", b"/Type1")]
)
def test_what_other_readers_read_otherwise_or_miss_is_not_clean(old: bytes, new: bytes) -> None:
    data = _page_pictures()
    assert old in data
    assert dislikes(_retold(_objects(data).replace(old, new), data), "pdf")


def test_a_page_belongs_to_the_tree_that_lists_it() -> None:
    data = _page_pictures()
    body = re.sub(rb"(/Type /Page .*?/Parent )\d+ 0 R", rb"\g<1>1 0 R", _objects(data), flags=re.DOTALL)
    assert body != _objects(data)
    assert dislikes(_retold(body, data), "pdf")
