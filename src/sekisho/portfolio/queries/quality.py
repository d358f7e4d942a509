"""The charts of quality: levels by year, satisfaction, and who looked from outside."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sekisho.people.roles import Actor
from sekisho.portfolio import figures as f
from sekisho.portfolio.charts import Chart
from sekisho.portfolio.queries.figures import Filters, Sums, keyed, yearly
from sekisho.voice.quality import BELOW, current_rule
from sekisho.voice.queries.quality import title

FIGURES = (f.QUALITY, f.SATISFACTION, f.REVIEWED, f.NO_REVIEWER)
SATISFACTION = {
    "high": gettext_lazy("4 and more of 5"),
    "middle": gettext_lazy("3 to 4"),
    "low": gettext_lazy("Under 3"),
    f.NONE: gettext_lazy("Not asked yet"),
}


REVIEWED = {"yes": gettext_lazy("Reviewed"), "no": gettext_lazy("Without a review")}


def charts(actor: Actor, filters: Filters) -> list[Chart]:
    """The page's charts, at most six."""
    sums = Sums(actor, filters, FIGURES)
    return [_levels(sums), _satisfaction(sums), reviewed(sums)]


def _levels(sums: Sums) -> Chart:
    rule = current_rule()
    codes = [BELOW, *(level.code for level in rule.levels)]
    names = [title(rule, code) for code in codes]
    rows = yearly(sums, f.QUALITY, codes)
    now = [cell.value for cell in rows[-1].cells] if rows else []
    said = (
        _(", ").join(f"{name} {count:,}" for name, count in zip(reversed(names), reversed(now), strict=True))
        if now
        else ""
    )
    return Chart(
        name="levels",
        title=gettext_lazy("Services by quality level"),
        finding=said or _("No service is judged yet."),
        definition=gettext_lazy(
            "The level of each service in use, as it was judged last in the fiscal year."
        ),
        kind="stack",
        series=names,
        colours=("none", "c3", "c1"),
        rows=rows,
    )


def _satisfaction(sums: Sums) -> Chart:
    asked = sum(sums.n(f.SATISFACTION, key) for key in ("high", "middle", "low"))
    whole = asked + sums.n(f.SATISFACTION, f.NONE)
    return Chart(
        name="satisfaction",
        title=gettext_lazy("Satisfaction of users"),
        finding=ngettext(
            "The users of %(asked)s of %(whole)s service in use were asked.",
            "The users of %(asked)s of %(whole)s services in use were asked.",
            whole,
        )
        % {"asked": f"{asked:,}", "whole": f"{whole:,}"}
        if whole
        else _("No service is in use yet."),
        definition=gettext_lazy(
            "Services by the mean of their newest survey of satisfaction that may be shown, 1 to 5."
        ),
        kind="stack",
        series=[_("Services")],
        colours=("c2",),
        rows=keyed(sums, f.SATISFACTION, SATISFACTION),
    )


def reviewed(sums: Sums) -> Chart:
    """How independent judgements are: who looked at gates from outside the owner section."""
    waiting, looked, alone = sums.n(f.NO_REVIEWER, "yes"), sums.n(f.REVIEWED, "yes"), sums.n(f.REVIEWED, "no")
    unasked = {"yes": _("Submitted, nobody asked to review")}
    return Chart(
        name="reviews",
        title=gettext_lazy("Who looked from outside"),
        finding=_(
            "Decided gates that somebody outside had reviewed: %(looked)s of %(all)s. Submitted, with nobody to review them: %(waiting)s."
        )
        % {"looked": f"{looked:,}", "all": f"{looked + alone:,}", "waiting": f"{waiting:,}"}
        if looked + alone + waiting
        else _("No gate is decided or submitted yet."),
        definition=gettext_lazy(
            "Gates that were passed or stopped, by whether a CIO aide or expert reviewed them."
        ),
        kind="stack",
        series=[_("Gates")],
        colours=("c2",),
        rows=[*keyed(sums, f.REVIEWED, REVIEWED), *keyed(sums, f.NO_REVIEWER, unasked)],
    )
