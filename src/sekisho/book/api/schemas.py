"""Bodies and answers of the book's API. Names are those of the design's vocabulary; amounts are yen."""

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from sekisho.people.api import OrganisationRef, PersonOut
from sekisho.people.api_paging import Body, Line, Out, Text, clean_text
from sekisho.standards.api import Demand, Words

PhaseName = Literal["plan", "requirements", "build", "operate", "retire"]
TierName = Literal["focus", "standard", "light"]
Audience = Literal["citizens", "businesses", "staff"]
PersonalDataName = Literal["none", "personal", "mynumber"]
ZoneName = Literal["mynumber", "lgwan", "internet"]
FormName = Literal["contract", "agile", "saas", "in_house"]
ReleaseKindName = Literal["new", "change", "fix"]
ResultName = Literal["go", "conditional", "return", "stop"]
AnswerName = Literal["met", "partly", "not_met", "not_applicable", ""]
Yen = Annotated[int, Field(strict=True, ge=-(10**15), le=10**15)]
Step = Annotated[int, Field(ge=1, le=5)]
Url = Annotated[str, Field(max_length=2000), BeforeValidator(clean_text)]
Links = Annotated[list[Url], Field(max_length=100)]


def _first_of_month(value: Any) -> Any:
    return f"{value}-01" if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}", value) else value


Month = Annotated[dt.date, BeforeValidator(_first_of_month)]


# What callers send


class ProjectFields(Body):
    """What may be set of a book; only what is sent changes."""

    name: Text = ""
    name_en: Text = ""
    summary: Text = ""
    purpose: Text = ""
    organisation: Line = ""
    audience: list[Audience] = []
    personal_data: PersonalDataName = "none"
    information_class: Literal[1, 2, 3] = 2
    network_zone: ZoneName = "lgwan"
    development_form: FormName = "contract"
    start_year: int | None = None
    end_year: int | None = None


class NewProject(ProjectFields):
    code: Text
    name: Text
    organisation: Line


class ProjectPatch(ProjectFields):
    tier: TierName | None = None
    tier_reason: Text = ""


class BudgetBody(Body):
    requested: Yen | None = None
    approved: Yen | None = None
    supplementary: Yen | None = None
    carried_in: Yen | None = None
    carried_out: Yen | None = None
    executed: Yen | None = None


class NewMilestone(Body):
    name: Line
    planned_on: dt.date


class MilestonePatch(Body):
    name: Line = ""
    planned_on: dt.date | None = None
    done_on: dt.date | None = None


class StatusBody(Body):
    month: Month
    schedule: Step
    cost: Step
    scope: Step
    quality: Step
    words: Text


class NewRisk(Body):
    kind: Literal["risk", "question"]
    title: Line
    text: Text = ""
    weight: Literal[1, 2, 3] = 2
    owner: Line | None = None
    due_on: dt.date | None = None


class RiskPatch(Body):
    kind: Literal["risk", "question"] = "risk"
    title: Line = ""
    text: Text = ""
    weight: Literal[1, 2, 3] = 2
    owner: Line | None = None
    due_on: dt.date | None = None
    outcome: Text = Field("", description="How it ended; closes the risk.")


class RetirementItemPatch(Body):
    kind: Literal["device", "cloud", "backup", "contractor", "leased"] = "device"
    name: Line = ""
    location: Line = ""
    classification: Literal[1, 2, 3] = 3
    method: Literal["", "clear", "purge", "destroy", "crypto_erase"] = ""
    done_on: dt.date | None = None
    done_by: Line = ""
    witness: Line = ""
    certificate: Line = ""


class NewRetirementItem(RetirementItemPatch):
    kind: Literal["device", "cloud", "backup", "contractor", "leased"]
    name: Line
    classification: Literal[1, 2, 3]


class AnswerBody(Body):
    value: AnswerName
    comment: Text = ""
    links: Links | None = Field(None, description="Replaces the links shown; left out, they stay.")


class FindingBody(Body):
    criterion: Line | None = None
    severity: Literal["must", "should", "advice"]
    text: Text


class ReviewBody(Body):
    recommendation: ResultName
    findings: Annotated[list[FindingBody], Field(max_length=200)] = []
    comment: Text = ""


