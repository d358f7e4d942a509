"""A server fetches the packages of the other one: it checks signature, number and predecessor, each file once more, and delivers.

What cannot be taken is refused and shown; a number that is not there is shown as missing, while those behind it are
delivered. Refused and missing packages keep nobody else waiting.
"""

import datetime as dt
import io
from collections.abc import Set
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, cast
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.errors import Conflict, NotPermitted
from sekisho.gateway import packages
from sekisho.gateway.chunks import CHUNK
from sekisho.gateway.models import Arrival, Route, Transfer, TransferFile
from sekisho.gateway.packages import Package, PackageError
from sekisho.gateway.services import outside, sides, vault
from sekisho.gateway.services.cleaning import holders, tell_offered
from sekisho.gateway.services.records import record
from sekisho.people.models import Organisation, User
from sekisho.people.permissions import actor_of
from sekisho.people.roles import SYSTEM
from sekisho.people.services import notify_many
from sekisho.sanitizer.inspection import verify_file

#: how long a package may be growing before its end counts as missing
PATIENCE = dt.timedelta(minutes=10)
Reason = Arrival.Reason


class Refusal(Exception):
    """This package is not delivered."""

    def __init__(self, reason: str, detail: str = "", package: Package | None = None) -> None:
        self.reason, self.detail, self.package = reason, detail, package
        super().__init__(reason)


@dataclass(frozen=True)
class Found:
    """A file of the spool: its name, and what tells this content of it from another."""

    name: str
    seen: str
    changed_at: dt.datetime


def fetch() -> dict[str, int]:
    """Look through the spool once. Returns how many were ``delivered``, ``refused`` and are newly ``missing``.

    Raises:
        StoreAway: the spool cannot be reached.
    """
    counts = {"delivered": 0, "refused": 0, "missing": 0}
    known = set(Arrival.objects.order_by().values_list("name", "seen"))
    unfinished: set[int | None] = set()
    for found in _lying():
        if (found.name, found.seen) in known:
            continue
        if state := _take(found):
            counts[state] += 1
        else:
            unfinished.add(packages.number_in(found.name))
    counts["missing"] = _note_missing(unfinished)
    return counts


def _lying() -> list[Found]:
    storage = sides.reading_spool()
    try:
        with vault.reached():
            _folders, names = storage.listdir("")
    except FileNotFoundError:
        return []
    found = []
    for name in sorted(names):
        if packages.number_in(name) is None:
            continue
        with suppress(FileNotFoundError), vault.reached():  # taken away while we look
            changed = storage.get_modified_time(name)
            found.append(Found(name, f"{storage.size(name)}:{changed.timestamp()}", changed))
    return found


def _take(found: Found) -> str:
    """Deliver one package, or note why not. Empty when it is still being written."""
    try:
        with sides.reading_spool().open(found.name) as stream:
            package = Package(cast(BinaryIO, stream), sides.checking_key())
            try:
                _deliver(found, package)
            except (
                KeyError,
                TypeError,
                ValueError,
                AttributeError,
            ) as problem:  # signed, but not as we know it
                raise Refusal(Reason.UNREADABLE, repr(problem), package) from problem
    except FileNotFoundError:
        return ""
    except PackageError as problem:
        if problem.code == Reason.INCOMPLETE and timezone.now() - found.changed_at < PATIENCE:
            return ""
        _refuse(found, Refusal(problem.code))
        return "refused"
    except Refusal as refusal:
        _refuse(found, refusal)
        return "refused"
    return "delivered"


def _deliver(found: Found, package: Package) -> None:
    _require_place(found, package)
    told = package.manifest["transfer"]
    route, people = _known(told, package)
    folders: list[UUID] = []
    try:
        for said, pieces in zip(package.manifest["files"], package.read(), strict=True):
            folders.append(uuid4())
            _keep_clean(folders[-1], said, pieces, package)
        with transaction.atomic():
            transfer = _transfer(route, people, told, package.manifest["files"], folders)
            Arrival.objects.filter(number=package.number, state=Arrival.State.MISSING).delete()
            Arrival.objects.create(
                name=found.name,
                seen=found.seen,
                number=package.number,
                digest=package.digest,
                state=Arrival.State.DELIVERED,
                at=timezone.now(),
                transfer=transfer,
            )
            more = {"package": package.number, "digest": package.digest, "count": len(folders)}
            record(SYSTEM, route.organisation_id, "package.delivered", {"number": transfer.pk, **more})
            tell_offered(transfer)
    except IntegrityError:  # another worker delivered it at the same moment
        _forget(folders)
        raise Refusal(Reason.REPEATED, package=package) from None
    except BaseException:
        _forget(folders)
        raise


