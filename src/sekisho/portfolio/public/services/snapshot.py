"""Keeping the snapshot that public pages read: entries, the change feed, files, the number of the edition."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from sekisho.people.models import Installation, Organisation
from sekisho.portfolio.public import files
from sekisho.portfolio.public.facts import facts_of
from sekisho.portfolio.public.models import Edition, PublicationDecision, PublicEntry, PublicEvent, PublicFile
from sekisho.portfolio.public.publication import Document, differing, digest, document_of, rules_at
from sekisho.portfolio.public.queries import rules_for, standing

BATCH = 200


def mark(project_ids: Collection[int]) -> None:
    """Follower of books: their entries are to be taken anew. Inside the transaction of the change."""
    ids = list(project_ids)
    for start in range(0, len(ids), 1000):
        PublicEntry.objects.filter(project__in=ids[start : start + 1000], stale=False).update(stale=True)


def locked_edition() -> Edition:
    """The row of the edition, locked: one at a time changes what is public."""
    Edition.objects.get_or_create(pk=1, defaults={"at": timezone.now()})
    return Edition.objects.select_for_update().get(pk=1)


def bring_up_to_date() -> int:
    """Let what is due take effect and take stale entries anew; how many of them say something else now."""
    if not _is_due():
        return 0
    changed = 0
    with transaction.atomic():
        edition = locked_edition()
        _let_take_effect(edition)
    while (moved := _retake_some()) is not None:
        changed += moved
    _make_files()
    return changed


def rebuild() -> int:
    """Take every entry anew; how many of them say something else now."""
    with transaction.atomic():
        edition = locked_edition()
        _mark_all()
        edition.files_due = True
        edition.save()
    return bring_up_to_date()


def _free() -> QuerySet[PublicEntry]:
    """Entries that no act is marking right now, locked: waiting for them while holding others could end in a circle.
    What an act holds it leaves stale, for the next time."""
    skip = connection.features.has_select_for_update_skip_locked
    return PublicEntry.objects.select_for_update(skip_locked=skip)


def _mark_all() -> None:
    keys = list(_free().filter(stale=False).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), 1000):
        PublicEntry.objects.filter(pk__in=keys[start : start + 1000]).update(stale=True)


def _is_due() -> bool:
    due = PublicationDecision.objects.filter(
        applied_at=None, taken_back_at=None, takes_effect_at__lte=timezone.now()
    )
    return (
        due.exists()
        or PublicEntry.objects.filter(stale=True).exists()
        or not Edition.objects.filter(files_due=False).exists()
    )


def _let_take_effect(edition: Edition) -> None:
    """Mark what the decisions that are due reach. What they mean is read from the rules, never from here."""
    now = timezone.now()
    due = PublicationDecision.objects.filter(applied_at=None, taken_back_at=None, takes_effect_at__lte=now)
    reached = list(due.order_by("pk").values_list("project_id", "project__code"))
    due.update(applied_at=now)
    books = {key: code for key, code in reached if key is not None}
    known = set(PublicEntry.objects.filter(project__in=books).values_list("project_id", flat=True))
    PublicEntry.objects.bulk_create(
        PublicEntry(project_id=key, code=code, changed_at=now)
        for key, code in books.items()
        if key not in known
    )
    mark(books)
    if len(books) < len({key for key, _code in reached}):
        _mark_all()
    edition.fields = sorted(rules_at(standing(project=None), now).fields)
    edition.files_due = True
    edition.save()


@transaction.atomic
def _retake_some() -> int | None:
    """Take a batch of stale entries anew; None when there was none."""
    edition = locked_edition()
    stale = list(_free().filter(stale=True).order_by("pk")[:BATCH])
    if not stale:
        return None
    moved = sum(_retake(entry, document) for entry, document in _documents(stale))
    if moved:
        edition.number, edition.at, edition.files_due = edition.number + 1, timezone.now(), True
        edition.save()
    return moved


def _documents(entries: Collection[PublicEntry]) -> Iterator[tuple[PublicEntry, Document | None]]:
    """What each service's entry is to say; None where the service is not public."""
    ids = [entry.project_id for entry in entries]
    rules = rules_for(ids)
    facts = {one.code: one for one in facts_of(ids)}
    for entry in entries:
        shown = rules.of(entry.project_id)
        yield entry, None if shown is None else document_of(facts[entry.code], shown)


