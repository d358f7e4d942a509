"""Forms of user tests. They read; the rules stand in the services."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.forms.choosing import book_code_field
from sekisho.book.models import Phase, Project
from sekisho.book.queries.people import people_near
from sekisho.people.forms import day_input
from sekisho.voice.models import Problem, Task, TaskResult, UserGroup, UserTest
from sekisho.voice.models.sessions import Severity
from sekisho.voice.words import SUS_ITEMS


def _area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class PlanForm(forms.Form):
    """The plan of a test."""

    kind = forms.ChoiceField(label=_("Kind"), choices=UserTest.Kind.choices, widget=forms.RadioSelect)
    title = forms.CharField(label=_("Title"), max_length=200)
    purpose = forms.CharField(label=_("What it is to find out"), widget=_area(), max_length=20_000)
    hypotheses = forms.CharField(
        label=_("Hypotheses"),
        widget=_area(),
        required=False,
        max_length=20_000,
        help_text=_("What you expect to see, one a line, so that the test can show you wrong."),
    )
    release = forms.ModelChoiceField(
        label=_("For which release"),
        queryset=UserTest.objects.none(),
        required=False,
        empty_label=_("None in particular"),
        help_text=_("The gate of a release asks for the usability tests done for it."),
    )
    phase = forms.ChoiceField(
        label=_("Phase"), choices=[("", _("The usual one of this kind")), *Phase.choices], required=False
    )
    method = forms.ChoiceField(label=_("Method"), choices=UserTest.Method.choices)
    place = forms.CharField(label=_("Where"), max_length=200, required=False)
    starts_on = forms.DateField(label=_("From"), widget=day_input())
    ends_on = forms.DateField(label=_("Until"), widget=day_input())
    staff = forms.CharField(
        label=_("Who does what"),
        widget=_area(),
        required=False,
        max_length=20_000,
        help_text=_("Facilitator, note-taker, observers, who repairs what is found."),
    )
    consent = forms.CharField(
        label=_("What participants agree to"),
        widget=_area(4),
        required=False,
        max_length=20_000,
        help_text=_("What is recorded, who sees it, when it is erased, and that they may stop at any time."),
    )
    without_citizens = forms.CharField(
        label=_("Why no citizens take part"),
        widget=_area(2),
        required=False,
        max_length=20_000,
        help_text=_("Services for citizens are tried with citizens. Leave this empty when they are."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["release"].queryset = project.releases.all()  # type: ignore[attr-defined]


class ProjectForm(forms.Form):
    """Which book a new test belongs to."""

    project = book_code_field(help_text=_("As it stands in the registry, such as SK-001."))


class GroupForm(forms.ModelForm):
    """A user group that is needed."""

    class Meta:
        model = UserGroup
        fields = ("name", "wanted", "citizens", "needs", "recruiting")
        widgets = {"needs": _area(2), "recruiting": _area(2)}


class ParticipantForm(forms.Form):
    """One more participant; nobody's name."""

    group = forms.ModelChoiceField(label=_("User group"), queryset=UserGroup.objects.none(), empty_label=None)
    about = forms.CharField(
        label=_("What matters about them"),
        max_length=300,
        required=False,
        help_text=_("Such as an age band or how they use the service. No names, addresses or numbers."),
    )
    needs = forms.CharField(label=_("Accessibility needs"), max_length=300, required=False)
    consented_on = forms.DateField(label=_("Agreed on"), widget=day_input(), required=False)

    def __init__(self, *args: Any, test: UserTest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = test.groups.all()  # type: ignore[attr-defined]


class TaskForm(forms.ModelForm):
    """A task or question."""

    class Meta:
        model = Task
        fields = ("kind", "title", "scenario", "success", "essential")
        widgets = {"scenario": _area(2), "success": _area(2)}


class ConsentForm(forms.Form):
    """The day a participant agreed."""

    on = forms.DateField(label=_("Agreed on"), widget=day_input(), initial=timezone.localdate)


class FinishForm(forms.Form):
    """The end of a test."""

    conclusions = forms.CharField(label=_("What was learnt"), widget=_area(5), max_length=50_000)


class ReasonForm(forms.Form):
    """Why a test is cancelled."""

    reason = forms.CharField(label=_("Reason"), widget=_area(2), max_length=5000)


class ResultForm(forms.Form):
    """How one task went."""

    outcome = forms.ChoiceField(
        label=_("Outcome"), choices=TaskResult.Outcome.choices, widget=forms.RadioSelect, required=False
    )
    seconds = forms.FloatField(label=_("Seconds"), required=False, min_value=0)
    words = forms.CharField(label=_("What they said"), widget=_area(2), required=False, max_length=20_000)


class ObservationForm(forms.Form):
    """What was seen."""

    words = forms.CharField(label=_("What happened"), widget=_area(3), max_length=20_000)
    severity = forms.ChoiceField(
        label=_("Severity"), choices=Severity.choices, widget=forms.RadioSelect, initial=Severity.MINOR
    )
    place = forms.CharField(label=_("Where in the service"), max_length=200, required=False)
    task = forms.ModelChoiceField(
        label=_("During"),
        queryset=Task.objects.none(),
        required=False,
        empty_label=_("No task in particular"),
    )
    client_id = forms.UUIDField(widget=forms.HiddenInput)
    seconds = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, test: UserTest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].queryset = test.tasks.all()  # type: ignore[attr-defined]


class SusForm(forms.Form):
    """The ten questions of the System Usability Scale (Brooke 1996)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, words in enumerate(SUS_ITEMS, 1):
            self.fields[f"sus_{number}"] = forms.TypedChoiceField(
                label=words,
                choices=[(n, n) for n in range(1, 6)],
                coerce=int,
                empty_value=None,
                widget=forms.RadioSelect,
                required=False,
            )

    def answers(self) -> list[int | None]:
        """The ten answers in order; None where one is missing."""
        return [self.cleaned_data.get(f"sus_{number}") for number in range(1, 11)]


class FileForm(forms.Form):
    """A screenshot or recording."""

    #: an empty one is refused where files are kept, in words that say what to do
    file = forms.FileField(label=_("Screenshot or recording"), allow_empty_file=True)


class ProblemForm(forms.ModelForm):
    """A problem: what, where, how grave, who mends it by when."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Problem
        fields = ("title", "severity", "place", "owner", "due_on")
        widgets = {"due_on": day_input()}
        labels = {"owner": _("Who mends it"), "due_on": _("By when")}

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        owner.queryset = people_near(project)  # type: ignore[attr-defined]
        owner.empty_label = _("Nobody yet")  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """Only read: the service checks and writes, and the row stays as it is until then."""


class WordsForm(forms.Form):
    """A few words that an act needs."""

    words = forms.CharField(label=_("In words"), widget=_area(3), max_length=20_000)


class RetestForm(forms.Form):
    """The later test that no longer shows the problem."""

    test = forms.ModelChoiceField(
        label=_("Tried again in"), queryset=UserTest.objects.none(), empty_label=_("Choose a test")
    )
    words = forms.CharField(label=_("In words"), widget=_area(2), required=False, max_length=20_000)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        done = UserTest.objects.filter(project=project, state=UserTest.State.DONE)
        self.fields["test"].queryset = done  # type: ignore[attr-defined]
