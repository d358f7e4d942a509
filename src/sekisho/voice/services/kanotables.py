"""Evaluation tables that an office brings in for its Kano questions: published studies differ."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from sekisho.analysis.kano import shipped_tables
from sekisho.analysis.kano.tables import read_table_file
from sekisho.analysis.problems import AnalysisProblem
from sekisho.book.services.common import filled, fitting
from sekisho.book.services.files import clean_name
from sekisho.errors import Conflict, Invalid
from sekisho.voice.models import KanoTable, Survey
from sekisho.voice.services.holders import acting_for

MOST_BYTES = 64 * 1024
MOST_TABLES = 20


def add_table(
    user: Any, survey: Survey, upload: UploadedFile, *, name: str = "", source: str = ""
) -> KanoTable:
    """Take an evaluation table from a YAML or CSV file (see ``sekisho analyse kano --table``) for all waves of a survey.

    Raises:
        NotPermitted. Conflict: too many tables. Invalid: the file holds no table (its fault is named by row and column), or a
            table of this name is there already.
    """
    with acting_for(user, survey) as act:
        act.require("edit")
        if survey.kano_tables.count() >= MOST_TABLES:
            raise Conflict(_("A survey has at most %(most)d evaluation tables.") % {"most": MOST_TABLES})
        table = _read(upload)
        title = name.strip() or table.title or table.name
        taken = {one.title for one in shipped_tables().values()} | {
            one.name for one in survey.kano_tables.all()
        }
        if title in taken:
            raise Invalid(_("There is a table of this name already. Choose another name."), field="name")
        made = KanoTable.objects.create(
            survey=survey,
            name=fitting(filled(title, "name"), 100, "name"),
            source=fitting(source.strip() or table.source, 500, "source"),
            rows=list(table.rows),
            added_by_id=act.person_id,
            added_at=act.now,
        )
        act.write("survey.table_added", {"title": survey.title, "table": made.name, "survey_id": survey.pk})
    return made


def _read(upload: UploadedFile) -> Any:
    if (upload.size or 0) > MOST_BYTES:
        raise Invalid(
            _("An evaluation table is five rows of five letters; this file is far larger."), field="file"
        )
    body = upload.read()
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp932", "replace")
    try:
        return read_table_file(text, clean_name(upload.name or ""))
    except AnalysisProblem as problem:
        said = _(problem.template) % problem.params
        raise Invalid(
            f"{said} {_(problem.mend_template) % problem.mend_params}".strip(), field="file"
        ) from None


def remove_table(user: Any, table: KanoTable) -> None:
    """Take a table away; waves are judged by the others."""
    with acting_for(user, table.survey) as act:
        act.require("edit")
        told = {"title": table.survey.title, "table": table.name, "survey_id": table.survey_id}
        table.delete()
        act.write("survey.table_removed", told)
