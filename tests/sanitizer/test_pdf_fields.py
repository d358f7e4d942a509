"""Fields of forms whose values nobody has drawn: they show as they were filled in, in Japanese too."""

from typing import Any

import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from sekisho.sanitizer import sanitize

from .attacks.pdf import page_file
from .passing import clean, codes
from .test_pdf import PIXEL, REBUILT

_FIELD = (20, 40, 200, 60)
_COMBO, _LINES, _CELLS, _PUSHED = 1 << 17, 1 << 12, 1 << 24, 1 << 16
_RARE = "髙﨑𠮷①㈱"


def form(*fields: dict[str, Any], asks: bool = True, looks: bytes | None = None) -> bytes:
    """A page with these fields; ``looks``: the appearance that each brings."""

    def mend(pdf: Pdf, page: Any) -> None:
        made = []
        for entries in fields:
            usual: dict[str, Any] = {
                "Type": Name.Annot, "Subtype": Name.Widget, "FT": Name.Tx, "T": String("a"), "F": 4,
                "Rect": Array(_FIELD), "DA": String("/F 12 Tf 0 g"),
            }  # fmt: skip
            field = pdf.make_indirect(Dictionary(**(usual | entries)))
            if looks is not None:
                look = Stream(pdf, looks, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 180, 20])
                field.AP = Dictionary(N=pdf.make_indirect(look))
            made.append(field)
        page.Annots = Array(made)
        pdf.Root.AcroForm = Dictionary(
            Fields=Array(made), NeedAppearances=asks, DA=String("/F 12 Tf 0 g"), DR=page.Resources
        )

    return page_file(mend)


def _shown(output: bytes) -> Any:
    return pypdfium2.PdfDocument(output)[0]


def _said(output: bytes) -> str:
    return str(_shown(output).get_textpage().get_text_range())


def _dark_in(output: bytes, box: tuple[int, int, int, int] = _FIELD) -> tuple[int, int, int, int] | None:
    """The box of what is drawn in a part of the page, in its units from there, from above."""
    left, bottom, right, top = box
    part = _shown(output).render(scale=1).to_pil().convert("L").crop((left, 200 - top, right, 200 - bottom))
    found: tuple[int, int, int, int] | None = part.point(
        [255 * (value < 128) for value in range(256)]
    ).getbbox()
    return found


@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("value", ["Taro Yamada", "山田太郎", "Zoë Müller", _RARE])
def test_what_was_filled_into_fields_without_an_appearance_shows(value: str, asks: bool) -> None:
    output, result = clean(form({"V": String(value)}, asks=asks), "a.pdf")
    assert value in _said(output)
    assert _dark_in(output)
    assert result.method == "rebuilt"
    assert "pdf.fields_drawn" in codes(result)


def test_a_picture_shows_the_rarer_letters_of_names_too() -> None:
    output, _result = clean(form({"V": String(_RARE)}), "a.pdf", PIXEL)
    assert _RARE in _said(output)
    box = _dark_in(output)
    assert box is not None
    assert box[2] - box[0] > 50


def test_an_appearance_older_than_the_value_is_drawn_anew() -> None:
    look = b"1 0 0 rg 0 0 180 20 re f"
    output, _result = clean(form({"V": String("新しい値")}, looks=look), "a.pdf", REBUILT)
    assert "新しい値" in _said(output)
    red, green, _blue = _shown(output).render(scale=1).to_pil().convert("RGB").getpixel((195, 158))
    assert (red, green) == (255, 255)


def test_an_appearance_that_nobody_asks_to_draw_anew_stays() -> None:
    look = b"0 g 0 0 180 20 re f"
    output, result = clean(form({"V": String("新しい値")}, asks=False, looks=look), "a.pdf", REBUILT)
    assert _dark_in(output) == (0, 0, 180, 20)
    assert "新しい値" not in _said(output)
    assert "pdf.fields_drawn" not in codes(result)


def test_the_frame_of_a_field_stays_around_its_words() -> None:
    frame = Dictionary(BC=Array([0, 0, 0]), BG=Array([1, 1, 0]))
    output, _result = clean(form({"V": String("申請者"), "MK": frame}), "a.pdf", REBUILT)
    assert _dark_in(output) == (0, 0, 180, 20)
    picture = _shown(output).render(scale=1).to_pil().convert("RGB")
    assert picture.getpixel((190, 150)) == (255, 255, 0)
    assert "申請者" in _said(output)