def _retake(entry: PublicEntry, document: Document | None) -> bool:
    """Let an entry say this; whether it said something else before."""
    kind, before = _kind_of_change(entry, document), entry.document
    entry.stale = False
    if kind:
        _say(entry, document)
        if kind == PublicEvent.Kind.WITHDRAWN:
            entry.events.all().delete()
        fields = differing(before, document or {}) if kind == PublicEvent.Kind.CHANGED else []
        PublicEvent.objects.create(entry=entry, kind=kind, fields=fields, at=entry.changed_at)
    entry.save()
    return bool(kind)


def _kind_of_change(entry: PublicEntry, document: Document | None) -> str:
    if document is None:
        return PublicEvent.Kind.WITHDRAWN if entry.shown else ""
    if not entry.shown:
        return PublicEvent.Kind.ADDED
    return PublicEvent.Kind.CHANGED if document != entry.document else ""


def _say(entry: PublicEntry, document: Document | None) -> None:
    now = timezone.now()
    entry.shown, entry.changed_at = document is not None, now
    entry.published_at = (entry.published_at or now) if document else None
    entry.document = document or {}
    name = (document or {}).get("name", {})
    entry.name, entry.name_en = name.get("ja", ""), name.get("en", "")
    entry.phase = (document or {}).get("phase", "")
    entry.sha256 = digest(document) if document else ""


@transaction.atomic
def _make_files() -> None:
    """Write the files of the open data anew where their content moved."""
    edition = locked_edition()
    if not edition.files_due:
        return
    now = timezone.now()
    edition.publisher = publisher()
    kept = {row.name: row for row in PublicFile.objects.select_for_update()}
    dates: dict[str, Any] = {name: row.changed_at for name, row in kept.items()}
    wanted = set()
    moved = False
    for name, body in files.build(edition, dates, now):
        wanted.add(name)
        if _keep(kept.get(name), name, body, now):
            dates[name], moved = now, True  # the catalogue, which comes last, tells when each was changed
    moved |= bool(PublicFile.objects.exclude(name__in=wanted).delete()[0])
    edition.files_due = False
    if moved:
        edition.number, edition.at = edition.number + 1, now
    edition.save()


def _keep(row: PublicFile | None, name: str, body: bytes, now: Any) -> bool:
    sha = files.sha256(body)
    if row and row.sha256 == sha:
        return False
    row = row or PublicFile(name=name)
    row.body, row.sha256, row.changed_at = body, sha, now
    row.save()
    return True


def publisher() -> dict[str, str]:
    """Who publishes: the installation by its top organisation's names."""
    installation = Installation.objects.first()
    top = Organisation.objects.filter(parent=None).order_by("pk").first()
    japanese = installation.name if installation else top.name if top else ""
    return {"ja": japanese, "en": (top.name_en if top else "") or japanese}


@dataclass(frozen=True)
class Wrong:
    """An entry that says something else than it should."""

    code: str
    fields: list[str]


def verify() -> Iterator[Wrong]:
    """Work out every entry from the books and the rules again, and compare; also that none is missing."""
    bring_up_to_date()
    last = 0
    while batch := list(PublicEntry.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = batch[-1].pk
        for entry, document in _documents(batch):
            if (document or {}) != entry.document or (document is not None) != entry.shown:
                yield Wrong(entry.code, differing(entry.document, document or {}))
    known = set(PublicEntry.objects.values_list("project_id", flat=True))
    public = rules_at(standing(), timezone.now()).services
    for decision in PublicationDecision.objects.filter(project__in=public - known).select_related("project"):
        yield Wrong(decision.project.code if decision.project else "", ["id"])
