"""Bodies of the parts of a book: who is named, contracts, links, modules, interfaces, goals, evidence."""

import datetime as dt
from typing import Any, Literal

from sekisho.book.api.schemas import StandardRef, Url, Yen
from sekisho.people.api import PersonOut
from sekisho.people.api_paging import Body, Line, Out, Text

PartName = Literal["lead", "member", "expert", "contractor"]
DirectionName = Literal["in", "out", "both"]


class MemberPatch(Body):
    part: PartName = "member"
    note: Line = ""


class NewMember(MemberPatch):
    person: Line
    part: PartName


class ContractPatch(Body):
    title: Text = ""
    contractor: Line = ""
    corporate_number: Line = ""
    method: Line = ""
    amount: Yen | None = None
    fiscal_year: int | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


class NewContract(ContractPatch):
    title: Text
    contractor: Line


class LinkPatch(Body):
    title: Line = ""
    url: Url = ""


class NewLink(LinkPatch):
    url: Url


class ModulePatch(Body):
    name: Line = ""
    purpose: Text = ""
    supplier: Line = ""


class NewModule(ModulePatch):
    name: Line


class InterfacePatch(Body):
    counterpart: Line = ""
    direction: DirectionName = "both"
    method: Line = ""
    data: Text = ""


class NewInterface(InterfacePatch):
    counterpart: Line
    direction: DirectionName


class GoalPatch(Body):
    text: Text = ""
    unit: Line = ""
    baseline: Line = ""
    target: Line = ""


class NewGoal(GoalPatch):
    text: Text


class InvitationBody(Body):
    person: Line
    due: dt.date | None = None


class InvitationOut(Out):
    id: int
    person: PersonOut
    by: PersonOut | None
    at: dt.datetime
    due: dt.date | None


class GatePatch(Body):
    due_on: dt.date | None


class StandardPatch(Body):
    version: Line


class UpgradeOut(Out):
    standard: StandardRef
    kept: list[str]
    to_look_at: list[str]
    dropped: list[str]


class ReleasePatch(Body):
    planned_on: dt.date


class BaselineOut(Out):
    number: int
    reason: str
    fixed_at: dt.datetime
    by: PersonOut | None


class EvidenceOut(Out):
    id: int
    criterion: str
    title: str
    url: str
    file: int | None
    by: PersonOut | None
    at: dt.datetime


class SnapshotOut(Out):
    number: int
    sha256: str
    document: dict[str, Any]
    submitted_by: PersonOut | None
    submitted_at: dt.datetime
