"""API of the parts of a book: people named, contracts, links, modules, interfaces, goals, milestones, risks.

Every part is listed, read, added, changed and removed in the same way, so its operations are made from one table.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Status

from sekisho.book.api import documents, schemas_parts
from sekisho.book.api.common import (
    IfMatch,
    expected_version,
    find_part,
    find_person,
    find_project,
    in_api_words,
    version_tag,
)
from sekisho.book.api.paging import Page, Paging, paginate
from sekisho.book.api.planning import router  # one address has one router
from sekisho.book.api.schemas import (
    ContractOut,
    GoalOut,
    InterfaceOut,
    LinkOut,
    MemberOut,
    MilestoneOut,
    ModuleOut,
    RetirementItemOut,
    RiskOut,
)
from sekisho.book.models import Project
from sekisho.book.services import planning, projects, retirement
from sekisho.people.api_paging import Body, Out


@dataclass(frozen=True)
class Part:
    """One kind of part. ``add``: (user, project, **sent); ``change``: (user, row, expected_version, **sent).

    Without ``new`` or ``patch`` the operation stands elsewhere; without ``remove`` the part stays.
    """

    word: str
    said: str
    out: type[Out]
    rows: Callable[[Project], QuerySet[Any]]
    show: Callable[[Any], dict[str, Any]]
    new: type[Body] | None = None
    add: Callable[..., Any] | None = None
    patch: type[Body] | None = None
    change: Callable[..., Any] | None = None
    remove: Callable[..., None] | None = None

    @property
    def many(self) -> str:
        return f"{self.word}s".replace("_", "-")


def _add_member(user: Any, project: Project, *, person: str, **said: Any) -> Any:
    return projects.add_member(user, project, find_person(person, "person"), **said)


def _add_goal(user: Any, project: Project, **said: Any) -> Any:
    return planning.add_goal(user, project, kind="outcome", **said)


PARTS = (
    Part(
        "member",
        "a person named on the book",
        MemberOut,
        lambda project: project.memberships.select_related("user", "project"),
        documents.member,
        schemas_parts.NewMember,
        _add_member,
        schemas_parts.MemberPatch,
        projects.change_member,
        projects.remove_member,
    ),
    Part(
        "contract",
        "a contract",
        ContractOut,
        lambda project: project.contracts.select_related("contractor", "project"),
        documents.contract,
        schemas_parts.NewContract,
        planning.add_contract,
        schemas_parts.ContractPatch,
        planning.change_contract,
        planning.remove_item,
    ),
    Part(
        "link",
        "a link",
        LinkOut,
        lambda project: project.links.select_related("project"),
        documents.link,
        schemas_parts.NewLink,
        planning.add_link,
        schemas_parts.LinkPatch,
        planning.change_item,
        planning.remove_item,
    ),
    Part(
        "module",
        "a part of the system",
        ModuleOut,
        lambda project: project.modules.select_related("project"),
        documents.module,
        schemas_parts.NewModule,
        planning.add_module,
        schemas_parts.ModulePatch,
        planning.change_item,
        planning.remove_item,
    ),
    Part(
        "interface",
        "an exchange of data with another system",
        InterfaceOut,
        lambda project: project.interfaces.select_related("project"),
        documents.interface,
        schemas_parts.NewInterface,
        planning.add_interface,
        schemas_parts.InterfacePatch,
        planning.change_item,
        planning.remove_item,
    ),
    Part(
        "goal",
        "a goal",
        GoalOut,
        lambda project: project.goals.select_related("project"),
        documents.goal,
        schemas_parts.NewGoal,
        _add_goal,
        schemas_parts.GoalPatch,
        planning.change_item,
        planning.remove_item,
    ),
    Part(
        "milestone",
        "a milestone; one that a baseline promised stays",
        MilestoneOut,
        lambda project: project.milestones.select_related("project").prefetch_related("baselines__baseline"),
        documents.milestone,
        remove=planning.remove_milestone,
    ),
    Part(
        "risk",
        "a risk or open question",
        RiskOut,
        lambda project: project.risks.select_related("owner", "project"),
        documents.risk,
    ),
    Part(
        "retirement_item",
        "one thing that holds data",
        RetirementItemOut,
        lambda project: project.retirement_items.select_related("project"),
        documents.retirement_item,
        remove=retirement.remove_retirement_item,
    ),
)


def _serve(part: Part) -> None:
    """The operations of one kind of part."""
    path, row_path = f"/projects/{{code}}/{part.many}", f"/projects/{{code}}/{part.many}/{{int:part_id}}"
    _operation(part, "list", "get", path, _list(part), Page[part.out], f"Every one of the book: {part.said}.")  # type: ignore[name-defined]
    _operation(part, "read", "get", row_path, _read(part), part.out, f"Read {part.said}, with its ETag.")
    if part.new is not None:
        _operation(part, "add", "post", path, _add(part), {201: part.out}, f"Add {part.said}.")
    if part.patch is not None:
        told = f"Change {part.said}; what is left out stays. If-Match refuses a stale write (412)."
        _operation(part, "update", "patch", row_path, _update(part), part.out, told)
    if part.remove is not None:
        told = f"Take off {part.said}. The ledger keeps what it said."
        _operation(part, "remove", "delete", row_path, _remove(part), {204: None}, told)


def _operation(
    part: Part, act: str, method: str, path: str, view: Callable[..., Any], response: Any, told: str
) -> None:
    view.__name__ = f"{act}_{part.word}s" if act == "list" else f"{act}_{part.word}"
    view.__doc__ = told
    getattr(router, method)(path, response=response)(view)


def _list(part: Part) -> Callable[..., Any]:
    def view(request: HttpRequest, code: str, filters: Query[Paging]) -> dict[str, Any]:
        return paginate(request, part.rows(find_project(request, code)), filters, part.show)

    return view


def _read(part: Part) -> Callable[..., Any]:
    def view(request: HttpRequest, code: str, part_id: int, response: HttpResponse) -> dict[str, Any]:
        return _shown(part, find_part(part.rows(find_project(request, code)), part_id), response)

    return view


def _shown(part: Part, row: Any, response: HttpResponse) -> dict[str, Any]:
    response["ETag"] = version_tag(row.version)
    return part.show(row)


def _add(part: Part) -> Callable[..., Any]:
    def view(request: HttpRequest, code: str, payload: Any, response: HttpResponse) -> Any:
        assert part.add is not None
        row = part.add(request.user, find_project(request, code), **payload.model_dump(exclude_unset=True))
        return Status(201, _shown(part, row, response))

    view.__annotations__["payload"] = part.new
    return view


def _update(part: Part) -> Callable[..., Any]:
    def view(
        request: HttpRequest,
        code: str,
        part_id: int,
        payload: Any,
        response: HttpResponse,
        if_match: IfMatch = None,
    ) -> dict[str, Any]:
        assert part.change is not None
        rows = part.rows(find_project(request, code))
        row, sent = find_part(rows, part_id), payload.model_dump(exclude_unset=True)
        with in_api_words(sent, _now(part, rows, part_id)):
            part.change(request.user, row, expected_version=expected_version(if_match), **sent)
        return _shown(part, row, response)

    view.__annotations__["payload"] = part.patch
    return view


def _now(part: Part, rows: QuerySet[Any], part_id: int) -> Callable[[], Mapping[str, Any]]:
    return lambda: part.show(find_part(rows, part_id))


def _remove(part: Part) -> Callable[..., Any]:
    def view(request: HttpRequest, code: str, part_id: int, if_match: IfMatch = None) -> Any:
        assert part.remove is not None
        row = find_part(part.rows(find_project(request, code)), part_id)
        part.remove(request.user, row, expected_version=expected_version(if_match))
        return Status(204, None)

    return view


for _part in PARTS:
    _serve(_part)
