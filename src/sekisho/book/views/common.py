"""What gate views share: finding what one may see, and going back to the place."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from sekisho.book.models import Gate
from sekisho.book.queries.gates import get_gate
from sekisho.errors import NotPermitted
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor


def seen_gate(request: HttpRequest, gate_id: int) -> tuple[Actor, Gate]:
    """The actor and a gate they may see; 404 otherwise."""
    actor = actor_of(request.user)
    gate = get_gate(actor, gate_id)
    if gate is None:
        raise Http404(_("There is no such gate, or you may not see it."))
    return actor, gate


def to_gate(gate: Gate, code: str = "") -> HttpResponse:
    """Back to the gate page, at a criterion."""
    url = reverse("book:gate", args=[gate.pk])
    return redirect(f"{url}?open={code}#c-{code}" if code else url)


def require(actor: Actor, act: str, gate: Gate) -> None:
    """Refuse to show the form of an act that the table of roles does not allow on this gate's book.

    Raises:
        NotPermitted: the role does not allow it.
    """
    if not may(actor, act, gate):
        raise NotPermitted(_("Your role does not allow this on this book."))


def may(actor: Actor, act: str, gate: Gate) -> bool:
    """Whether the table of roles allows an act on this gate's book."""
    return actor.may(act, path=gate.project.owner.path, project_id=gate.project_id)


Context = dict[str, Any]
