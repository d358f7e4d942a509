"""Roles and what each may do: the one written table of permissions.

Pure: no database. ``Actor`` is built from a person's role assignments (see permissions.py) and answers
every "may this person …" question. Tests walk this table.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

MEMBER, CIO_AIDE, EXPERT, QUALITY_OFFICE = "member", "cio_aide", "expert", "quality_office"
EXECUTIVE, AUDITOR, CONTRACTOR, ADMIN = "executive", "auditor", "contractor", "admin"
SUPERIOR, SECURITY_OFFICER = "superior", "security_officer"
ROLES = (
    MEMBER,
    CIO_AIDE,
    EXPERT,
    QUALITY_OFFICE,
    EXECUTIVE,
    AUDITOR,
    CONTRACTOR,
    ADMIN,
    SUPERIOR,
    SECURITY_OFFICER,
)

#: act -> roles that may do it on books of the organisations their role reaches
ACTS: dict[str, frozenset[str]] = {
    "read": frozenset(
        {MEMBER, CIO_AIDE, QUALITY_OFFICE, EXECUTIVE, AUDITOR, ADMIN, SUPERIOR, SECURITY_OFFICER}
    ),
    "edit": frozenset({MEMBER, CIO_AIDE, QUALITY_OFFICE}),
    "create": frozenset({MEMBER, CIO_AIDE, QUALITY_OFFICE, ADMIN}),
    "answer": frozenset({MEMBER}),
    "add_evidence": frozenset({MEMBER, CIO_AIDE, QUALITY_OFFICE}),
    "submit": frozenset({MEMBER}),
    "review": frozenset({CIO_AIDE, QUALITY_OFFICE}),
    "decide": frozenset({CIO_AIDE, QUALITY_OFFICE}),
    "decide_focus": frozenset({QUALITY_OFFICE}),
    "waive": frozenset({QUALITY_OFFICE}),
    "answer_signs": frozenset({QUALITY_OFFICE}),
    "skip_phase": frozenset({CIO_AIDE, QUALITY_OFFICE}),
    "set_tier": frozenset({CIO_AIDE, QUALITY_OFFICE}),
    "release": frozenset({MEMBER, QUALITY_OFFICE}),
    "retire": frozenset({MEMBER, QUALITY_OFFICE}),
    "import": frozenset({QUALITY_OFFICE, ADMIN}),
    "edit_standards": frozenset({QUALITY_OFFICE}),
    "publish": frozenset({QUALITY_OFFICE}),
    "administer": frozenset({ADMIN}),
    "read_ledger": frozenset(
        {MEMBER, CIO_AIDE, QUALITY_OFFICE, EXECUTIVE, AUDITOR, ADMIN, SUPERIOR, SECURITY_OFFICER}
    ),
    "transfer": frozenset({MEMBER, CIO_AIDE, QUALITY_OFFICE, SUPERIOR, SECURITY_OFFICER}),
    "approve_transfer": frozenset({SUPERIOR}),
    "edit_routes": frozenset({SECURITY_OFFICER}),
    "see_transfers": frozenset({SECURITY_OFFICER}),
    "read_transfer_ledger": frozenset({SECURITY_OFFICER, AUDITOR}),
}

#: what being named on a book as one of these adds, beyond organisation roles
BOOK_ACTS: dict[str, frozenset[str]] = {
    "lead": frozenset(
        {"read", "read_ledger", "edit", "answer", "add_evidence", "submit", "release", "retire"}
    ),
    "member": frozenset(
        {"read", "read_ledger", "edit", "answer", "add_evidence", "submit", "release", "retire"}
    ),
    "expert": frozenset({"read", "read_ledger", "review"}),
    "contractor": frozenset({"read", "add_evidence"}),
}

#: roles whose holders may see and act everywhere, wherever the role is held
_EVERYWHERE = frozenset({QUALITY_OFFICE, EXECUTIVE, AUDITOR, ADMIN})


@dataclass(frozen=True)
class Grant:
    """A role in force today. ``path`` is the organisation's materialised path, e.g. ``/1/4/``."""

    role: str
    path: str


@dataclass(frozen=True)
class Actor:
    """Who acts: identity and grants in force. ``books`` maps project id to the roles named on the book."""

    user_id: int | None
    name: str
    grants: frozenset[Grant] = frozenset()
    books: dict[int, frozenset[str]] = field(default_factory=dict, compare=False)
    is_system: bool = False

    def roles(self) -> frozenset[str]:
        """All roles held today, anywhere."""
        return frozenset(grant.role for grant in self.grants)

    def may(self, act: str, *, path: str = "", project_id: int | None = None) -> bool:
        """Whether ``act`` is allowed on an organisation path and, where given, a book."""
        if self.is_system:
            return True
        named = self.books.get(project_id, frozenset()) if project_id is not None else frozenset()
        if any(act in BOOK_ACTS[role] for role in named):
            return True
        return any(grant.role in ACTS[act] and _reaches(grant, path) for grant in self.grants)

    def may_anywhere(self, act: str) -> bool:
        """Whether there is any organisation on which ``act`` is allowed."""
        return self.is_system or any(grant.role in ACTS[act] for grant in self.grants)

    @property
    def may_edit_some_book(self) -> bool:
        """Whether there is any book that this person may edit, by a role or because it names them."""
        named = (role for roles in self.books.values() for role in roles)
        return self.may_anywhere("edit") or any("edit" in BOOK_ACTS[role] for role in named)

    @property
    def may_administer(self) -> bool:
        return self.may_anywhere("administer")

    @property
    def may_publish(self) -> bool:
        return self.may_anywhere("publish")

    @property
    def may_import(self) -> bool:
        return self.may_anywhere("import")

    @property
    def may_edit_routes(self) -> bool:
        return self.may_anywhere("edit_routes")

    @property
    def may_see_transfers(self) -> bool:
        return self.may_anywhere("see_transfers")

    @property
    def may_read_transfer_ledger(self) -> bool:
        return self.may_anywhere("read_transfer_ledger")

    @property
    def is_contractor_only(self) -> bool:
        """True for people who hold nothing but contractor roles: they never decide, review or answer."""
        return self.roles() == {CONTRACTOR}

    def reading_paths(self) -> tuple[str, ...] | None:
        """Organisation paths whose books this person may read; None means all."""
        if self.is_system or any(g.role in _EVERYWHERE for g in self.grants):
            return None
        return tuple(sorted({g.path for g in self.grants if g.role in ACTS["read"]}))

    def reading_books(self) -> tuple[int, ...]:
        """Ids of books readable because this person is named on them."""
        return tuple(pid for pid, named in self.books.items() if any("read" in BOOK_ACTS[r] for r in named))


SYSTEM = Actor(user_id=None, name="Sekisho", is_system=True)


def _reaches(grant: Grant, path: str) -> bool:
    return grant.role in _EVERYWHERE or (bool(path) and path.startswith(grant.path))


def grants_of(pairs: Iterable[tuple[str, str]]) -> frozenset[Grant]:
    """Grants from (role, organisation path) pairs."""
    return frozenset(Grant(role, path) for role, path in pairs)