def _forget(folders: list[UUID]) -> None:
    for folder in folders:
        vault.destroy(folder)


def _require_place(found: Found, package: Package) -> None:
    """The package bears the number of its file, was not there before, and follows the one before it."""
    if Arrival.objects.filter(number=package.number, state=Arrival.State.DELIVERED).exists():
        raise Refusal(Reason.REPEATED, package=package)
    if packages.number_in(found.name) != package.number:
        raise Refusal(Reason.MISPLACED, f"{package.number}", package)
    before = _digest(package.number - 1) if package.number > 1 else packages.BEGINNING
    if before and before != package.previous:
        raise Refusal(Reason.BROKEN, package=package)


def _digest(number: int) -> str:
    """The digest of a delivered package; empty where none is."""
    rows = Arrival.objects.filter(number=number, state=Arrival.State.DELIVERED)
    return rows.values_list("digest", flat=True).first() or ""


def _known(told: dict[str, Any], package: Package) -> tuple[Route, dict[str, Any]]:
    """The route, the sender and the receiver as this server has them."""
    route = Route.objects.select_related("organisation").filter(code=str(told["route"])).first()
    if route is None:
        raise Refusal(Reason.ROUTE, str(told["route"]), package)
    sender = User.objects.filter(username=str(told["sender"])).first()
    if sender is None:
        raise Refusal(Reason.PERSON, str(told["sender"])[:200], package)
    columns: dict[str, Any] = {"receiver": None, "project": None, "box": None}
    kind = str(told["receiver_kind"])
    if kind in ("self", "person"):
        columns["receiver"] = _one(User, "username", told["receiver"], package)
    elif kind == "book":
        columns["project"] = _one(Project, "code", told["book"], package)
    elif kind == "outside":
        if not route.allows_outside:
            raise Refusal(Reason.ROUTE, route.code, package)
        columns["outside"] = outside.address_of(str(told["outside"]))
    else:
        columns["box"] = _one(Organisation, "code", told["box"], package)
    return route, {"sender": sender, "receiver_kind": kind, **columns}


def _one(model: Any, field: str, value: Any, package: Package) -> Any:
    found = model.objects.filter(**{field: str(value)}).first()
    if found is None or not getattr(found, "is_active", True):
        raise Refusal(Reason.PERSON, str(value)[:200], package)
    return found


def _keep_clean(folder: UUID, said: dict[str, Any], pieces: Any, package: Package) -> None:
    """Put a content into the vault, then read it from there for the second check: what was checked is what is kept."""
    copy = vault.Writing(folder)
    for piece in pieces:
        copy.write(piece)
    copy.close()
    stored = io.BufferedReader(vault.Reading(vault.parts(folder, copy.count)))
    complaint = verify_file(stored, name=str(said["name"]))
    if complaint is not None:
        raise Refusal(Reason.UNCLEAN, f"{said['name']}: {complaint}"[:300], package)


def _transfer(
    route: Route,
    people: dict[str, Any],
    told: dict[str, Any],
    files: list[dict[str, Any]],
    folders: list[UUID],
) -> Transfer:
    now = timezone.now()
    transfer = Transfer.objects.create(
        route=route,
        **people,
        purpose=str(told["purpose"])[:500],
        state=Transfer.State.OFFERED,
        policy=str(told["policy"])[:300],
        policy_digest=str(told["policy_digest"])[:64],
        route_version=route.version,
        turn=str(people["sender"].pk),
        download_limit=route.download_limit,
        expiry_days=route.expiry_days,
        hold_days=route.hold_days,
        created_at=now,
        sent_at=now,
        offered_at=now,
        expires_at=now + dt.timedelta(days=route.expiry_days),
    )
    TransferFile.objects.bulk_create(
        TransferFile(
            transfer=transfer,
            name=str(said["source"]["name"])[:300],
            size=int(said["source"]["size"]),
            sha256=str(said["source"]["sha256"])[:64],
            chunk_size=CHUNK,
            state=TransferFile.State.CLEAN,
            clean_folder=folder,
            clean_name=str(said["name"])[:300],
            clean_size=int(said["size"]),
            clean_sha256=str(said["sha256"]),
            method=str(said["method"])[:12],
            removed=[_line(line) for line in said["removed"]],
            removed_total=int(said["removed_total"]),
            personal_warnings=int(said["personal_warnings"]),
            report=dict(said["report"]),
            checked_at=now,
            original_destroyed_at=now,  # the original stays on the server that sent it, for the days its route says
        )
        for said, folder in zip(files, folders, strict=True)
    )
    return transfer


