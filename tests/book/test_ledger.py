"""The ledger proves itself: whatever is done behind the application's back is detected."""

import re
from pathlib import Path

import pytest
from django.db import connection

import sekisho
from sekisho.book.models import LedgerEntry, LedgerHead
from sekisho.book.services import projects
from sekisho.book.services.ledger import chain_of, verify_all, verify_chain
from sekisho.book.words import ACTS, entry_sentence
from tests.book.factories import make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(bureau, people):
    project = make_project(bureau)
    for name in ("一", "二", "三"):
        projects.update_project(people.member, project, {"name": name})
    return chain_of(project)


def run(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def test_an_untouched_chain_holds(chain):
    assert verify_chain(chain) is None
    assert all(found is None for _chain, found in verify_all())


def test_an_edited_entry_is_named(chain):
    run("UPDATE book_ledgerentry SET actor_name = 'x' WHERE chain = %s AND seq = 2", chain)
    found = verify_chain(chain)
    assert (found.seq, found.reason) == (2, "altered")


def test_an_edited_entry_with_a_recomputed_hash_breaks_the_next(chain):
    run("UPDATE book_ledgerentry SET hash = 'f' WHERE chain = %s AND seq = 1", chain)
    assert verify_chain(chain).seq in (1, 2)


def test_a_deleted_entry_is_named(chain):
    LedgerEntry.objects.filter(chain=chain, seq=2).delete()
    found = verify_chain(chain)
    assert (found.seq, found.reason) == (2, "missing")


def test_a_cut_off_tail_is_detected(chain):
    last = LedgerEntry.objects.filter(chain=chain).order_by("-seq").first()
    last.delete()
    found = verify_chain(chain)
    assert (found.seq, found.reason) == (last.seq, "cut_off")


def test_a_whole_chain_that_vanished_is_detected(chain):
    LedgerEntry.objects.filter(chain=chain).delete()
    LedgerHead.objects.filter(chain=chain).delete()
    assert [found.chain for _chain, found in verify_all() if found] == [chain]


def test_saving_nothing_new_writes_nothing(bureau, people):
    project = make_project(bureau, name="同じ")
    before = LedgerEntry.objects.count()
    projects.update_project(people.member, project, {"name": "同じ"})
    assert LedgerEntry.objects.count() == before


def test_every_act_in_the_code_has_a_sentence():
    source = "".join(p.read_text() for p in Path(sekisho.__file__).parent.glob("*/services/**/*.py"))
    source += "".join(p.read_text() for p in Path(sekisho.__file__).parent.glob("*/services.py"))
    acts = set(re.findall(r'(?:\.write|record)\(\s*(?:[a-z_.]+,\s*)?"([a-z]+\.[a-z_]+)"', source))
    assert acts
    assert acts - set(ACTS) == set()


@pytest.mark.parametrize("act", sorted(ACTS))
def test_a_sentence_never_fails_for_want_of_a_word(act):
    assert entry_sentence(act, "山田", {})
