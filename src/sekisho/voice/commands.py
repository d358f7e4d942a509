"""``sekisho survey``: surveys as files. ``sekisho voice``: prove the counts of surveys."""

import json
import sys
from pathlib import Path
from typing import Any

import click
import yaml
from django.utils.translation import gettext as _

from sekisho.book.models import Project
from sekisho.errors import Invalid, NotFound
from sekisho.people.models import Organisation
from sekisho.people.roles import SYSTEM
from sekisho.voice.models import Survey, Wave
from sekisho.voice.services import tally, xlsforms
from sekisho.voice.services.holders import Holder
from sekisho.voice.services.surveys import make_survey

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def voice() -> None:
    """What users say: surveys and their counts."""


@voice.command()
@click.option("--repair", is_flag=True, help="Count anew where counts differ.")
def verify(repair: bool) -> None:
    """Count every answer again and compare with the counts that pages show."""
    differing = 0
    for wave in Wave.objects.select_related("survey__project", "survey__organisation").order_by("pk"):
        if tally.is_exact(wave):
            continue
        differing += 1
        click.echo(f"DIFFERS {wave.survey.holder.code} {wave.survey.title}: {wave.name} (wave {wave.pk})")
        if repair:
            tally.recount(wave)
    click.echo(f"{differing} waves differ" + (", counted anew" if differing and repair else ""))
    sys.exit(1 if differing and not repair else 0)


@click.group()
def survey() -> None:
    """Surveys as files: XLSForm workbooks (ODK, KoboToolbox), JSON or YAML."""


@survey.command(name="list")
@click.option("--project", metavar="CODE", default="", help="Only the surveys of this book.")
def list_surveys(project: str) -> None:
    """Surveys with the number that export takes, newest first."""
    found = Survey.objects.select_related("project", "organisation")
    for one in found.filter(project__code=project) if project else found:
        click.echo(f"{one.pk}\t{one.holder.code}\t{one.title}")


@survey.command(name="export")
@click.argument("number", type=int)
@click.argument("file", type=_FILE)
def export_survey(number: int, file: Path) -> None:
    """Write the draft of survey NUMBER to FILE: .xlsx is an XLSForm, .json or .yaml its document; - is JSON."""
    found = Survey.objects.filter(pk=number).first()
    if found is None:
        raise NotFound(_("There is no such survey, or you may not see it."))
    said = {"title": found.title, "title_en": found.title_en, **found.document}
    if file == Path("-"):
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
    elif file.suffix == ".xlsx":
        file.write_bytes(xlsforms.write_workbook(found))
    elif file.suffix == ".json":
        file.write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    elif file.suffix in (".yaml", ".yml"):
        file.write_text(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), encoding="utf-8")
    else:
        raise click.BadParameter("name a file that ends with .xlsx, .json or .yaml", param_hint="FILE")


@survey.command(name="import")
@click.argument("file", type=_FILE)
@click.option("--project", metavar="CODE", default="", help="The book that asks.")
@click.option("--organisation", metavar="CODE", default="", help="The organisation that asks its own people.")
@click.option("--title", default="", help="Its title; default: that of the file.")
@click.option("--leave-out", is_flag=True, help="Leave out what a survey cannot hold, instead of refusing.")
def import_survey(file: Path, project: str, organisation: str, title: str, leave_out: bool) -> None:
    """Make a survey of FILE: an XLSForm workbook, or a JSON or YAML document as export writes it."""
    holder = _holder(project, organisation)
    body = sys.stdin.buffer.read() if file == Path("-") else file.read_bytes()
    said = _document(body) if file.suffix in (".json", ".yaml", ".yml") else _form(body, leave_out)
    own, english = (str(said.pop(name, "")) for name in ("title", "title_en"))
    made = make_survey(SYSTEM, holder, title=title or own, title_en=english, document=said)
    click.echo(f"{made.pk}\t{holder.code}\t{made.title}")


def _holder(project: str, organisation: str) -> Holder:
    if bool(project) == bool(organisation):
        raise click.UsageError("name either --project or --organisation")
    found: Holder | None = (
        Project.objects.filter(code=project).first()
        if project
        else Organisation.objects.filter(code=organisation).first()
    )
    if found is None:
        raise NotFound(_("There is no book or organisation of this code."))
    return found


def _document(body: bytes) -> dict[str, Any]:
    try:
        said = yaml.safe_load(body.decode("utf-8-sig"))  # JSON is YAML
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError):
        said = None
    if not isinstance(said, dict):
        raise Invalid(_("This file holds no survey: it is neither JSON nor YAML with names and values."))
    return said


def _form(body: bytes, leave_out: bool) -> dict[str, Any]:
    form = xlsforms.read_form(body)
    for one in form.left_out:
        where = " ".join(str(part) for part in (one.sheet, one.row or "", one.column) if part)
        click.echo(f"{where}: {one.value} {_(one.template) % one.params}", err=True)
    if form.left_out and not leave_out:
        raise Invalid(
            _("This form asks for more than a survey can hold. Import it with --leave-out to do without.")
        )
    return {"title": form.title, **form.document}
