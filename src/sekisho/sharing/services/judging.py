"""Saying whether two books are the same, related or different."""

from collections import Counter
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import choice
from sekisho.errors import Invalid, NotFound, NotPermitted
from sekisho.sharing.models import Judgement, Likeness


def judge(user: Any, project: Project, other: Project, verdict: str) -> Judgement:
    """Keep what a person says of two books; saying it again changes it. Written in the ledger of ``project``.

    Raises:
        Invalid: no such verdict, or a book with itself. NotFound: the other book may not be seen. NotPermitted.
    """
    said = choice(verdict, Judgement.Verdict, "verdict")
    if project.pk == other.pk:
        raise Invalid(_("A project is not compared with itself."), field="verdict")
    with acting_on(user, project, closed_ok=True) as act:
        act.require("read")
        path, pid = project.owner.path, project.pk
        if not any(act.actor.may(one, path=path, project_id=pid) for one in ("edit", "review")):
            raise NotPermitted(_("Your role does not allow this on this book."))
        if not Project.objects.visible_to(act.actor).filter(pk=other.pk).exists():
            raise NotFound(_("There is no such book, or you may not see it."))
        first, second = sorted((project.pk, other.pk))
        row, made = Judgement.objects.get_or_create(
            first_id=first,
            second_id=second,
            person_id=act.person_id,
            defaults={"verdict": said, "said_at": act.now},
        )
        if made or row.verdict != said:
            row.verdict, row.said_at = said, act.now
            row.save()
            _part(first, second)
            params = {"title": other.name}
            if said == Judgement.Verdict.SAME:
                act.write("similar.same", params)
            elif said == Judgement.Verdict.RELATED:
                act.write("similar.related", params)
            else:
                act.write("similar.different", params)
    return row


def _part(first: int, second: int) -> None:
    """Two likely duplicates that more people call different are none any more; larger groups are made anew in the night."""
    votes = Counter(
        Judgement.objects.filter(first=first, second=second).order_by().values_list("verdict", flat=True)
    )
    if Judgement.calls_same(votes) is False:
        pairs = Likeness.objects.annotate(n=Count("projects")).filter(n=2)
        pairs.filter(projects=first).filter(projects=second).delete()
