"""The charts of truthfulness: how fresh and whole the books are, and figures that look arranged."""

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sekisho.people.roles import Actor
from sekisho.portfolio import alarms
from sekisho.portfolio import figures as f
from sekisho.portfolio.charts import Cell, Chart, Row
from sekisho.portfolio.queries.figures import Filters, Sums, behind, bureaus, keyed, spanning
from sekisho.portfolio.queries.quality import reviewed

FIGURES = (f.REPORTED, f.COMPLETE, f.ALARM, f.ALARM_ANSWERED, f.REVIEWED, f.NO_REVIEWER)
ALARMS = {
    alarms.BASELINE_RESET: gettext_lazy("Plan fixed anew twice, or before a review"),
    alarms.RECLASSIFIED: gettext_lazy("Made less watched before a review"),
    alarms.NEVER_CHANGES: gettext_lazy("The same rating for twelve months"),
    alarms.COPIED: gettext_lazy("The same monthly report three times"),
    alarms.AGAINST_MEASURES: gettext_lazy("Confident, against deadlines, plan or users"),
}
FRESH = (
    gettext_lazy("Reported this month or last"),
    gettext_lazy("Two or three months ago"),
    gettext_lazy("Longer ago"),
)


def charts(actor: Actor, filters: Filters) -> list[Chart]:
    """The page's charts, at most six."""
    sums = Sums(actor, filters, FIGURES, by="organisation_id")
    return [_freshness(sums), _completeness(sums), _alarms(sums), reviewed(sums), _by_bureau(actor, sums)]


def _spans(today: dt.date) -> list[tuple[str, str]]:
    """(first month, month after the last) of fresh, ageing and stale; ``never`` sorts behind every month."""
    months = [f"{_months_before(today, n):%Y-%m}" for n in (1, 3)]
    return [(months[0], f.NEVER), (months[1], months[0]), ("0", months[1])]


def _months_before(day: dt.date, count: int) -> dt.date:
    whole = day.year * 12 + day.month - 1 - count
    return dt.date(whole // 12, whole % 12 + 1, 1)


def _freshness(sums: Sums) -> Chart:
    spans = _spans(sums.filters.today)
    rows = [
        Row(str(words), [spanning(sums, f.REPORTED, *span)]) for words, span in zip(FRESH, spans, strict=True)
    ]
    rows += keyed(sums, f.REPORTED, {f.NEVER: _("Never")})
    fresh, whole = rows[0].cells[0].value, sum(row.total for row in rows)
    return Chart(
        name="freshness",
        title=gettext_lazy("When projects last reported"),
        finding=_("Running projects that reported this month or last: %(fresh)s of %(whole)s.")
        % {"fresh": f"{fresh:,}", "whole": f"{whole:,}"}
        if whole
        else _("No project is running."),
        definition=gettext_lazy("The month of the last monthly report of each running project."),
        kind="stack",
        series=[_("Projects")],
        colours=("c2",),
        rows=rows,
    )


def _completeness(sums: Sums) -> Chart:
    spans = ((_("80% and more"), "08", "11"), (_("50 to 79%"), "05", "08"), (_("Under 50%"), "00", "05"))
    rows = [Row(words, [spanning(sums, f.COMPLETE, low, high)]) for words, low, high in spans]
    return Chart(
        name="completeness",
        title=gettext_lazy("How much of each book is filled in"),
        finding=_("Running projects with less than half of their book filled in: %(n)s.")
        % {"n": f"{rows[2].cells[0].value:,}"}
        if rows[2].total
        else _("No running project has less than half of its book filled in."),
        definition=gettext_lazy(
            "Of nine parts: purpose, summary, money, goals, milestones, monthly report, risks, a lead, contracts."
        ),
        kind="stack",
        series=[_("Projects")],
        colours=("c2",),
        rows=rows,
    )


def open_signs(sums: Sums, code: str, figure: str = f.ALARM) -> int:
    """How many books show a sign of the fiscal year shown or the one before."""
    return sum(sums.n(figure, code, year) for year in sign_years(sums.filters))


def sign_years(filters: Filters) -> tuple[int, int]:
    """The fiscal years whose signs are shown: a sign lapses a year after the one in which it showed last."""
    return filters.year - 1, filters.year


def _alarms(sums: Sums) -> Chart:
    since, year = sign_years(sums.filters)
    rows = [
        Row(
            str(words),
            [
                Cell(
                    open_signs(sums, code, figure),
                    behind(sums.filters, figure, key=code, of=year, since=since),
                )
                for figure in (f.ALARM, f.ALARM_ANSWERED)
            ],
        )
        for code, words in ALARMS.items()
    ]
    still, answered = (sum(row.cells[i].value for row in rows) for i in (0, 1))
    return Chart(
        name="alarms",
        title=gettext_lazy("Figures that look arranged"),
        finding=_("Signs to ask about: %(n)s; answered: %(answered)s. Each is a question, not a verdict.")
        % {"n": f"{still:,}", "answered": f"{answered:,}"},
        definition=gettext_lazy(
            "Projects that show each sign; one may show several. Before a review: in the 30 days before a submission; less "
            "watched: a lower tier, or a phase left out. Against deadlines, plan or users: rated 4 or 5 although a gate or "
            "condition was overdue, the plan lies 60 days behind, or users rate below 3. Shown in the fiscal year of the "
            "act or the last such report and the one after. Answered: the quality office wrote down why, which anybody who "
            "reads the book can see."
        ),
        kind="stack",
        series=[_("To ask about"), _("Answered")],
        colours=("c4", "c6"),
        rows=rows,
    )


def _by_bureau(actor: Actor, sums: Sums) -> Chart:
    spans = [*_spans(sums.filters.today), (f.NEVER, "")]
    counts: dict[int, list[int]] = {}
    for (name, organisation), worth in sums.split.items():
        if name.figure == f.REPORTED:
            place = next(
                i for i, (low, high) in enumerate(spans) if low <= name.key and (not high or name.key < high)
            )
            counts.setdefault(organisation, [0] * len(spans))[place] += worth.n
    rows = []
    for head, below in bureaus(actor):
        summed = [sum(counts[pk][i] for pk in below if pk in counts) for i in range(len(spans))]
        if any(summed):
            links = [behind(sums.filters, f.REPORTED, low=low, high=high, org=head.pk) for low, high in spans]
            rows.append(Row(head.local_name, [Cell(n, link) for n, link in zip(summed, links, strict=True)]))
    return Chart(
        name="bureaus",
        title=gettext_lazy("Freshness by bureau"),
        finding=_("Where reports are old, ask first."),
        definition=gettext_lazy("The same as above, by the organisation at the head of the owner section."),
        kind="stack",
        series=[*(str(words) for words in FRESH), _("Never")],
        colours=("c1", "c3", "r2", "none"),
        rows=rows,
        wide=True,
    )
