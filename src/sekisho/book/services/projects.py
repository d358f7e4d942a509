"""Acts on a project itself: open a book, change it, set its tier, name people."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import IntegerField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import ExternalId, Membership, Phase, PhaseEntry, Project, Tier
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import Act, changed, choice, expect, filled, fitting, plain, read_again
from sekisho.book.services.rollup import refresh
from sekisho.errors import Invalid, NotPermitted, StaleWrite
from sekisho.people.models import Organisation, User
from sekisho.people.permissions import actor_of
from sekisho.values import half_width

#: fields people may set through pages and API
EDITABLE = (
    "name",
    "name_en",
    "summary",
    "purpose",
    "owner",
    "for_citizens",
    "for_businesses",
    "for_staff",
    "personal_data",
    "information_class",
    "network_zone",
    "development_form",
    "start_year",
    "end_year",
)

#: words that stand where a code would in an address
RESERVED_CODES = frozenset({"new", "total", "views", "export"})


def is_no_address(code: str) -> bool:
    """Whether a book of this code could not be opened: the word is another page, or dots that browsers resolve."""
    return code.lower() in RESERVED_CODES or not code.strip(".")


def create_project(user: Any, *, code: str, name: str, owner: Organisation, **fields: Any) -> Project:
    """Open a book in its first phase, with its plan gate open.

    Raises:
        Invalid: a value cannot be accepted; the field is named.
        NotPermitted: the person may not open books for this organisation.
    """
    actor = actor_of(user)
    if not actor.may("create", path=owner.path):
        raise NotPermitted(_("Your role does not allow you to open a book for this organisation."))
    _refuse_closed(owner)
    values = _checked({"name": name, **fields})
    try:
        with transaction.atomic():
            project = Project.objects.create(code=checked_code(code), owner=owner, **values)
    except IntegrityError:
        raise Invalid(_("There is already a book with this code. Choose another."), field="code") from None
    with transaction.atomic():
        act = Act(actor, project)
        act.write(
            "project.created",
            {"code": project.code},
            after={"name": project.name, "owner": owner.name, **plain(fields)},
        )
        _begin(act)
        if actor.user_id and actor.may("answer", path=owner.path):
            Membership.objects.get_or_create(project=project, user_id=actor.user_id, part="lead")
        refresh(project)
    return project


def _begin(act: Act) -> None:
    from sekisho.book.services.gates import open_phase_gate

    PhaseEntry.objects.create(
        project=act.project, phase=Phase.PLAN, entered_by_id=act.actor.user_id, entered_at=timezone.now()
    )
    open_phase_gate(act, Phase.PLAN)


def checked_code(code: str) -> str:
    """A code of a new book, in half-width signs. Raises ``Invalid``: it cannot be one, or a book has it."""
    text = half_width(filled(code, "code"))
    if len(text) > 64 or any(not (c.isalnum() or c in "-_.") for c in text):
        raise Invalid(
            _("Use letters, digits, hyphen, underscore and full stop only, 64 at most."), field="code"
        )
    if is_no_address(text):
        raise Invalid(_("This word is an address of Sekisho itself. Choose another code."), field="code")
    if Project.objects.filter(code__iexact=text).exists():
        raise Invalid(_("There is already a book with this code. Choose another."), field="code")
    return text


def _checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Values with their types and choices checked. Every problem is reported at once, by field."""
    problems: dict[str, Any] = {}
    values = {}
    for name, value in fields.items():
        try:
            values[name] = _checked_field(name, value)
        except Invalid as problem:
            problems[name] = problem.message
    if values.get("start_year") and values.get("end_year") and values["end_year"] < values["start_year"]:
        problems["end_year"] = _("The last fiscal year lies before the first.")
    if problems:
        raise Invalid(next(iter(problems.values())), fields=problems)
    return values


def _checked_field(name: str, value: Any) -> Any:
    if name not in EDITABLE:
        raise Invalid(_("There is no such field to set."), field=name)
    field: Any = Project._meta.get_field(name)  # EDITABLE names columns only
    if name == "name":
        value = filled(value, name)
    if name == "owner":
        return value
    if isinstance(value, str):
        value = value.replace("\x00", "").strip()
        if field.max_length and len(value) > field.max_length:
            limit = {"limit": field.max_length, "length": len(value)}
            raise Invalid(_("At most %(limit)d characters fit here; this is %(length)d.") % limit, field=name)
    if field.choices and value not in dict(field.flatchoices):
        allowed = ", ".join(str(key) for key in dict(field.flatchoices))
        raise Invalid(
            _("“%(value)s” is not one of: %(allowed)s") % {"value": value, "allowed": allowed}, field=name
        )
    if (
        isinstance(field, IntegerField)
        and name.endswith("_year")
        and value is not None
        and not 1900 <= value <= 2200
    ):
        raise Invalid(_("Enter a year such as 2026."), field=name)
    return value