def _line(said: dict[str, Any]) -> dict[str, Any]:
    """A line of a report as ``report_line`` writes it; anything else is not taken."""
    if not isinstance(said, dict):
        raise TypeError("a line of a report holds names with values")
    words = {language: str(said["words"][language])[:1000] for language in ("ja", "en")}
    where = {str(key)[:40]: str(value)[:300] for key, value in said["where"].items()}
    code = str(said.get("code", ""))[:80]
    action = str(said.get("action", "removed"))[:20]  # which older packages do not say
    return {"code": code, "action": action, "words": words, "where": where, "count": int(said["count"])}


def _refuse(found: Found, refusal: Refusal) -> None:
    package = refusal.package
    with suppress(IntegrityError), transaction.atomic():  # another worker may have noted it
        Arrival.objects.create(
            name=found.name,
            seen=found.seen,
            number=package.number if package else packages.number_in(found.name),
            digest=package.digest if package else "",
            state=Arrival.State.REFUSED,
            reason=refusal.reason,
            detail=refusal.detail[:300],
            at=timezone.now(),
        )
        _announce(
            "package.refused", {"package": found.name, "reason": refusal.reason, "detail": refusal.detail}
        )


def _note_missing(unfinished: Set[int | None]) -> int:
    """Note each number below the highest that a signature vouches for, and that was neither delivered nor refused: the name
    of a file alone may say any number. Returns how many are new.

    ``unfinished``: of packages that are still being written, as large ones are while small ones behind them arrive.
    """
    numbers = Arrival.objects.exclude(number=None).order_by()
    highest = numbers.exclude(digest="").aggregate(Max("number"))["number__max"] or 0
    there = set(numbers.values_list("number", flat=True))
    gone = [number for number in range(1, highest) if number not in there | unfinished]
    for number in gone:
        with suppress(IntegrityError), transaction.atomic():
            Arrival.objects.create(
                name=packages.name_of(number),
                seen="missing",
                number=number,
                state=Arrival.State.MISSING,
                at=timezone.now(),
            )
            _announce("package.missing", {"package": packages.name_of(number)})
    return len(gone)


def _announce(act: str, told: dict[str, Any]) -> None:
    """Into the chain of every organisation with routes: nobody knows whose the package was. Their officers are told."""
    routes = list(Route.objects.select_related("organisation").order_by("organisation_id", "pk"))
    for organisation in sorted({route.organisation_id for route in routes}):
        record(SYSTEM, organisation, act, told)
    officers = {person for route in routes for person in holders("security_officer", route)}
    key = f"transfer:{act}:{told['package']}"
    notify_many(
        sorted(officers, key=lambda one: one.pk), "transfer_package", told, reverse("gateway:packages"), key
    )


def look_again(user: Any, arrival: Arrival) -> None:
    """Have a refused package looked at once more, after what barred it was mended.

    Raises:
        NotPermitted: only an information security officer may. Conflict: it was not refused.
    """
    actor = actor_of(user)
    if not actor.may_anywhere("edit_routes"):
        raise NotPermitted(_("Packages are for the information security officer."))
    with transaction.atomic():
        row = Arrival.objects.select_for_update().get(pk=arrival.pk)
        if row.state != Arrival.State.REFUSED or row.seen.endswith("#"):
            raise Conflict(_("Somebody did this already."))
        row.seen = f"{row.seen}#{row.pk}#"[-60:]
        row.save(update_fields=["seen"])
        routes = Route.objects.where(actor, "edit_routes").order_by("organisation_id")
        for organisation in sorted(set(routes.values_list("organisation_id", flat=True))):
            record(actor, organisation, "package.looked_again", {"package": row.name})
