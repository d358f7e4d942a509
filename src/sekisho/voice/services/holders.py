"""Acts on surveys, whoever holds them: a book, or an organisation that asks its own people.

An organisation's surveys write a chain of their own, ``voice:<key of the organisation>``, so that its auditor can prove
them alone. The chains are kept and proved by the book's ledger (``sekisho ledger verify``).
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.book.models import Project
from sekisho.book.services import ledger
from sekisho.book.services.acting import acting_on
from sekisho.book.services.common import Act, plain
from sekisho.errors import Conflict, NotFound, NotPermitted
from sekisho.people.models import Organisation
from sekisho.people.permissions import actor_of
from sekisho.people.roles import Actor
from sekisho.voice.models import Survey
from sekisho.voice.models.surveys import chain_of

Holder: TypeAlias = Project | Organisation


class OrganisationAct:
    """One act in progress on an organisation's surveys: as ``Act`` is on a book."""

    def __init__(self, actor: Actor, organisation: Organisation) -> None:
        self.actor = actor
        self.organisation = organisation
        self.now = timezone.now()
        self.today = timezone.localdate()

    @property
    def person_id(self) -> int:
        """Key of the person who acts; only for acts the system itself never does."""
        assert self.actor.user_id is not None
        return self.actor.user_id

    def require(self, act: str) -> None:
        """Refuse unless the table of roles allows it on this organisation (NotPermitted; NotFound when unseen)."""
        path = self.organisation.path
        if self.actor.may(act, path=path):
            return
        if not self.actor.may("read", path=path):
            raise NotFound(_("There is no such survey, or you may not see it."))
        raise NotPermitted(_("Your role does not allow this on surveys of this organisation."))

    def write(
        self,
        act: str,
        params: Mapping[str, Any] | None = None,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Append to the organisation's chain."""
        said = {"params": plain(params), "before": plain(before), "after": plain(after)}
        ledger.append(self.actor, None, act, **said, chain=chain_of(self.organisation.pk))


def expected_chains() -> Iterable[str]:
    """Chains that must exist: making a survey wrote its first entry."""
    held = Survey.objects.filter(organisation__isnull=False).order_by()
    return [chain_of(pk) for pk in held.values_list("organisation_id", flat=True).distinct()]


@contextmanager
def acting_for(user: Any, holder: Holder | Survey) -> Iterator[Act | OrganisationAct]:
    """One transaction on the locked holder of surveys.

    Raises:
        Conflict: the book or the organisation is closed.
    """
    holder = holder.holder if isinstance(holder, Survey) else holder
    if isinstance(holder, Project):
        with acting_on(user, holder) as act:
            yield act
        return
    with transaction.atomic():
        locked = Organisation.objects.select_for_update(of=("self",)).get(pk=holder.pk)
        if locked.closed_on is not None:
            raise Conflict(_("This organisation is closed."), code="organisation_closed")
        yield OrganisationAct(actor_of(user), locked)
