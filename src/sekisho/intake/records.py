"""What the readers hand to the importer: frozen values, money in whole yen, years as western fiscal years."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from sekisho.values import Problem, shown

#: longest text that fits the book's columns
LIMITS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "external_id": 200,
        "code": 64,
        "name": 500,
        "name_en": 500,
        "organisation": 300,
        "contractor": 300,
        "contract_title": 1000,
        "contract_method": 200,
        "text": 100_000,
    }
)

GoalKind = Literal["activity", "output", "outcome"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value was read: file name and line (of a text file) or row (of an Excel sheet), from 1."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class YearRecord:
    """One fiscal year's money in yen. None means that the source does not say; 0 means zero.

    ``supplementary`` holds 補正予算 and 予備費等 together (the latter may be negative), so that approved +
    supplementary + carried_in is the official 歳出予算現額. ``carried_out`` is positive.
    """

    fiscal_year: int
    requested: int | None = None
    approved: int | None = None
    supplementary: int | None = None
    carried_in: int | None = None
    carried_out: int | None = None
    executed: int | None = None

    #: money fields in the order people read them
    AMOUNTS = ("requested", "approved", "supplementary", "carried_in", "carried_out", "executed")

    @property
    def says_something(self) -> bool:
        """True when at least one amount is known."""
        return any(getattr(self, name) is not None for name in self.AMOUNTS)


@dataclass(frozen=True, slots=True)
class ContractRecord:
    """A contract; ``corporate_number`` is empty or 13 digits; ``amount`` in yen, None when not said."""

    contractor: str
    corporate_number: str = ""
    title: str = ""
    method: str = ""
    amount: int | None = None
    fiscal_year: int | None = None


@dataclass(frozen=True, slots=True)
class GoalValue:
    """Target and result of one fiscal year, in the words of the source (they may be “95.0” or “未集計”)."""

    fiscal_year: int
    target: str = ""
    actual: str = ""


@dataclass(frozen=True, slots=True)
class GoalRecord:
    """An activity, output or outcome. ``term`` is 短期, 中期, 長期 or empty; ``number`` as the source
    numbers it.
    """

    kind: GoalKind
    text: str
    number: str = ""
    term: str = ""
    indicator: str = ""
    unit: str = ""
    target: str = ""
    target_year: int | None = None
    values: tuple[GoalValue, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectRecord:
    """One project as one source year describes it.

    ``organisation_path`` runs from the ministry or bureau down; ``links`` are addresses; ``previous_ids``
    are other ids of the same project in this scheme; ``extra`` holds what has no field here: texts of the
    source (keys ``situation``, ``remarks``, ``methods``, ...) and, from tables, fields of the book
    (``code``, ``name_en``, ``phase``, ``audience`` (tuple), ``personal_data``, ``information_class`` (int),
    ``network_zone``, ``development_form``) with the book's own values. A field that the source lacks is
    absent from ``extra``; blank texts and None mean that the source does not say.
    """

    scheme: str
    external_id: str
    source_year: int | None
    name: str
    place: Place
    summary: str = ""
    purpose: str = ""
    organisation_path: tuple[str, ...] = ()
    start_year: int | None = None
    end_year: int | None = None
    years: tuple[YearRecord, ...] = ()
    contracts: tuple[ContractRecord, ...] = ()
    links: tuple[str, ...] = ()
    goals: tuple[GoalRecord, ...] = ()
    previous_ids: tuple[str, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row, or one value of it, that could not be taken. With ``warning`` the row went in all the same."""

    file: str
    line: int
    column: str
    value: str
    template: str
    params: Mapping[str, object] = field(default_factory=dict)
    mend_template: str = ""
    mend_params: Mapping[str, object] = field(default_factory=dict)
    warning: bool = False

    @property
    def message(self) -> str:
        """What is wrong, in English."""
        return self.template % self.params

    @property
    def mend(self) -> str:
        """How to mend it, in English; may be empty."""
        return self.mend_template % self.mend_params


@dataclass(frozen=True, slots=True)
class ImportSet:
    """Everything a source said, in the order (source year, id), and everything that could not be taken.

    ``stats`` counts: rows, projects, years, contracts, goals, problems, warnings.
    """

    scheme: str
    source_years: tuple[int, ...]
    records: tuple[ProjectRecord, ...]
    problems: tuple[RowProblem, ...]
    stats: Mapping[str, int]

    @property
    def errors(self) -> tuple[RowProblem, ...]:
        """Problems because of which something was left out."""
        return tuple(problem for problem in self.problems if not problem.warning)


@dataclass(slots=True)
class Problems:
    """Collects what goes wrong in one reading."""

    found: list[RowProblem] = field(default_factory=list)

    def add(
        self, place: Place, column: str, value: object, problem: Problem, *, warning: bool = False
    ) -> None:
        """Note a problem at a place."""
        self.found.append(
            RowProblem(
                file=place.file,
                line=place.line,
                column=column,
                value="" if value is None else shown(value),
                template=problem.template,
                params=problem.params,
                mend_template=problem.mend_template,
                mend_params=problem.mend_params,
                warning=warning,
            )
        )


def import_set(
    scheme: str, records: Sequence[ProjectRecord], problems: Sequence[RowProblem], rows: int
) -> ImportSet:
    """The set in its order, with its counts."""
    ordered = tuple(sorted(records, key=lambda record: (record.source_year or 0, record.external_id)))
    years = sorted({record.source_year for record in ordered if record.source_year})
    stats = {
        "rows": rows,
        "projects": len({record.external_id for record in ordered}),
        "years": sum(len(record.years) for record in ordered),
        "contracts": sum(len(record.contracts) for record in ordered),
        "goals": sum(len(record.goals) for record in ordered),
        "problems": sum(not problem.warning for problem in problems),
        "warnings": sum(problem.warning for problem in problems),
    }
    return ImportSet(scheme, tuple(years), ordered, tuple(problems), stats)