class ConditionBody(Body):
    text: Text
    owner: Line
    due: dt.date
    criterion: Line | None = None


class DecisionBody(Body):
    result: ResultName
    reason: Text
    conditions: Annotated[list[ConditionBody], Field(max_length=200)] = []


class WaiverBody(Body):
    criterion: Line
    reason: Text
    expires: dt.date


class TextBody(Body):
    text: Text


class ResolveBody(Body):
    text: Text
    links: Links = []


class ReasonBody(Body):
    reason: Text


class NewRelease(Body):
    version: Line
    kind: ReleaseKindName
    planned_on: dt.date
    name: Line = ""


class EmergencyBody(Body):
    version: Line
    kind: ReleaseKindName = "fix"
    reason: Text
    name: Line = ""


# What the API answers


class ProjectRow(Out):
    code: str
    name: str
    name_en: str
    organisation: OrganisationRef
    audience: list[str]
    personal_data: str
    information_class: int
    network_zone: str
    development_form: str
    start_year: int | None
    end_year: int | None
    tier: str
    phase: str
    blocker_count: int
    next_gate_due: dt.date | None
    money_this_year: int | None = Field(
        description="Yen to spend this fiscal year: approved + supplementary + carried in − carried out; null where nobody entered it."
    )
    confidence: int | None
    retired_at: dt.datetime | None
    stopped_at: dt.datetime | None
    updated_at: dt.datetime
    version: int


class PhaseOut(Out):
    phase: str
    not_needed: bool
    reason: str
    by: PersonOut | None
    entered_at: dt.datetime


class BudgetOut(Out):
    fiscal_year: int
    requested: int | None
    approved: int | None
    supplementary: int | None
    carried_in: int | None
    carried_out: int | None
    executed: int | None
    version: int


class ContractOut(Out):
    id: int
    contractor: str
    corporate_number: str
    title: str
    method: str
    amount: int | None
    fiscal_year: int | None
    starts_on: dt.date | None
    ends_on: dt.date | None
    version: int


class BaselineDate(Out):
    number: int
    planned_on: dt.date


class MilestoneOut(Out):
    id: int
    name: str
    planned_on: dt.date
    done_on: dt.date | None
    baselines: list[BaselineDate]
    version: int


class StatusOut(Out):
    month: dt.date
    schedule: int
    cost: int
    scope: int
    quality: int
    words: str
    by: PersonOut | None
    reported_at: dt.datetime
    version: int


class RiskOut(Out):
    id: int
    kind: str
    title: str
    text: str
    weight: int
    owner: PersonOut | None
    due_on: dt.date | None
    outcome: str
    closed_at: dt.datetime | None
    version: int


class RetirementItemOut(Out):
    id: int
    kind: str
    name: str
    location: str
    classification: int
    method: str
    done_on: dt.date | None
    done_by: str
    witness: str
    certificate: str
    missing: list[str]
    version: int


class MemberOut(PersonOut):
    id: int
    part: str
    note: str
    version: int


class ExternalIdOut(Out):
    scheme: str
    value: str
    last_year: int | None


class LinkOut(Out):
    id: int
    title: str
    url: str
    version: int


class ModuleOut(Out):
    id: int
    name: str
    purpose: str
    supplier: str
    version: int


class InterfaceOut(Out):
    id: int
    counterpart: str
    direction: str
    method: str
    data: str
    version: int


class GoalOut(Out):
    id: int
    kind: str
    text: str
    unit: str
    baseline: str
    target: str
    version: int


class ReleaseOut(Out):
    id: int
    project: str
    version: str
    name: str
    kind: str
    planned_on: dt.date
    state: str
    emergency: bool
    emergency_reason: str
    released_at: dt.datetime | None
    released_by: PersonOut | None
    gate: int | None


class ProjectOut(ProjectRow):
    summary: str
    purpose: str
    computed_tier: str
    tier_reason: str
    created_at: dt.datetime
    phases: list[PhaseOut]
    budget: list[BudgetOut]
    contracts: list[ContractOut]
    milestones: list[MilestoneOut]
    status: list[StatusOut]
    risks: list[RiskOut]
    members: list[MemberOut]
    external_ids: list[ExternalIdOut]
    releases: list[ReleaseOut]
    retirement_items: list[RetirementItemOut]
    links: list[LinkOut]
    modules: list[ModuleOut]
    interfaces: list[InterfaceOut]
    goals: list[GoalOut]


