import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from sekisho.errors import Invalid, NotPermitted
from sekisho.people.limits import TOKEN_FAILURES, TooMany
from sekisho.people.models import ApiToken, SharedCache
from sekisho.people.permissions import SYSTEM
from sekisho.people.services import (
    authenticate_bearer,
    authenticate_token,
    create_token,
    deactivate_person,
    revoke_token,
)


def make(person, by=None, **kwargs):
    return create_token(
        person, **{"name": "夜間の出力", "scope": "read", "days": 30, "by": by or person, **kwargs}
    )


def test_a_token_stands_for_its_person_and_is_kept_only_as_a_hash(people, recorded):
    token, text = make(people.member)
    assert text.startswith("skt_")
    assert authenticate_token(text) == (people.member, "read")
    kept = ApiToken.objects.values().get(pk=token.pk)
    assert text not in str(kept)
    assert recorded[-1][0] == "token.created"
    assert text not in str(recorded)


def test_revoked_expired_and_closed_accounts_tokens_do_not_work(people, time_machine):
    revoked, text = make(people.member)
    revoke_token(people.member, revoked)
    assert authenticate_token(text) is None
    _token, short = make(people.expert, days=1)
    _token, closed = make(people.auditor)
    deactivate_person(people.admin, people.auditor)
    assert authenticate_token(closed) is None
    time_machine.move_to(timezone.now() + dt.timedelta(days=1, minutes=1))
    assert authenticate_token(short) is None
    for odd in ("", "skt_", "skt_" + "x" * 5000, "日本語", "\udcff"):
        assert authenticate_token(odd) is None


def test_last_use_is_written_at_most_once_a_minute(people, time_machine, django_assert_num_queries):
    start = timezone.now()
    time_machine.move_to(start, tick=False)
    token, text = make(people.member)
    with django_assert_num_queries(2):
        authenticate_token(text)
    with django_assert_num_queries(1):
        authenticate_token(text)
    time_machine.move_to(start + dt.timedelta(seconds=61), tick=False)
    authenticate_token(text)
    token.refresh_from_db()
    assert token.last_used_at == start + dt.timedelta(seconds=61)


def test_only_the_person_or_an_administrator_makes_and_revokes(people):
    with pytest.raises(NotPermitted):
        make(people.member, by=people.cio_aide)
    token, _text = make(people.member, by=people.admin)
    with pytest.raises(NotPermitted):
        revoke_token(people.cio_aide, token)
    make(people.member, by=SYSTEM)
    revoke_token(people.admin, token)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"scope": "all"}, "scope"),
    ],
)
def test_it_names_what_is_wrong_with_a_token(people, wrong, field):
    with pytest.raises(Invalid) as refusal:
        make(people.member, **wrong)
    assert field in refusal.value.fields


@time_machine.travel("2026-11-23T03:00:00Z", tick=False)
def test_guessing_is_slowed_down_per_source(people):
    _token, text = make(people.member)
    for _try in range(TOKEN_FAILURES.tries):
        assert authenticate_bearer("skt_wrong", "192.0.2.1") is None
    with pytest.raises(TooMany) as refusal:
        authenticate_bearer("skt_wrong", "192.0.2.1")
    assert refusal.value.status == 429
    assert authenticate_bearer("skt_wrong", "192.0.2.2") is None
    assert authenticate_bearer(text, "192.0.2.1") == (people.member, "read")
    assert SharedCache.objects.count() == 2, "every server process counts in the same place"
