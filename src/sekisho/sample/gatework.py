"""What people of the sample do at a gate: answer, submit, review, reply, decide."""

import datetime as dt
from collections.abc import Sequence

from django.core.files.base import ContentFile

from sekisho.book.evaluation import is_binding
from sekisho.book.models import Condition, Finding, Gate, Submission
from sekisho.book.services import decisions, gates, reviews
from sekisho.book.services.answering import NewAnswer, save_answers
from sekisho.book.services.decisions import NewCondition
from sekisho.book.services.reviews import NewFinding
from sekisho.sample import phrases
from sekisho.sample.cast import DOMAIN
from sekisho.sample.story import Story
from sekisho.standards.pack import Criterion


class GateWork:
    """Work at one gate of a story. ``release`` is the version of a release gate; empty for the phase's own."""

    def __init__(self, story: Story, release: str = "") -> None:
        self.story, self.release = story, release

    @property
    def gate(self) -> Gate:
        return self.story.gate(self.release)

    def answer(self, first: float = 0.0, last: float = 1.0) -> None:
        """Answer a stretch of the criteria, given as shares of the whole."""
        gate = self.gate
        criteria = self.story.asked(gate)
        stretch = criteria[round(first * len(criteria)) : round(last * len(criteria))]
        self._save(gate, [(criterion, self._value(criterion)) for criterion in stretch])

    def _value(self, criterion: Criterion) -> str:
        if self._has_nothing(criterion.code):
            return "not_applicable"
        if is_binding(criterion):
            return "met"
        return self.story.rng.choice(("met", "met", "partly", "not_met"))

    def _has_nothing(self, code: str) -> bool:
        is_cloud = self.story.plot.fields["development_form"] == "saas"
        return (code == "retire-11" and is_cloud) or (code == "retire-12" and not is_cloud)

    def _save(self, gate: Gate, answers: Sequence[tuple[Criterion, str]]) -> None:
        if answers:
            save_answers(
                self.story.member, gate, [self._words(criterion, value) for criterion, value in answers]
            )
        for criterion, value in answers:
            if value == "met" and criterion.evidence == "file":
                self._attach(gate, criterion)

    def _words(self, criterion: Criterion, value: str) -> NewAnswer:
        words = {
            "partly": phrases.PARTLY,
            "not_met": phrases.NOT_MET,
            "not_applicable": phrases.NOT_APPLICABLE.get(criterion.code, ""),
        }
        comment = words.get(value) or phrases.ANSWERS.get(criterion.code, phrases.OTHERWISE)
        shown = value in ("met", "partly") and criterion.evidence == "link"
        links = (f"https://docs.{DOMAIN}/{self.story.plot.code}/{criterion.code}",) if shown else ()
        return NewAnswer(criterion.code, value, comment, links)

    def _attach(self, gate: Gate, criterion: Criterion) -> None:
        text = f"{self.story.project.name}\n{criterion.title.ja}\n{phrases.OTHERWISE}\n"
        upload = ContentFile(text.encode(), name=f"{criterion.code}.txt")
        gates.add_evidence_file(self.story.member, gate, criterion.code, upload=upload)

    def leave_gap(self, value: str = "partly") -> str:
        """Leave one binding criterion unmet, for conditions and waivers; returns its code."""
        gate = self.gate
        criterion = [c for c in self.story.asked(gate) if is_binding(c) and not c.measure][-1]
        self._save(gate, [(criterion, value)])
        return criterion.code

    def show(self, person: str) -> None:
        """A contractor adds a link as evidence."""
        gate = self.gate
        criterion = self.story.asked(gate)[0]
        url = f"https://files.{DOMAIN}/{self.story.plot.code}/report"
        gates.add_evidence_link(self.story.cast[person], gate, criterion.code, url=url, title="作業の報告書")

    def submit(self) -> Submission:
        return gates.submit(self.story.member, self.gate)

    def review(self, *, severities: Sequence[str] = (), recommendation: str = "go") -> None:
        """The bureau's CIO aide reviews, with findings of these severities."""
        gate = self.gate
        pool = {"must": phrases.MUST, "should": phrases.SHOULD, "advice": phrases.ADVICE}
        codes = [c.code for c in self.story.asked(gate)]
        found = [
            NewFinding(severity, self.story.rng.choice(pool[severity]), self.story.rng.choice(codes))
            for severity in severities
        ]
        reviews.give_review(self.story.aide, gate, recommendation=recommendation, findings=found)

    def invite_expert(self) -> None:
        """Ask the outside expert, who then reviews as well."""
        expert = self.story.cast["nakamura"]
        reviews.invite_reviewer(self.story.aide, self.gate, expert)
        self.story.cast.forget("nakamura")

    def review_as_expert(self) -> None:
        found = [NewFinding("advice", phrases.ADVICE[0])]
        reviews.give_review(self.story.cast["nakamura"], self.gate, recommendation="go", findings=found)

    def _findings(self, state: str) -> list[Finding]:
        """Findings of this gate in a state."""
        gate = self.gate
        found = list(Finding.objects.filter(gate=gate, state=state).select_related("review__reviewer"))
        for finding in found:
            finding.gate = gate
        return found

    def reply(self) -> None:
        for finding in self._findings("open"):
            reviews.reply_to_finding(self.story.member, finding, phrases.REPLY)

    def resolve(self) -> None:
        for finding in self._findings("answered"):
            reviews.resolve_finding(self.story.aide, finding)

    def go(self) -> None:
        self._decide("go", phrases.GO)

    def send_back(self) -> None:
        self._decide("return", phrases.RETURN)

    def stop(self) -> None:
        self._decide("stop", phrases.STOP)

    def _decide(self, result: str, reason: str, demanded: Sequence[NewCondition] = ()) -> None:
        decisions.decide(self.story.decider, self.gate, result=result, reason=reason, conditions=demanded)

    def pass_on_condition(self, code: str, due_on: dt.date) -> None:
        """Decide conditionally: the gap is to be closed by the member until a day."""
        demand = NewCondition(phrases.DEMAND, self.story.member, due_on, code)
        self._decide("conditional", phrases.CONDITIONAL, [demand])

    def meet_conditions(self) -> None:
        waiting = Condition.objects.filter(project=self.story.project, resolved_at__isnull=True)
        for condition in waiting.select_related("project", "gate"):
            link = f"https://docs.{DOMAIN}/{self.story.plot.code}/condition"
            decisions.resolve_condition(self.story.member, condition, text=phrases.RESOLVED, links=[link])

    def waive(self, code: str, until: dt.date) -> None:
        decisions.grant_waiver(
            self.story.quality, self.gate, criterion=code, reason=phrases.WAIVER, expires_on=until
        )

    def change_answer(self) -> None:
        """Correct an answer after the decision: the decision lapses."""
        gate = self.gate
        code = next(c.code for c in self.story.asked(gate) if c.evidence == "text")
        words = "担当が替わったため、内容を改めました。"
        gates.save_answer(self.story.member, gate, code, value="met", comment=words)
