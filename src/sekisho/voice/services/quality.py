"""Judging the quality level of services and keeping it per fiscal year."""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone

from sekisho.book import fiscal
from sekisho.book.followers import tell_followers
from sekisho.book.measures import take
from sekisho.book.models import Project, Release
from sekisho.voice.models import QualityLevel
from sekisho.voice.quality import Judgement, current_rule, judge


def judge_now(project: Project) -> Judgement:
    """The level of a service at this moment; writes nothing."""
    rule = current_rule()
    return judge(rule, take(rule.measures, project, None), timezone.localdate())


def keep_levels(projects: Iterable[Project]) -> int:
    """Judge these services and keep the level as this fiscal year's; the number of levels that changed."""
    year, rule, changed = fiscal.fiscal_year_of(timezone.localdate()), current_rule(), 0
    for project in projects:
        found = judge_now(project)
        kept, made = QualityLevel.objects.get_or_create(
            project=project, fiscal_year=year, defaults={"judged_at": timezone.now(), "level": found.level}
        )
        if made or kept.level != found.level:
            changed += 1
            tell_followers([project.pk])
        kept.level, kept.rule, kept.judged_at = found.level, f"{rule.id} {rule.version}", timezone.now()
        kept.findings = [
            {"level": f.level, "measure": f.need.demand.name, "value": f.value, "state": f.state}
            for f in found.findings
        ]
        kept.save()
    return changed


def keep_all() -> int:
    """Judge every service in use: not retired or stopped, and released at least once."""
    return keep_levels(services_in_use().iterator(chunk_size=500))


def services_in_use() -> QuerySet[Project]:
    """Books whose service people use."""
    released = Release.objects.filter(state=Release.State.RELEASED).order_by().values("project")
    return Project.objects.filter(pk__in=released, retired_at__isnull=True, stopped_at__isnull=True).order_by(
        "pk"
    )
