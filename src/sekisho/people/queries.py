"""What the pages of people and administration read."""

import datetime as dt
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from sekisho.people.models import ApiToken, Notice, Organisation, RoleAssignment, User

PAGE = 50
SAMPLES_PER_ROLE = 4


@dataclass(frozen=True)
class Branch:
    """A line of the tree: an organisation, its depth (0 at the top) and how many active people sit there."""

    organisation: Organisation
    depth: int
    people: int

    @property
    def indent(self) -> str:
        """What a plain list or choice shows before the name."""
        return "　" * self.depth


def organisation_tree(*, closed: bool = True) -> list[Branch]:
    """All organisations in the order of the tree, siblings by code. Two queries, however many there are.

    Ordered here rather than by ``path``: text order of the database depends on its collation.
    """
    rows = Organisation.objects.all() if closed else Organisation.objects.filter(closed_on__isnull=True)
    seated = dict(
        User.objects.filter(is_active=True, organisation__isnull=False)
        .order_by()
        .values_list("organisation")
        .annotate(Count("pk"))
    )
    below: dict[int | None, list[Organisation]] = defaultdict(list)
    shown = list(rows.order_by("code"))
    known = {row.pk for row in shown}
    for row in shown:
        below[row.parent_id if row.parent_id in known else None].append(row)
    return _walk(below, seated)


def _walk(below: dict[int | None, list[Organisation]], seated: dict[int, int]) -> list[Branch]:
    found: list[Branch] = []
    waiting = [(row, 0) for row in reversed(below[None])]
    while waiting:
        row, depth = waiting.pop()
        found.append(Branch(row, depth, seated.get(row.pk, 0)))
        waiting += [(child, depth + 1) for child in reversed(below[row.pk])]
    return found


@dataclass(frozen=True)
class PeopleFilter:
    """What the list of people shows. Empty parts do not narrow it; ``state``: ``active`` or ``closed``."""

    q: str = ""
    role: str = ""
    organisation: Organisation | None = None
    state: str = "active"


@dataclass(frozen=True)
class PeoplePage:
    """Some people, the filter's total, and the ``after`` value that continues the list (empty at its end)."""

    people: list[User]
    total: int
    next_after: str


def people_found(wanted: PeopleFilter) -> Iterator[User]:
    """Everybody of a filter by user name, with roles in force as ``roles_now``."""
    rows = _filtered(wanted).select_related("organisation").prefetch_related(_roles_now())
    return rows.iterator(chunk_size=1000)


def people_page(wanted: PeopleFilter, *, after: str = "", limit: int = PAGE) -> PeoplePage:
    """People by user name, from behind ``after`` with roles in force as ``roles_now``. Three queries."""
    found = _filtered(wanted)
    rows = found.filter(username__gt=after) if after else found
    people = list(rows.select_related("organisation").prefetch_related(_roles_now())[: limit + 1])
    more = len(people) > limit
    people = people[:limit]
    return PeoplePage(people, found.count(), people[-1].username if more else "")


def _filtered(wanted: PeopleFilter) -> QuerySet[User]:
    rows = User.objects.order_by("username")
    for word in _words(wanted.q):
        hit = Q()
        for form in {word, unicodedata.normalize("NFKC", word)}:
            hit |= Q(username__icontains=form) | Q(display_name__icontains=form) | Q(email__icontains=form)
        rows = rows.filter(hit)
    if wanted.state:
        rows = rows.filter(is_active=wanted.state == "active")
    if wanted.role:
        held = RoleAssignment.objects.in_force(timezone.localdate()).filter(role=wanted.role)
        rows = rows.filter(pk__in=held.order_by().values("user"))
    if wanted.organisation:
        rows = rows.filter(organisation__path__startswith=wanted.organisation.path)
    return rows


def _words(q: str) -> list[str]:
    return q.replace("　", " ").replace("\x00", "").split()[:5]


def _roles_now() -> Prefetch:
    held = RoleAssignment.objects.in_force(timezone.localdate()).select_related("organisation")
    return Prefetch("roles", queryset=held, to_attr="roles_now")


def roles_of(person: User) -> dict[str, list[RoleAssignment]]:
    """A person's roles as ``now``, ``later`` and ``past``."""
    today = timezone.localdate()
    parts: dict[str, list[RoleAssignment]] = {"now": [], "later": [], "past": []}
    for held in person.roles.select_related("organisation").order_by("-valid_from", "role"):
        parts[_when(held, today)].append(held)
    return parts


def state_of(held: RoleAssignment) -> str:
    """``later``, ``now`` or ``past``, as of today."""
    return _when(held, timezone.localdate())


def _when(held: RoleAssignment, today: dt.date) -> str:
    if held.valid_from > today:
        return "later"
    return "past" if held.valid_until and held.valid_until < today else "now"


def holders_below(organisation: Organisation, limit: int = PAGE) -> list[RoleAssignment]:
    """Roles in force held for this very organisation."""
    held = RoleAssignment.objects.in_force(timezone.localdate()).filter(organisation=organisation)
    return list(held.select_related("user").order_by("role", "user__username")[:limit])


def live_tokens(person: User) -> list[ApiToken]:
    """Tokens that still work, newest first."""
    return list(person.api_tokens.filter(revoked_at__isnull=True, expires_at__gt=timezone.now()))


def has_second_factor(person: User) -> bool:
    """Whether somebody set up a second factor (an app, a passkey) or still has recovery codes."""
    from allauth.mfa.models import Authenticator

    return Authenticator.objects.filter(user=person).exists()


def notices_page(person: User, *, before: int = 0, limit: int = PAGE) -> tuple[list[Notice], int]:
    """Notices newest first, those after id ``before``; and the id that continues the list (0 at its end)."""
    rows = person.notices.order_by("-created_at", "-pk")
    last = person.notices.filter(pk=before).first() if before else None
    if last:
        rows = rows.filter(Q(created_at__lt=last.created_at) | Q(created_at=last.created_at, pk__lt=last.pk))
    notices = list(rows[: limit + 1])
    more = len(notices) > limit
    return notices[:limit], notices[limit - 1].pk if more else 0


def sample_people() -> list[tuple[str, User]]:
    """Who may be signed in with one click in sample mode: (role, person), by role and name.

    People who set up a second factor made the account their own and are left out.
    """
    from allauth.mfa.models import Authenticator

    held = (
        RoleAssignment.objects.in_force(timezone.localdate())
        .filter(user__is_active=True)
        .exclude(user__in=Authenticator.objects.order_by().values("user"))
        .select_related("user__organisation")
    )
    by_role: dict[str, dict[int, User]] = {role: {} for role in RoleAssignment.Role.values}
    for assignment in held.order_by("role", "user__username")[:500]:
        by_role[assignment.role].setdefault(assignment.user_id, assignment.user)
    return [
        (role, user) for role, users in by_role.items() for user in list(users.values())[:SAMPLES_PER_ROLE]
    ]


def counts() -> dict[str, int]:
    """Figures of the administration page."""
    return {
        "organisations": Organisation.objects.filter(closed_on__isnull=True).count(),
        "people": User.objects.filter(is_active=True).count(),
        "roles": RoleAssignment.objects.in_force(timezone.localdate()).count(),
    }
