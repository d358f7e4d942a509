"""Forms of the catalogue, of answers to platforms, and of proposals."""

import re
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from sekisho.book.forms.fields import FiscalYearField, YenField
from sekisho.book.models import Project
from sekisho.people.forms import OrganisationChoice
from sekisho.sharing.models import Judgement, Platform, ReuseEntry
from sekisho.sharing.queries.savings import Correction, Saving
from sekisho.sharing.services.platforms import MOST
from sekisho.sharing.services.proposals import MOST_MEMBERS
from sekisho.values import half_width

#: yen, not negative, that fit the column
_ANY_COST = (MinValueValidator(0), MaxValueValidator(MOST))


def _lines(label: Any, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": rows}), **more)


class JudgeForm(forms.Form):
    """What is said of a pair."""

    other = forms.IntegerField(min_value=1, max_value=2**62)
    verdict = forms.ChoiceField(choices=Judgement.Verdict.choices)


class AnswerForm(forms.Form):
    """What a book does with a platform."""

    state = forms.ChoiceField(label=_("Answer"), choices=ReuseEntry.State.choices[1:])
    reason = _lines(_("Reason"), 2, required=False, help_text=_("Needed when it is declined."))
    avoided = YenField(label=_("Cost avoided a year (yen)"), required=False, validators=_ANY_COST)
    satisfaction = forms.TypedChoiceField(
        label=_("Satisfaction with it, 1 to 5"),
        choices=[("", "–"), *((n, str(n)) for n in range(1, 6))],
        coerce=int,
        empty_value=None,
        required=False,
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ConfirmForm(forms.Form):
    """What actual budgets showed."""

    amount = YenField(label=_("Confirmed by actual budgets (yen)"))
    year = FiscalYearField(label=_("Fiscal year"))

    def __init__(
        self,
        entry: ReuseEntry,
        data: Any = None,
        *,
        saving: Saving | None = None,
        correction: Correction | None = None,
    ) -> None:
        """``saving``: what actual budgets propose, ``correction``: what they make of a confirmed saving, for people to
        confirm or change.
        """
        initial = {"amount": saving.amount, "year": saving.year} if saving else {}
        if correction and correction.amount is not None:
            initial = {"amount": correction.amount, "year": correction.year}
        super().__init__(data, initial=initial, auto_id=f"confirm_{entry.pk}_%s")


class PlatformForm(forms.Form):
    """One entry of the catalogue."""

    name = forms.CharField(label=_("Name"), max_length=300)
    name_en = forms.CharField(label=_("English name"), max_length=300, required=False)
    does = _lines(_("What it does"))
    does_en = _lines(_("What it does, in English"), required=False)
    conditions = _lines(_("Conditions of use"), required=False)
    contact = forms.CharField(label=_("Contact"), max_length=300)
    asking = _lines(_("How to ask for it"), 2)
    owner = OrganisationChoice(label=_("Offered by"))
    is_offered = forms.BooleanField(label=_("Open to new users"), required=False, initial=True)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @staticmethod
    def of(platform: Platform) -> dict[str, Any]:
        """What stands in the form at first."""
        names = (
            "name",
            "name_en",
            "does",
            "does_en",
            "conditions",
            "contact",
            "asking",
            "is_offered",
            "version",
        )
        return {name: getattr(platform, name) for name in names} | {"owner": platform.owner_id}


class ProposalForm(forms.Form):
    """A proposal to make several things common."""

    title = forms.CharField(label=_("Title"), max_length=300)
    members = _lines(
        _("Project codes"), 2, help_text=_("Separated by commas or spaces, such as SK-001, SK-002.")
    )
    why = _lines(_("What would become common, and why"))
    platform = forms.ModelChoiceField(Platform.objects.none(), label=_("Candidate platform"), required=False)
    share = forms.IntegerField(
        label=_("Share of the cost that is saved (percent)"), min_value=0, max_value=100
    )
    running_cost = YenField(
        label=_("Cost of the common platform a year (yen)"), initial=0, validators=_ANY_COST
    )
    assumptions = _lines(_("What the estimate rests on"))

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.fields["platform"].queryset = Platform.objects.filter(is_offered=True)  # type: ignore[attr-defined]

    def clean_members(self) -> list[Project]:
        """The books of the codes; every one must be one that this person may see."""
        codes = list(
            dict.fromkeys(part for part in re.split(r"[\s,、，;；]+", self.cleaned_data["members"]) if part)
        )
        if len(codes) > MOST_MEMBERS:
            raise forms.ValidationError(_("Name 2 to 100 different projects."))
        books = Project.objects.visible_to(self.actor).coded(*codes)
        found = {one.code.casefold(): one for one in books}
        keys = [half_width(code).casefold() for code in codes]
        if unknown := [code for code, key in zip(codes, keys, strict=True) if key not in found]:
            said = _("There is no book with this code, or you may not see it: %(codes)s")
            raise forms.ValidationError(said, params={"codes": ", ".join(unknown[:5])})
        return [found[key] for key in keys]


class DecisionForm(forms.Form):
    """A decision on a proposal, with its reason."""

    words = _lines(_("Reason"), 2)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ProgressForm(forms.Form):
    """How far a proposal is."""

    progress = _lines(_("Progress"), 3)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
