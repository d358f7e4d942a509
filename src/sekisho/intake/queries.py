"""What pages and exports read: runs of imports, and projects as rows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from sekisho.book.fiscal import fiscal_year_of
from sekisho.book.models import BudgetYear, Contract, ExternalId, Gate, Membership, Project
from sekisho.exports import Column, Row
from sekisho.intake.models import ImportRun
from sekisho.people.models import Organisation
from sekisho.people.roles import Actor

#: projects read at once
BATCH = 500
RUNS_SHOWN = 50

_TEXTS = (
    "code",
    "name",
    "name_en",
    "summary",
    "purpose",
    "personal_data",
    "information_class",
    "network_zone",
    "development_form",
    "start_year",
    "end_year",
    "tier",
    "computed_tier",
    "tier_reason",
    "phase",
)


def visible_runs(actor: Actor) -> QuerySet[ImportRun]:
    """Imports, newest first, for those who may import."""
    runs = ImportRun.objects.select_related("started_by", "job")
    return runs if actor.may_import else runs.none()


# ------------------------------------------------------------------------------------------------- exports


def export_columns(projects: QuerySet[Project]) -> list[Column]:
    """Columns of a table of these projects, with six for each fiscal year anyone knows money of."""
    fields = {field.name: field for field in Project._meta.fields}
    plain = [Column(name, str(fields[name].verbose_name), _kind(name)) for name in _TEXTS]
    words = [
        Column("organisation", _("organisation")),
        Column("audience", _("audience")),
        Column("external_ids", _("ids elsewhere")),
        Column("leads", _("lead")),
        Column("gate", _("state of the gate")),
        Column("gate_due", _("gate due on"), "date"),
        Column("blockers", _("blockers"), "number"),
        Column("confidence", _("confidence"), "number"),
        Column("contracts", _("contracts"), "number"),
        Column("contract_yen", _("sum of contracts (yen)"), "yen"),
        Column("state", _("state")),
        Column("updated_at", _("last changed"), "moment"),
        Column("money_this_year", _("money this fiscal year (yen)"), "yen"),
    ]
    return [*plain, *words, *_year_columns(projects)]


def _kind(name: str) -> str:
    return "number" if name in ("start_year", "end_year") else "text"


def _year_columns(projects: QuerySet[Project]) -> list[Column]:
    years = BudgetYear.objects.filter(project__in=projects.order_by().values("pk"))
    labels = {f.name: str(f.verbose_name) for f in BudgetYear._meta.fields if f.name in BudgetYear.AMOUNTS}
    return [
        Column(name, _("%(year)s %(amount)s (yen)") % {"year": year, "amount": labels[name]}, "yen", year)
        for year in sorted(set(years.order_by().values_list("fiscal_year", flat=True).distinct()))
        for name in BudgetYear.AMOUNTS
    ]


def export_rows(projects: QuerySet[Project], *, words: bool) -> Iterator[Row]:
    """Projects as rows, read in batches. ``words``: choices as people read them, else their codes."""
    keys = list(projects.values_list("pk", flat=True))
    names = dict(Organisation.objects.order_by().values_list("pk", "name"))
    for start in range(0, len(keys), BATCH):
        yield from _batch(keys[start : start + BATCH], names, words=words)


def _batch(keys: Sequence[int], names: dict[int, str], *, words: bool) -> Iterator[Row]:
    found = Project.objects.select_related("owner").in_bulk(keys)
    projects = [found[key] for key in keys if key in found]
    this_year = fiscal_year_of(timezone.localdate())
    years: dict[int, dict[int, dict[str, int | None]]] = defaultdict(dict)
    for year in BudgetYear.objects.filter(project__in=keys).order_by("fiscal_year"):
        years[year.project_id][year.fiscal_year] = {name: getattr(year, name) for name in BudgetYear.AMOUNTS}
    ids = _listed(ExternalId.objects.filter(project__in=keys).exclude(imported={}), "scheme", "value")
    leads = _listed(Membership.objects.filter(project__in=keys, part="lead"), "user__display_name")
    contracts = {
        pk: (count, total)
        for pk, count, total in Contract.objects.filter(project__in=keys)
        .order_by()
        .values_list("project_id")
        .annotate(Count("pk"), Sum("amount"))
    }
    gates = {
        (g.project_id, g.phase): g for g in Gate.objects.filter(project__in=keys, release=None).order_by()
    }
    for project in projects:
        gate = gates.get((project.pk, project.phase))
        count, total = contracts.get(project.pk, (0, None))
        yield {
            **{name: _value(project, name, words=words) for name in _TEXTS},
            "organisation": " / ".join(names[int(part)] for part in project.owner.path.split("/") if part),
            "audience": _audience(project, words=words),
            "external_ids": ids.get(project.pk, []),
            "leads": leads.get(project.pk, []),
            "gate": _shown(gate, "state", words=words) if gate else None,
            "gate_due": project.next_gate_due,
            "blockers": project.blocker_count,
            "confidence": project.confidence,
            "contracts": count,
            "contract_yen": total,
            "state": _state(project, words=words),
            "updated_at": timezone.localtime(project.updated_at),
            "money_this_year": _money_this_year(project, years.get(project.pk, {}).get(this_year, {})),
            "budget": years.get(project.pk, {}),
        }


def _money_this_year(project: Project, amounts: dict[str, int | None]) -> int | None:
    """Yen there is to spend this fiscal year; None where nobody has entered it."""
    entered = any(amounts.get(name) is not None for name in BudgetYear.FUNDS)
    return project.money_this_year if entered or project.money_this_year else None


def _listed(rows: QuerySet[Any], *fields: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for pk, *parts in rows.order_by("pk").values_list("project_id", *fields):
        found[pk].append(":".join(parts))
    return found


def _value(project: Project, name: str, *, words: bool) -> Any:
    return (
        _shown(project, name, words=words)
        if Project._meta.get_field(name).choices  # type: ignore[union-attr]
        else getattr(project, name)
    )


def _shown(row: Any, name: str, *, words: bool) -> Any:
    return str(getattr(row, f"get_{name}_display")()) if words else getattr(row, name)


def _audience(project: Project, *, words: bool) -> list[str]:
    if not words:
        return project.audience
    labels = {column.name: str(column.verbose_name) for column in Project._meta.fields}
    return [labels[f"for_{name}"] for name in project.audience]


def _state(project: Project, *, words: bool) -> str:
    state = "retired" if project.retired_at else "stopped" if project.stopped_at else "active"
    return (
        {"retired": _("retired"), "stopped": _("stopped"), "active": _("active")}[state] if words else state
    )
