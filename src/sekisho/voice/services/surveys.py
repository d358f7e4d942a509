"""Acts on a survey: made from the library, changed, asked in waves, closed."""

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml
from django.db.models import Max
from django.utils.translation import gettext as _

from sekisho.book.models import Project
from sekisho.book.services.common import Act, choice, expect, filled, fitting, read_again
from sekisho.errors import Conflict, Invalid
from sekisho.people.models import Organisation
from sekisho.voice.definition import Definition, DefinitionError
from sekisho.voice.definition.document import MAX_CHOICES
from sekisho.voice.models import Invitation, Survey, Wave
from sekisho.voice.services.holders import Holder, OrganisationAct, acting_for

LIBRARY = Path(__file__).parents[1] / "library"
MOST_LINKS = 100_000


@cache
def library() -> Mapping[str, Mapping[str, Any]]:
    """The ready surveys by name: documents with a ``title``."""
    return {
        file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(LIBRARY.glob("*.yaml"))
    }


def make_survey(
    user: Any, holder: Holder, *, title: str, title_en: str = "", ready: str = "", document: Any = None
) -> Survey:
    """Make a survey of a book or of an organisation: of a document, as a copy of a ready one (its name in ``library``), or
    empty.

    Raises:
        Invalid: no title, an unknown ready survey, or faults of the document.
    """
    with acting_for(user, holder) as act:
        act.require("edit")
        if ready and ready not in library():
            raise Invalid(_("There is no such ready survey."), field="ready")
        survey = Survey.objects.create(
            project=holder if isinstance(holder, Project) else None,
            organisation=holder if isinstance(holder, Organisation) else None,
            title=fitting(filled(title, "title"), 200, "title"),
            title_en=fitting(title_en, 200, "title_en"),
            document=_first_document(holder, ready, document),
            created_by_id=act.actor.user_id,
        )
        act.write("survey.made", {"title": survey.title, "survey_id": survey.pk})
    return survey


def _first_document(holder: Holder, ready: str, document: Any) -> dict[str, Any]:
    if document is not None:
        return read_document(document).to_document()
    return ready_document(ready, holder) if ready else {"sections": [{"questions": []}]}


def ready_document(name: str, holder: Holder) -> dict[str, Any]:
    """The questions of a ready survey for its holder, as a whole document."""
    body = deepcopy({key: value for key, value in library()[name].items() if key != "title"})
    for section in body["sections"]:
        section["questions"] = [one for one in section["questions"] if _fits(one, holder)]
    return Definition.from_document(body).to_document()


def _fits(question: dict[str, Any], holder: Holder) -> bool:
    """Fill in the choices that a ready survey leaves to the parts of its organisation; False where it has none."""
    if question.get("choices") != "parts":
        return True
    if isinstance(holder, Project):
        return False
    parts = holder.children.filter(closed_on__isnull=True).order_by("code")[:MAX_CHOICES]
    question["choices"] = [
        {"code": f"o{part.pk}", "title": {"ja": part.name, "en": part.name_en}} for part in parts
    ]
    return len(parts) > 1


def change_survey(
    user: Any,
    survey: Survey,
    document: Any,
    *,
    title: str | None = None,
    title_en: str | None = None,
    expected_version: int | None = None,
) -> Survey:
    """Change the draft. Waves that were opened keep the questions they began with.

    Raises:
        Invalid: the document has faults; they are named. StaleWrite: saved by someone else since.
    """
    with acting_for(user, survey) as act:
        act.require("edit")
        read_again(survey)
        said = {"document": survey.document}
        expect(
            survey,
            expected_version,
            said,
            {"document": document},
            _("Someone else changed this survey in the meantime."),
        )
        survey.document = read_document(document).to_document()
        if title is not None:
            survey.title = fitting(filled(title, "title"), 200, "title")
        if title_en is not None:
            survey.title_en = fitting(title_en, 200, "title_en")
        survey.version += 1
        survey.save()
    return survey