class StandardRef(Out):
    pack: str
    version: str


class GateRow(Out):
    id: int
    project: str
    phase: str
    release: str | None
    state: str
    due_on: dt.date | None
    opened_at: dt.datetime
    standard: StandardRef
    blocker_count: int
    lapsed: bool


class CleanOut(Out):
    state: Literal["waiting", "clean", "refused"]
    name: str
    size: int
    sha256: str
    reason: str = Field(description="Why there is none; empty unless `refused`.")


class StoredFile(Out):
    file: int = Field(description="The key in `GET /files/{file_id}`.")
    name: str
    size: int
    sha256: str = Field(description="Of the file as it was uploaded, which nobody opens.")
    clean: CleanOut = Field(
        description="The copy the sanitizer wrote, which `GET /files/{file_id}/content` gives."
    )
    by: PersonOut | None
    at: dt.datetime


class FileOut(StoredFile):
    id: int
    title: str


class AnswerOut(Out):
    value: str
    comment: str
    links: list[str]
    files: list[FileOut]
    by: PersonOut | None
    at: dt.datetime | None
    version: int


class MeasurementOut(Out):
    name: str
    title: str
    unit: str
    value: float | int | None
    measured_at: dt.datetime | None
    demanded: Demand


class GateCriterion(Out):
    code: str
    group: Words
    title: Words
    guidance: Words
    level: str
    requirement: str
    evidence: str
    source: Words
    answer: AnswerOut | None
    measurement: MeasurementOut | None
    waived_until: dt.date | None


class BlockerOut(Out):
    code: str
    criterion: str | None
    message: str


class FindingOut(Out):
    id: int
    review: int
    criterion: str | None
    severity: str
    text: str
    state: str
    reply: str
    replied_by: PersonOut | None
    replied_at: dt.datetime | None
    resolved_by: PersonOut | None
    resolved_at: dt.datetime | None


class ReviewOut(Out):
    id: int
    submission: int
    reviewer: PersonOut
    role: str
    recommendation: str
    comment: str
    at: dt.datetime


class ReviewGiven(ReviewOut):
    findings: list[FindingOut]


class ConditionOut(Out):
    id: int
    project: str
    gate: int
    criterion: str | None
    text: str
    owner: PersonOut
    due: dt.date
    resolution: str
    links: list[str]
    resolved_by: PersonOut | None
    resolved_at: dt.datetime | None


class DecisionOut(Out):
    result: str
    reason: str
    by: PersonOut
    at: dt.datetime
    snapshot_sha256: str
    used_at: dt.datetime | None
    lapsed: bool
    changes: list[str]


class DecisionGiven(DecisionOut):
    conditions: list[ConditionOut]
    state: str


class WaiverOut(Out):
    id: int
    criterion: str
    reason: str
    expires: dt.date
    by: PersonOut
    at: dt.datetime
    revoked_at: dt.datetime | None


class Carried(Out):
    gate: int
    criterion: str
    title: Words


class GateOut(GateRow):
    criteria: list[GateCriterion]
    blockers: list[BlockerOut]
    findings: list[FindingOut]
    reviews: list[ReviewOut]
    conditions: list[ConditionOut]
    waivers: list[WaiverOut]
    carried: list[Carried]
    snapshot_sha256: str | None
    submitted_by: PersonOut | None
    submitted_at: dt.datetime | None
    decision: DecisionOut | None
    changes: list[str]


class SubmittedOut(Out):
    snapshot_sha256: str
    number: int
    state: str


class GateState(Out):
    id: int
    state: str


class EnteredOut(Out):
    project: str
    phase: str
    not_needed: bool
    entered_at: dt.datetime
    gate: int | None


class LedgerOut(Out):
    chain: str
    seq: int
    at: str
    actor_id: int | None
    actor_name: str
    act: str
    sentence: str
    params: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]
    previous_hash: str
    hash: str
