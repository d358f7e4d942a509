"""What gates may demand of reuse, and where it is shown."""

from collections.abc import Collection

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.evaluation import Measurement
from sekisho.book.measures import Measure, register_measure
from sekisho.book.models import Project, Release
from sekisho.sharing.models import Embedding, Platform, PlatformMatch, ReuseEntry
from sekisho.sharing.queries.likeness import fits
from sekisho.sharing.queries.years import known_years


def unanswered(project: Project, release: Release | None) -> Measurement:
    """Number of common platforms close to what the book wants, to which nobody has answered (considered, adopted or
    declined); no value before the book was compared with a catalogue that has something to offer.
    """
    if not Platform.objects.filter(is_offered=True).exists():
        return Measurement(0, timezone.now())
    if not Embedding.objects.filter(project=project, compared_at__isnull=False).exists():
        return Measurement(None)
    answered = ReuseEntry.objects.filter(project=project).exclude(state="offered").order_by()
    close = PlatformMatch.objects.filter(project=project, close=True, platform__is_offered=True)
    open_ones = close.exclude(platform__in=answered.values("platform"))
    return Measurement(open_ones.count(), timezone.now())


def matches_of(project: Project) -> list[tuple[str, str]]:
    """The common platforms close to what a book wants, each with its answer; the unanswered first."""
    waits = str(_("Waits for an answer"))
    return [
        (fit.platform.local_name, fit.entry.get_state_display() if fit.entry and not fit.is_owed else waits)
        for fit in fits(project)
        if fit.close
    ]


def similar_of(project: Project) -> str:
    """Address of a book's similar projects and platforms."""
    return reverse("sharing:similar", args=[project.code])


def life_of(project: Project) -> str:
    """Address of a book's page over the years."""
    return reverse("sharing:life", args=[project.code])


def years_after_import(years: Collection[int]) -> str:
    """Address of the comparison of the newest of these years with the one before, or of the latest two; "" while fewer
    than two years are known.
    """
    known = known_years()
    if len(known) < 2:
        return ""
    newest = max(years, default=None)
    return reverse("sharing:years") + (f"?to={newest}" if newest in known[1:] else "")


def register() -> None:
    """Register the above."""
    title, unit = _("Matching common platforms without an answer"), _("platforms")
    register_measure(Measure("unanswered_platform_matches", title, unit, unanswered, similar_of, matches_of))