@pytest.mark.parametrize(("align", "left", "right"), [(0, 0, 60), (1, 60, 120), (2, 120, 180)])
def test_words_stand_where_the_field_says(align: int, left: int, right: int) -> None:
    output, _result = clean(form({"V": String("東京都"), "Q": align}), "a.pdf", REBUILT)
    box = _dark_in(output)
    assert box is not None
    assert left <= box[0] < box[2] <= right


def test_lines_are_broken_where_they_end_and_where_they_are_full() -> None:
    said = "一行目\r\n" + "長い文なので折り返します。" * 2
    field = {"V": String(said), "Ff": _LINES, "Rect": Array([20, 10, 200, 80])}
    output, _result = clean(form(field), "a.pdf", REBUILT)
    lines = [line for line in _said(output).splitlines() if line and "一行目" not in line]
    assert "".join(lines).endswith("折り返します。長い文なので折り返します。")
    assert len(lines) > 1
    assert "一行目\r\n" in _said(output)


def test_a_size_that_nobody_chose_fits_the_field() -> None:
    small = {"V": String("とても長い名前の会社のとても長い住所"), "DA": String("/F 0 Tf 0 g")}
    output, _result = clean(form(small), "a.pdf", REBUILT)
    box = _dark_in(output)
    assert box is not None
    assert 100 < box[2] <= 180
    assert "長い住所" in _said(output)


def test_cells_hold_a_letter_each() -> None:
    output, _result = clean(
        form({"V": String("東京"), "Ff": _CELLS, "MaxLen": 6}), "a.pdf", REBUILT
    )  # cells of 30
    boxes = [_dark_in(output, (20 + 30 * at, 40, 50 + 30 * at, 60)) for at in range(6)]
    assert [box is not None for box in boxes] == [True, True, False, False, False, False]
    assert all(8 <= box[0] < box[2] <= 22 for box in boxes if box)


def test_a_list_to_be_opened_shows_what_its_value_stands_for() -> None:
    choices = Array([Array([String("13"), String("東京都")]), Array([String("27"), String("大阪府")])])
    output, _result = clean(
        form({"FT": Name.Ch, "Ff": _COMBO, "Opt": choices, "V": String("27")}), "a.pdf", REBUILT
    )
    assert "大阪府" in _said(output)
    assert "東京都" not in _said(output)


def test_a_list_shows_its_choices_and_marks_the_chosen() -> None:
    field = {"FT": Name.Ch, "Opt": Array([String("東京都"), String("大阪府")]), "V": String("大阪府"),
             "Rect": Array([20, 20, 200, 60])}  # fmt: skip
    output, _result = clean(form(field), "a.pdf", REBUILT)
    assert "東京都" in _said(output)
    assert "大阪府" in _said(output)
    picture = _shown(output).render(scale=1).to_pil().convert("RGB")
    assert picture.getpixel((150, 147)) == (255, 255, 255)
    assert picture.getpixel((150, 162)) == (153, 193, 218)


def test_a_button_shows_its_caption() -> None:
    output, _result = clean(
        form({"FT": Name.Btn, "Ff": _PUSHED, "MK": Dictionary(CA=String("印刷する"))}), "a.pdf", REBUILT
    )
    assert "印刷する" in _said(output)


def test_marks_that_stand_apart_come_back_to_their_letters() -> None:
    output, _result = clean(form({"V": String("か\u3099っこう\ufe0f")}), "a.pdf", REBUILT)
    assert "がっこう" in _said(output)


def test_letters_of_names_are_not_exchanged_for_newer_ones() -> None:
    output, _result = clean(form({"V": String("\ufa19田")}), "a.pdf", REBUILT)
    assert "\ufa19田" in _said(output)


def test_a_letter_that_no_font_here_has_is_seen_to_be_missing() -> None:
    output, result = clean(form({"V": String("了解です😀")}), "a.pdf", REBUILT)
    assert "了解です😀" in _said(output)
    assert "pdf.letters_replaced" in codes(result)
    box = _dark_in(output)
    assert box is not None
    assert box[2] > 52


def test_words_in_a_script_that_no_font_here_has_are_told_of() -> None:
    data = form({"V": String("ภาษาไทย")})
    _output, result = clean(data, "a.pdf")
    assert result.method == "pixel"
    assert "pdf.letters_missing" in codes(result)
    assert sanitize(data, REBUILT, name="a.pdf").report.refusal == "pdf.letters_missing"
