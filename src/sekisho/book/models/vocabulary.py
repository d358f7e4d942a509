"""Choices that name the states of the record. The words are those of the design's vocabulary."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Phase(models.TextChoices):
    PLAN = "plan", _("Plan and budget")
    REQUIREMENTS = "requirements", _("Requirements")
    BUILD = "build", _("Build before release")
    OPERATE = "operate", _("Operation")
    RETIRE = "retire", _("Retirement")

    @property
    def position(self) -> int:
        """0 to 4, in the order of the road."""
        return list(Phase).index(self)

    @property
    def following(self) -> "Phase | None":
        """The phase that this phase's gate opens; None after retirement."""
        order = list(Phase)
        return order[self.position + 1] if self.position + 1 < len(order) else None


class Tier(models.TextChoices):
    FOCUS = "focus", _("Focus")
    STANDARD = "standard", _("Standard")
    LIGHT = "light", _("Light")


class PersonalData(models.TextChoices):
    NONE = "none", _("No personal data")
    PERSONAL = "personal", _("Personal data")
    MYNUMBER = "mynumber", _("My Number data")


class InformationClass(models.IntegerChoices):
    LOW = 1, _("Class 1 (may be public)")
    MIDDLE = 2, _("Class 2 (internal)")
    HIGH = 3, _("Class 3 (secret)")


class NetworkZone(models.TextChoices):
    MYNUMBER = "mynumber", _("My Number zone")
    LGWAN = "lgwan", _("LGWAN zone")
    INTERNET = "internet", _("Internet zone")


class DevelopmentForm(models.TextChoices):
    CONTRACT = "contract", _("Contract for work")
    AGILE = "agile", _("Agile quasi-mandate")
    SAAS = "saas", _("Software as a service")
    IN_HOUSE = "in_house", _("In-house")


class GateState(models.TextChoices):
    OPEN = "open", _("Open")
    SUBMITTED = "submitted", _("Submitted")
    PASSED = "passed", _("Passed")
    USED = "used", _("Gone through")
    STOPPED = "stopped", _("Stopped")


class AnswerValue(models.TextChoices):
    MET = "met", _("Met")
    PARTLY = "partly", _("Partly met")
    NOT_MET = "not_met", _("Not met")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")


class Severity(models.TextChoices):
    MUST = "must", _("Must")
    SHOULD = "should", _("Should")
    ADVICE = "advice", _("Advice")


class Recommendation(models.TextChoices):
    GO = "go", _("Go")
    CONDITIONAL = "conditional", _("Conditional")
    RETURN = "return", _("Return")
    STOP = "stop", _("Stop")


class Result(models.TextChoices):
    GO = "go", _("Go")
    CONDITIONAL = "conditional", _("Conditional")
    RETURN = "return", _("Return")
    STOP = "stop", _("Stop")


class ReleaseKind(models.TextChoices):
    NEW = "new", _("New")
    CHANGE = "change", _("Change")
    FIX = "fix", _("Fix")


class Confidence(models.IntegerChoices):
    VERY_LOW = 1, _("1 Very worried")
    LOW = 2, _("2 Worried")
    MIDDLE = 3, _("3 Unsure")
    HIGH = 4, _("4 Confident")
    VERY_HIGH = 5, _("5 Very confident")
