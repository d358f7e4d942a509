"""Measures of user tests that gates may demand. With a release they count what was done for it, else for the book."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.analysis.usability import sus_score
from sekisho.book.evaluation import Measurement
from sekisho.book.measures import Measure, Measurer, register_measure
from sekisho.book.models import Project, Release
from sekisho.voice.models import FeaturePlan, Problem, TaskResult, UserTest, UserTestSession, Wave
from sekisho.voice.queries.features import categories_of
from sekisho.voice.queries.surveys import satisfaction_of


def tests_done(kind: str) -> Measurer:
    """Number of tests of a kind that are done."""

    def measure(project: Project, release: Release | None) -> Measurement:
        return Measurement(_done(project, release).filter(kind=kind).count(), timezone.now())

    return measure


def participants(project: Project, release: Release | None) -> Measurement:
    """Number of participants whose session is done in tests that are done."""
    return Measurement(_sessions(project, release).count(), timezone.now())


def fewest_of_a_group(project: Project, release: Release | None) -> Measurement:
    """Participants of the user group with the fewest, over the usability tests that are done; no value without one."""
    counts = []
    for test in (
        _done(project, release).filter(kind="usability").prefetch_related("groups", "sessions__participant")
    ):
        took = [session.participant.group_id for session in test.sessions.all() if session.state == "done"]
        counts += [took.count(group.pk) for group in test.groups.all()]
    return Measurement(min(counts) if counts else None, timezone.now())


def open_problems(severity: str) -> Measurer:
    """Number of problems of a severity that are not closed; a fixed one counts until it was tried again."""

    def measure(project: Project, release: Release | None) -> Measurement:
        count = Problem.objects.filter(project=project, severity=severity).exclude(state="closed").count()
        return Measurement(count, timezone.now())

    return measure


def completion(project: Project, release: Release | None) -> Measurement:
    """Percent of tried tasks that participants did alone, in the usability tests that are done."""
    tried = TaskResult.objects.filter(
        session__in=_sessions(project, release), session__test__kind="usability"
    )
    outcomes = list(tried.exclude(outcome__in=["", "skipped"]).order_by().values_list("outcome", flat=True))
    if not outcomes:
        return Measurement(None)
    return Measurement(round(100 * outcomes.count("success") / len(outcomes), 1), timezone.now())


def sus(project: Project, release: Release | None) -> Measurement:
    """Mean score of the System Usability Scale (Brooke 1996) over whole answers; no value without one."""
    answered = _sessions(project, release).exclude(sus=[]).order_by().values_list("sus", flat=True)
    scores = [sus_score(answers) for answers in answered if len(answers) == 10 and None not in answers]
    return Measurement(round(sum(scores) / len(scores), 1) if scores else None, timezone.now())


def satisfaction(figure: str) -> Measurer:
    """``mean`` (1 to 5), ``satisfied`` (percent of 4 and 5) or ``n`` of the newest wave that asked for satisfaction and
    may be shown; no value without one."""

    def measure(project: Project, release: Release | None) -> Measurement:
        for wave in Wave.objects.filter(survey__project=project).order_by("-opened_at", "-id"):
            found = satisfaction_of(wave)
            if found is not None and found.mean and found.satisfied:
                values = {"mean": found.mean.value, "satisfied": 100 * found.satisfied.value, "n": found.n}
                return Measurement(round(values[figure], 2), wave.closed_at or timezone.now())
        return Measurement(None)

    return measure


def features(letters: str, *, there: bool) -> Measurer:
    """Number of features that users hold for one of these Kano categories and that are there already, or are not."""

    def measure(project: Project, release: Release | None) -> Measurement:
        found = [plan for category, plan in categories_of(project) if category and category in letters]
        done = found.count(FeaturePlan.Plan.DONE)
        return Measurement(done if there else len(found) - done, timezone.now())

    return measure


def _done(project: Project, release: Release | None) -> QuerySet[UserTest]:
    found = UserTest.objects.filter(project=project, state="done")
    return found if release is None else found.filter(release=release)


def _sessions(project: Project, release: Release | None) -> QuerySet[UserTestSession]:
    return UserTestSession.objects.filter(test__in=_done(project, release).order_by(), state="done")


def tests_of(project: Project) -> str:
    """Address of a book's user tests."""
    return reverse("voice:tests", query={"project": project.code})


def surveys_of(project: Project) -> str:
    """Address of a book's surveys."""
    return reverse("voice:surveys", query={"project": project.code})


def series_of(project: Project) -> str:
    """Address of the satisfaction with a service over the years."""
    return reverse("voice:satisfaction", args=[project.code])


def features_of(project: Project) -> str:
    """Address of the list of features of a service."""
    return reverse("voice:features", args=[project.code])


def quality_of(project: Project) -> str:
    """Address of a service's quality level."""
    return reverse("voice:quality_service", args=[project.code])


def register() -> None:
    """Register all of the above."""
    tests, problems = _("tests"), _("problems")
    found: list[tuple[str, Any, Any, Measurer]] = [
        ("user_research_done", _("User research done"), tests, tests_done("research")),
        ("prototypes_tested", _("Prototypes tried with users"), tests, tests_done("prototype")),
        ("usability_tests_done", _("Usability tests done"), tests, tests_done("usability")),
        ("test_participants", _("Participants of user tests"), _("people"), participants),
        (
            "test_participants_fewest",
            _("Participants of the smallest user group"),
            _("people"),
            fewest_of_a_group,
        ),
        ("open_critical_problems", _("Open critical problems of users"), problems, open_problems("critical")),
        ("open_serious_problems", _("Open serious problems of users"), problems, open_problems("serious")),
        ("task_completion", _("Tasks done alone"), "%", completion),
        ("sus_mean", _("System Usability Scale"), _("points"), sus),
    ]
    for name, title, unit, measure in found:
        register_measure(Measure(name, title, unit, measure, tests_of))
    asked: list[tuple[str, Any, Any, str]] = [
        ("satisfaction_mean", _("Satisfaction, 1 to 5"), _("points"), "mean"),
        ("satisfied_share", _("Satisfied users"), "%", "satisfied"),
        ("survey_responses", _("Answers to the newest survey of satisfaction"), _("answers"), "n"),
    ]
    for name, title, unit, figure in asked:
        register_measure(Measure(name, title, unit, satisfaction(figure), surveys_of))
    wished: list[tuple[str, Any, str, bool]] = [
        ("must_be_features_missing", _("Features taken for granted that are missing"), "M", False),
        ("attractive_features_there", _("Features that delight and are there"), "AO", True),
    ]
    for name, title, letters, there in wished:
        register_measure(Measure(name, title, _("features"), features(letters, there=there), features_of))