def update_project(
    user: Any, project: Project, values: Mapping[str, Any], *, expected_version: int | None = None
) -> Project:
    """Change fields of a book; only what differs is recorded. Returns the fresh project.

    Raises:
        StaleWrite: someone saved since ``expected_version``; both versions are in the error.
    """
    with acting_on(user, project) as act:
        act.require("edit")
        current = {name: getattr(act.project, name) for name in values if name in EDITABLE}
        if expected_version is not None and act.project.version != expected_version:
            raise StaleWrite(
                _("Someone else changed this book in the meantime. Compare both versions and save again."),
                current=plain({**current, "version": act.project.version}),
                yours=plain(values),
            )
        clean = _checked(values)
        _check_move(act, clean.get("owner"))
        before, after = changed(current, clean)
        if not after:
            return act.project
        for name, value in after.items():
            setattr(act.project, name, value)
        act.project.version += 1
        act.project.save(update_fields=[*after, "version"])
        act.write("project.updated", {"fields": list(after)}, before=before, after=after)
        refresh(act.project)
    return project


def _refuse_closed(owner: Organisation) -> None:
    if owner.closed_on and owner.closed_on <= timezone.localdate():
        raise Invalid(_("This organisation is closed. Choose an open one."), field="owner")


def _check_move(act: Act, owner: Organisation | None) -> None:
    if owner is None or owner == act.project.owner:
        return
    _refuse_closed(owner)
    if not act.actor.may("create", path=owner.path):
        raise NotPermitted(_("Your role does not allow you to move a book to this organisation."))


def set_tier(user: Any, project: Project, tier: str, reason: str) -> Project:
    """Set the tier by hand, with a reason. An empty reason with the computed tier goes back to computing."""
    with acting_on(user, project) as act:
        act.require("set_tier")
        tier = choice(tier, Tier, "tier")
        computed = tier == act.project.computed_tier and not reason.strip()
        text = (
            "" if computed else filled(reason, "reason", _("Say why the tier differs from the computed one."))
        )
        before = {"tier": act.project.tier, "reason": act.project.tier_reason}
        act.project.tier, act.project.tier_reason = tier, text
        act.project.version += 1
        act.project.save(update_fields=["tier", "tier_reason", "version"])
        act.write(
            "tier.set", {"tier": tier, "reason": text}, before=before, after={"tier": tier, "reason": text}
        )
    return project


def add_member(user: Any, project: Project, person: User, part: str, note: str = "") -> Membership:
    """Name a person on the book."""
    with acting_on(user, project) as act:
        act.require("edit")
        part = choice(part, Membership.Part, "part")
        membership, created = Membership.objects.get_or_create(
            project=act.project, user=person, part=part, defaults={"note": fitting(note, 200, "note")}
        )
        if created:
            act.write("member.added", {"person": str(person), "part": part, "user_id": person.pk})
    return membership


def change_member(
    user: Any, membership: Membership, *, expected_version: int | None = None, **parts: Any
) -> Membership:
    """Change the part somebody plays, or the note about it; ``parts`` may hold ``part`` and ``note``.

    Raises:
        Invalid: they are named in this part already. StaleWrite: saved by someone else since.
    """
    with acting_on(user, membership.project) as act:
        act.require("edit")
        read_again(membership)
        said = {"part": membership.part, "note": membership.note}
        expect(membership, expected_version, said, parts, _("Someone else changed this in the meantime."))
        wanted = {**said, **parts}
        choice(wanted["part"], Membership.Part, "part")
        wanted["note"] = fitting(wanted["note"], 200, "note")
        twin = Membership.objects.filter(project=act.project, user=membership.user, part=wanted["part"])
        if twin.exclude(pk=membership.pk).exists():
            raise Invalid(_("This person is already named in this part."), field="part")
        before, after = changed(said, wanted)
        if after:
            membership.part, membership.note = wanted["part"], wanted["note"]
            membership.version += 1
            membership.save(update_fields=["part", "note", "version"])
            params = {"person": str(membership.user), "part": membership.part, "user_id": membership.user_id}
            act.write("member.changed", params, before=before, after=after)
    return membership


def remove_member(user: Any, membership: Membership, *, expected_version: int | None = None) -> None:
    """Take a person off the book. What they did stays in the ledger."""
    with acting_on(user, membership.project) as act:
        act.require("edit")
        read_again(membership)
        expect(membership, expected_version, {}, {}, _("Someone else changed this in the meantime."))
        params = {"person": str(membership.user), "part": membership.part, "user_id": membership.user_id}
        membership.delete()
        act.write("member.removed", params)


def add_external_id(project: Project, scheme: str, value: str, year: int | None = None) -> ExternalId:
    """Note the project's identity in another system."""
    identity, _created = ExternalId.objects.update_or_create(
        scheme=scheme, value=value, defaults={"project": project, "last_year": year}
    )
    return identity


__all__ = [
    "EDITABLE",
    "add_external_id",
    "add_member",
    "change_member",
    "create_project",
    "remove_member",
    "set_tier",
    "update_project",
]
