"""Pictures of files for people who compare: drawn behind the walls, verified, never a byte of the file."""

import io

import pytest
from PIL import Image

from sekisho.sanitizer import Refused, sanitize
from sekisho.sanitizer.picturing import picture


def shown(result):
    return Image.open(io.BytesIO(result.png))


def dark(image):
    return sum(image.convert("L").histogram()[:128])


def test_text_is_drawn_page_by_page_in_any_encoding():
    lines = "\n".join(f"{number}行目です" for number in range(70))
    first = picture(lines.encode("cp932"), name="a.txt")
    assert first.pages == 2
    assert dark(shown(first)) > 1000
    assert shown(picture(lines.encode(), name="a.txt", page=2)).format == "PNG"
    with pytest.raises(Refused) as refusal:
        picture(lines.encode(), name="a.txt", page=3)
    assert refusal.value.code == "limit.pages"


def test_what_has_no_shape_is_shown_as_a_mark():
    plain, marked = (picture(text.encode(), name="a.txt") for text in ("ab", "a\u202eb"))
    assert dark(shown(marked)) > dark(shown(plain))


def test_a_photo_and_a_pdf_are_drawn_and_nothing_of_the_file_is_in_the_picture():
    held = io.BytesIO()
    photo = Image.new("RGB", (3000, 200), "navy")
    photo.save(held, "JPEG", comment=b"SECRET-BYTES")
    drawn = picture(held.getvalue(), name="a.jpg")
    assert b"SECRET-BYTES" not in drawn.png
    assert shown(drawn).size == (900, 60)
    pdf = io.BytesIO()
    Image.new("RGB", (300, 400), "black").save(pdf, "PDF", title="SECRET-TITLE")
    page = picture(pdf.getvalue(), name="a.pdf")
    assert page.pages == 1
    assert b"SECRET" not in page.png
    assert dark(shown(page)) > 100_000


@pytest.mark.parametrize(
    "body", [b"", b"%PDF-1.7\nbroken", b"MZ" + b"\0" * 100, b"\x89PNG\r\n\x1a\n" + b"\0" * 20, b"PK\x03\x04"]
)
def test_what_cannot_be_drawn_is_refused(body):
    with pytest.raises(Refused):
        picture(body, name="a.bin")


def test_before_and_after_of_a_page_with_a_script_look_the_same_where_it_matters():
    page = "<h1>会場</h1><script>x()</script>".encode()
    clean = sanitize(page, "inbound", name="a.html")
    before, after = picture(page, name="a.html"), picture(clean.output, name=clean.name)
    assert before.png != after.png
