"""Surveys that come as XLSForm workbooks and go as such."""

import io
import zipfile
from typing import Any

import openpyxl
import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from sekisho.errors import Invalid
from sekisho.standards.pack import Text
from sekisho.voice.definition import Definition, xlsform
from sekisho.voice.models import Survey
from sekisho.voice.services.surveys import read_document
from sekisho.voice.words import KANO, SATISFACTION, SUS_ITEMS

MOST_BYTES = 5_000_000
#: unpacked: what a small file may swell to
MOST_UNPACKED = 50_000_000
MOST_ROWS, MOST_COLUMNS = 5000, 100
_SHEETS = ("survey", "choices", "settings")

_WITH = gettext_lazy("“%(feature)s”: how do you feel if it is so?")
_WITHOUT = gettext_lazy("“%(feature)s”: how do you feel if it is not so?")
_IMPORTANCE = gettext_lazy("How important is it? (1 to 9)")


def read_workbook(data: bytes) -> dict[str, list[list[str]]]:
    """The sheets of a form's workbook as text, without running or computing anything in it.

    Raises:
        Invalid: no Excel workbook, or larger than a form can be.
    """
    refusal = Invalid(_("This is not an Excel workbook (.xlsx) that can be read."), field="file")
    if len(data) > MOST_BYTES:
        raise Invalid(_("A form is at most %(most)d MB.") % {"most": MOST_BYTES // 10**6}, field="file")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise Invalid(_("This workbook is too large to be a form."), field="file")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
    except Invalid:
        raise
    except Exception:  # noqa: BLE001 - the library raises whatever a broken file leads it to
        raise refusal from None
    try:
        return {name: _rows(book, name) for name in book.sheetnames}
    except Exception as error:  # noqa: BLE001 - sheets are read late
        raise (error if isinstance(error, Invalid) else refusal) from None
    finally:
        book.close()


def _rows(book: Any, name: str) -> list[list[str]]:
    if name.strip().lower() not in _SHEETS:
        return []
    found = []
    for number, row in enumerate(
        book[name].iter_rows(max_col=MOST_COLUMNS, max_row=MOST_ROWS + 1, values_only=True)
    ):
        if number >= MOST_ROWS:
            said = _("The sheet “%(sheet)s” has more than %(most)d rows.")
            raise Invalid(said % {"sheet": name, "most": MOST_ROWS}, field="file")
        found.append([_text(cell) for cell in row])
    return found


def _text(cell: Any) -> str:
    """A cell as text: 1.0 as 1, so that codes of choices stay as they look; TRUE as true."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\x00", "")


def read_form(data: bytes) -> xlsform.Form:
    """A form from a workbook, with what of it cannot be taken.

    Raises:
        Invalid: no workbook, no form, or words that no survey can hold; each fault is named.
    """
    try:
        found = xlsform.read(read_workbook(data))
    except xlsform.NotAForm as error:
        raise Invalid(_(error.template) % error.params, field="file") from None
    try:
        document = read_document(found.document)
    except Invalid as error:
        raise Invalid(str(error), field="file") from None
    if not document.questions:
        raise Invalid(_("No question of this form can be taken."), field="file")
    return found


def write_workbook(survey: Survey) -> bytes:
    """The survey's draft as an XLSForm workbook, in both languages."""
    sheets = xlsform.write(Definition.from_document(survey.document), survey.title, words())
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8ECF8"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(rows[0]) - 1, 24)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell:
                        sheet.write_string(number, column, cell, None if number else head)
    return file.getvalue()


def words() -> xlsform.Words:
    """The words around kinds that XLSForm lacks, in both languages."""
    return xlsform.Words(
        satisfaction=[_both(one) for one in SATISFACTION],
        kano=[_both(one) for one in KANO],
        with_it=_both(_WITH),
        without_it=_both(_WITHOUT),
        importance=_both(_IMPORTANCE),
        sus=[_both(one) for one in SUS_ITEMS],
    )


def _both(said: Any) -> Text:
    def in_language(code: str) -> str:
        with override(code):
            return str(said)

    return Text(in_language("ja"), in_language("en"))