def read_document(document: Any) -> Definition:
    """A definition from plain values.

    Raises:
        Invalid: naming each fault by its place.
    """
    try:
        return Definition.from_document(document)
    except DefinitionError as error:
        said = [f"{fault.place}: {_(fault.template) % fault.params}" for fault in error.faults[:20]]
        raise Invalid("\n".join(said), field="document") from None


def open_wave(
    user: Any,
    survey: Survey,
    *,
    name: str,
    access: str = Wave.Access.LINK,
    anonymous: bool = True,
    threshold: int = 5,
    invited: int | None = None,
    closes_on: dt.date | None = None,
) -> Wave:
    """Begin asking: the questions as they stand now are frozen, and the address works at once.

    Raises:
        Invalid: no question yet, or a value that cannot be.
    """
    with acting_for(user, survey) as act:
        act.require("edit")
        read_again(survey)
        found = read_document(survey.document)
        if not found.questions:
            raise Invalid(_("Add a question first."), field="name")
        if not anonymous and access != Wave.Access.STAFF:
            raise Invalid(_("Only people who sign in can answer with their name."), field="anonymous")
        if not 1 <= threshold <= 100:
            raise Invalid(_("Enter a number from 1 to %(most)d.") % {"most": 100}, field="threshold")
        if closes_on is not None and closes_on < act.today:
            raise Invalid(_("The date has already passed. Choose today or a later day."), field="closes_on")
        last = survey.waves.aggregate(n=Max("number"))["n"] or 0
        wave = Wave.objects.create(
            survey=survey,
            number=last + 1,
            name=fitting(filled(name, "name"), 200, "name"),
            document=found.to_document(),
            token=secrets.token_urlsafe(12),
            access=choice(access, Wave.Access, "access"),
            anonymous=anonymous,
            threshold=threshold,
            invited=invited,
            secret=secrets.token_bytes(32),
            opened_at=act.now,
            closes_on=closes_on,
        )
        _write(act, "survey.opened", wave)
    return wave


def make_links(user: Any, wave: Wave, count: int) -> list[str]:
    """New one-time codes of a wave. Only their digests are kept: hand the codes out, they are shown once.

    Raises:
        Invalid: too many at once. Conflict: the wave takes no one-time links, or is closed.
    """
    with acting_for(user, wave.survey) as act:
        act.require("edit")
        read_again(wave)
        if wave.access != Wave.Access.ONCE or wave.closed_at:
            raise Conflict(_("This wave takes no one-time links."), code="no_links")
        if not 1 <= count <= MOST_LINKS - wave.invitations.count():
            raise Invalid(_("Enter a number from 1 to %(most)d.") % {"most": MOST_LINKS}, field="count")
        codes = [secrets.token_urlsafe(9) for _number in range(count)]
        Invitation.objects.bulk_create(
            [Invitation(wave=wave, digest=digest_of(wave, code)) for code in codes], batch_size=1000
        )
    return codes


def digest_of(wave: Wave, what: str) -> str:
    """A keyed digest within one wave: without its secret it leads nowhere."""
    return hmac.new(bytes(wave.secret), what.encode(), hashlib.sha256).hexdigest()


def close_wave(user: Any, wave: Wave) -> Wave:
    """Stop asking. The secret that kept people from answering twice is erased."""
    with acting_for(user, wave.survey) as act:
        act.require("edit")
        read_again(wave)
        if wave.closed_at is None:
            wave.closed_at, wave.secret = act.now, b""
            wave.save(update_fields=["closed_at", "secret"])
            _write(act, "survey.closed", wave, answers=wave.responses.count())
    return wave


def _write(act: Act | OrganisationAct, name: str, wave: Wave, **more: Any) -> None:
    said = {"title": wave.survey.title, "wave": wave.name, "survey_id": wave.survey_id}
    act.write(name, {**said, **more})


def place_query(place: str) -> str:
    """The query that tells where a QR code hangs."""
    return urlencode({"p": place})
