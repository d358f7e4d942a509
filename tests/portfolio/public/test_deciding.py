"""Who decides what is public, the delay, and taking back."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from sekisho.book.models import LedgerEntry
from sekisho.book.services.ledger import verify_all
from sekisho.errors import Conflict, Invalid, NotPermitted, SekishoError
from sekisho.people.roles import ROLES
from sekisho.portfolio.public.models import PublicationDecision, PublicEntry
from sekisho.portfolio.public.services import deciding, snapshot
from tests.book.factories import make_project
from tests.portfolio.public.conftest import let_time_pass

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("city")]


def shown(project):
    """What citizens see of it now; None when they do not find it."""
    entry = PublicEntry.objects.filter(project=project, shown=True).first()
    return entry and set(entry.document)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "quality_office"])
def test_only_the_quality_office_decides(people, bureau, role):
    project, person = make_project(bureau), getattr(people, role)
    for act in (
        lambda: deciding.decide_fields(person, ["money"]),
        lambda: deciding.decide_field(person, "money", shown=True),
        lambda: deciding.decide_service(person, project, shown=True),
        lambda: deciding.withhold(person, project, "money"),
    ):
        with pytest.raises(SekishoError) as refused:
            act()
        assert refused.value.status in (403, 404)
    assert not PublicationDecision.objects.exists()


def test_what_is_decided_is_seen_after_the_delay_and_no_sooner(people, bureau):
    project, office = make_project(bureau), people.quality_office
    with time_machine.travel(dt.datetime(2026, 11, 2, 1, tzinfo=dt.UTC), tick=False) as clock:
        deciding.decide_fields(office, ["phase"])
        deciding.decide_service(office, project, shown=True)
        clock.shift(dt.timedelta(hours=23, minutes=59))
        snapshot.bring_up_to_date()
        assert shown(project) is None
        clock.shift(dt.timedelta(minutes=1))
        snapshot.bring_up_to_date()
        assert shown(project) == {"id", "name", "phase"}


def test_the_delay_is_a_setting(people, settings):
    settings.PUBLICATION_DELAY_HOURS = 72
    (made,) = deciding.decide_fields(people.quality_office, ["money"])
    assert made.takes_effect_at - made.decided_at == dt.timedelta(hours=72)


def test_taken_back_in_time_nothing_changes(people, bureau):
    project, office = make_project(bureau), people.quality_office
    deciding.take_back(office, deciding.decide_service(office, project, shown=True))
    let_time_pass()
    assert shown(project) is None


def test_what_has_taken_effect_is_not_taken_back(people, bureau, publish):
    project = make_project(bureau)
    publish(project)
    with pytest.raises(Conflict):
        deciding.take_back(people.quality_office, PublicationDecision.objects.last())


def test_what_is_due_but_not_applied_yet_is_not_taken_back_either(people, bureau):
    made = deciding.decide_service(people.quality_office, make_project(bureau), shown=True)
    PublicationDecision.objects.update(takes_effect_at=timezone.now())
    with pytest.raises(Conflict):
        deciding.take_back(people.quality_office, made)


def test_only_the_quality_office_takes_back(people, bureau):
    office = people.quality_office
    made = [deciding.decide_service(office, make_project(bureau), shown=True)]
    made += deciding.decide_fields(office, ["money"])
    for one in made:
        with pytest.raises(NotPermitted):
            deciding.take_back(people.member, one)


def test_hiding_waits_too_unless_it_is_asked_for_at_once(people, bureau, publish):
    project, office = make_project(bureau), people.quality_office
    publish(project)
    deciding.decide_service(office, project, shown=False)
    snapshot.bring_up_to_date()
    assert shown(project)
    deciding.decide_service(office, project, shown=False, at_once=True)
    assert shown(project) is None


def test_a_field_is_hidden_at_once_of_all_services(people, bureau, publish):
    project = make_project(bureau)
    publish(project, fields=["money", "phase"])
    deciding.decide_fields(people.quality_office, ["phase"], at_once=True)
    assert shown(project) == {"id", "name", "phase"}


def test_deciding_one_field_leaves_what_is_decided_of_the_others(people, bureau, publish):
    project, office = make_project(bureau), people.quality_office
    publish(project, fields=["money", "phase", "summary"])
    deciding.decide_field(office, "phase", shown=False)
    deciding.decide_field(office, "money", shown=False, at_once=True)
    assert shown(project) == {"id", "name", "phase", "summary"}
    let_time_pass()
    assert shown(project) == {"id", "name", "summary"}


def test_showing_never_happens_at_once(people, bureau):
    project, office = make_project(bureau), people.quality_office
    deciding.decide_fields(office, ["money"], at_once=True)
    deciding.decide_service(office, project, shown=True, at_once=True)
    snapshot.bring_up_to_date()
    assert shown(project) is None
    assert all(one.is_waiting for one in PublicationDecision.objects.all())


def test_a_later_decision_replaces_one_that_waits(people, bureau):
    project, office = make_project(bureau), people.quality_office
    deciding.decide_service(office, project, shown=True)
    deciding.decide_service(office, project, shown=False, at_once=True)
    let_time_pass()
    assert shown(project) is None
    assert PublicationDecision.objects.filter(taken_back_at__isnull=False).count() == 1


def test_a_field_kept_back_for_one_service_is_shown_of_the_others(people, bureau, publish):
    first, second = make_project(bureau), make_project(bureau)
    publish(first, second, fields=["money"])
    deciding.withhold(people.quality_office, first, "money")
    let_time_pass()
    assert "money" not in shown(first)
    assert "money" in shown(second)
    deciding.withhold(people.quality_office, first, "money", shown=True)
    let_time_pass()
    assert "money" in shown(first)


def test_deciding_what_is_so_already_is_refused(people, bureau, publish):
    project, office = make_project(bureau), people.quality_office
    publish(project, fields=["money"])
    for act in (
        lambda: deciding.decide_fields(office, ["money"]),
        lambda: deciding.decide_field(office, "money", shown=True),
        lambda: deciding.decide_service(office, project, shown=True),
        lambda: deciding.withhold(office, project, "money", shown=True),
    ):
        with pytest.raises(Conflict):
            act()


def test_a_field_that_is_not_in_the_dictionary_cannot_be_published(people, bureau):
    with pytest.raises(Invalid):
        deciding.decide_fields(people.quality_office, ["risks"])
    with pytest.raises(Invalid):
        deciding.decide_field(people.quality_office, "risks", shown=True)
    with pytest.raises(Invalid):
        deciding.withhold(people.quality_office, make_project(bureau), "risks")


def test_a_reason_that_does_not_fit_is_refused_whole(people):
    with pytest.raises(Invalid):
        deciding.decide_fields(people.quality_office, ["money"], reason="理" * 501)
    assert not PublicationDecision.objects.exists()


def test_every_decision_stands_in_a_ledger(people, bureau):
    project, office = make_project(bureau), people.quality_office
    deciding.decide_fields(office, ["money"], reason="説明のため")
    deciding.take_back(office, deciding.decide_service(office, project, shown=True))
    deciding.withhold(office, project, "money")
    acts = set(LedgerEntry.objects.filter(act__startswith="publication").values_list("chain", "act"))
    book = f"book:{project.pk}"
    assert acts == {
        ("office", "publication.field_shown"),
        (book, "publication.service_shown"),
        (book, "publication.taken_back"),
        (book, "publication.part_hidden"),
    }
    assert all(found is None for _chain, found in verify_all())
