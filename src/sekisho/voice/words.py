"""Words of this app that others say: its name in a book, and its acts in a book's ledger."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

#: the five steps of satisfaction, from 1 to 5
SATISFACTION = (
    gettext_lazy("Very dissatisfied"),
    gettext_lazy("Rather dissatisfied"),
    gettext_lazy("Neither"),
    gettext_lazy("Rather satisfied"),
    gettext_lazy("Very satisfied"),
)

SUS_ITEMS = (
    gettext_lazy("I think that I would like to use this service often."),
    gettext_lazy("I found this service needlessly complicated."),
    gettext_lazy("I thought this service was easy to use."),
    gettext_lazy("I think that I would need help from somebody to be able to use this service."),
    gettext_lazy("I found that the parts of this service work well together."),
    gettext_lazy("I thought there was too much in this service that did not fit together."),
    gettext_lazy("I imagine that most people would learn to use this service very quickly."),
    gettext_lazy("I found this service awkward to use."),
    gettext_lazy("I felt sure of myself when using this service."),
    gettext_lazy("I had to learn a lot before I could get going with this service."),
)
#: the five feelings of a Kano question, from 1 to 5
KANO = (
    gettext_lazy("I like it"),
    gettext_lazy("It must be so"),
    gettext_lazy("I do not care"),
    gettext_lazy("I can live with it"),
    gettext_lazy("I dislike it"),
)

VOICE = gettext_lazy("Voice of users")
SURVEYS = gettext_lazy("Surveys")
SATISFACTION_SERIES = gettext_lazy("Satisfaction over the years")
USER_TESTS = gettext_lazy("User tests")
QUALITY_LEVEL = gettext_lazy("Quality level")

ACTS = {
    "test.planned": gettext_noop("%(actor)s planned the user test “%(title)s”"),
    "test.changed": gettext_noop("%(actor)s changed the plan of the user test “%(title)s”"),
    "test.started": gettext_noop("%(actor)s began the sessions of the user test “%(title)s”"),
    "test.done": gettext_noop(
        "%(actor)s finished the user test “%(title)s” with %(participants)s participants"
    ),
    "test.cancelled": gettext_noop("%(actor)s cancelled the user test “%(title)s”: %(reason)s"),
    "participant.withdrew": gettext_noop(
        "Participant %(participant)s of the user test “%(title)s” withdrew; what was kept of them is erased"
    ),
    "survey.made": gettext_noop("%(actor)s made the survey “%(title)s”"),
    "survey.opened": gettext_noop("%(actor)s opened “%(wave)s” of the survey “%(title)s”"),
    "survey.brought_in": gettext_noop(
        "%(actor)s brought %(answers)s answers into “%(wave)s” of the survey “%(title)s”; %(left_out)s rows were left out"
    ),
    "survey.closed": gettext_noop(
        "%(actor)s closed “%(wave)s” of the survey “%(title)s” with %(answers)s answers"
    ),
    "survey.grouped": gettext_noop(
        "%(actor)s had “%(wave)s” of the survey “%(title)s” broken down by “%(group)s”"
    ),
    "survey.table_added": gettext_noop(
        "%(actor)s brought the evaluation table “%(table)s” into the survey “%(title)s”"
    ),
    "survey.table_removed": gettext_noop(
        "%(actor)s took the evaluation table “%(table)s” out of the survey “%(title)s”"
    ),
    "feature.planned": gettext_noop(
        "%(actor)s said what becomes of the feature “%(feature)s” of the survey “%(title)s”"
    ),
    "survey.weighted": gettext_noop(
        "%(actor)s had “%(wave)s” of the survey “%(title)s” weighted to %(people)s people"
    ),
    "problem.found": gettext_noop("%(actor)s recorded problem %(number)s of users: %(title)s"),
    "problem.changed": gettext_noop("%(actor)s changed problem %(number)s: %(title)s"),
    "problem.fixed": gettext_noop("%(actor)s fixed problem %(number)s: %(title)s"),
    "problem.closed": gettext_noop("%(actor)s closed problem %(number)s: %(title)s"),
    "problem.reopened": gettext_noop("%(actor)s reopened problem %(number)s: %(title)s"),
}


def with_ends(*figures: str) -> list[str]:
    """Headings of a table: each figure, then the two ends of its interval."""
    ends = (_("%(figure)s, lower end"), _("%(figure)s, upper end"))
    return [head for figure in figures for head in (figure, *(end % {"figure": figure} for end in ends))]
