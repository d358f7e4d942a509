"""A report as tagged PDF, set by Typst. Everything arrives as data: nothing people wrote is ever read as a template."""

from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from sekisho.errors import Invalid
from sekisho.portfolio.documents import Document
from sekisho.portfolio.pictures import drawing
from sekisho.portfolio.rendering.words import in_words
from sekisho.typesetting import TypesettingError, typeset

#: the name of the template of all kinds
ALL = "report"
SHIPPED = Path(__file__).parent.parent / "reports" / "report.typ"


def pdf_of(document: Document, kind: str) -> bytes:
    """PDF/UA-1 where every letter can be drawn; tagged PDF otherwise, as one emoji in a name must not cost the report.

    Raises:
        Invalid: the office's own template cannot be read; the words name line and reason.
    """
    words = in_words(document, drawing)
    for section in words["sections"]:
        for block in section["blocks"]:
            block.pop("chart", None)
    file = template(kind)
    try:
        return typeset(file, words)
    except TypesettingError as problem:
        said = {"file": file.name, "line": problem.line, "reason": str(problem)}
        if problem.line is None:
            raise Invalid(_("The report cannot be made from %(file)s: %(reason)s") % said) from None
        raise Invalid(
            _("The report cannot be made from %(file)s, line %(line)s: %(reason)s") % said
        ) from None


def template(kind: str) -> Path:
    """The office's own template of this kind of report, else its own for all, else the one shipped."""
    return next((file for name in (kind, ALL) if (file := own_template(name)).is_file()), SHIPPED)


def own_template(name: str) -> Path:
    """Where an office's own template of a kind lies, or of ``ALL``."""
    return Path(settings.MEDIA_ROOT).parent / "reports" / f"{name}.typ"
