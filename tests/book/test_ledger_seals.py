"""Heads are sealed: who writes to the database alone can neither cut, rewrite nor extend a chain unseen."""

import importlib

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.utils.crypto import get_random_string

from sekisho.book.chain import ChainEntry, sha256_of
from sekisho.book.models import LedgerEntry, LedgerHead, Submission
from sekisho.book.services import ledger, projects
from sekisho.book.services.bulk import BulkLedger
from sekisho.book.services.ledger import OFFICE, chain_of, seal_again, verify_all, verify_chain
from sekisho.cli.ledger import ledger as command
from sekisho.people import services as people_services
from sekisho.people.permissions import SYSTEM
from tests.book.factories import make_project, plan_gate, submit_gate

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(bureau, people):
    made = make_project(bureau)
    for name in ("一", "二", "三"):
        projects.update_project(people.member, made, {"name": name})
    return made


@pytest.fixture
def chain(project):
    return chain_of(project)


def cut(chain, length):
    """What an attacker who knows the code does: removes the tail and sets the head to match."""
    LedgerEntry.objects.filter(chain=chain, seq__gt=length).delete()
    last = LedgerEntry.objects.filter(chain=chain, seq=length).values_list("hash", flat=True)
    LedgerHead.objects.filter(chain=chain).update(length=length, last_hash=last.get())


def rewrite(chain, seq, **values):
    """Changes one entry and recomputes every hash after it, the head's too."""
    previous = ""
    for row in LedgerEntry.objects.filter(chain=chain).order_by("seq"):
        for name, value in (values if row.seq == seq else {}).items():
            setattr(row, name, value)
        row.previous_hash = previous
        previous = row.hash = ledger._as_entry(row).digest()
        row.save()
    LedgerHead.objects.filter(chain=chain).update(last_hash=previous)


def reason_of(chain):
    found = verify_chain(chain)
    return found and found.reason


def run(*arguments):
    return CliRunner().invoke(command, arguments)


def test_a_cut_tail_with_a_head_set_to_match_is_detected(chain):
    cut(chain, 3)
    found = verify_chain(chain)
    assert (found.seq, found.reason) == (3, "unsealed")


def test_a_chain_rewritten_with_all_its_hashes_is_detected(chain):
    rewrite(chain, 2, actor_name="誰か")
    assert reason_of(chain) == "unsealed"


def test_an_entry_appended_behind_the_application_is_detected(chain):
    head = LedgerHead.objects.get(chain=chain)
    last = LedgerEntry.objects.get(chain=chain, seq=head.length)
    forged = ChainEntry(
        chain, head.length + 1, ledger._iso(last.at), None, "誰か", "x", {}, {}, {}, head.last_hash
    )
    LedgerEntry.objects.create(
        project=last.project, hash=forged.digest(), **{**forged.__dict__, "at": last.at}
    )
    LedgerHead.objects.filter(chain=chain).update(length=forged.seq, last_hash=forged.digest())
    assert reason_of(chain) == "unsealed"


def test_a_seal_taken_from_another_chain_does_not_hold(chain, bureau):
    other = chain_of(make_project(bureau, code="B-2"))
    cut(chain, 3)
    LedgerHead.objects.filter(chain=chain).update(seal=LedgerHead.objects.get(chain=other).seal)
    assert reason_of(chain) == "unsealed"


def test_an_act_after_the_attack_is_kept_but_never_mends_the_seal(chain, project, people):
    cut(chain, 3)
    projects.update_project(people.member, project, {"name": "攻撃のあと"})
    assert LedgerEntry.objects.filter(chain=chain).count() == 4
    assert reason_of(chain) == "unsealed"


def test_an_import_after_the_attack_never_mends_the_seal_either(chain, project):
    cut(chain, 3)
    acts = BulkLedger(SYSTEM)
    acts.add(project.pk, "project.renamed", {"source": "rs", "old": "一", "new": "二"})
    acts.flush()
    assert reason_of(chain) == "unsealed"


def test_a_chain_whose_head_was_removed_goes_on_and_stays_broken(chain, project, people):
    cut(chain, 3)
    LedgerHead.objects.filter(chain=chain).delete()
    projects.update_project(people.member, project, {"name": "頭のない鎖"})
    assert LedgerEntry.objects.filter(chain=chain).count() == 4
    assert reason_of(chain) == "unsealed"


def test_a_books_chain_removed_whole_and_begun_anew_is_detected(chain, project, people):
    LedgerEntry.objects.filter(chain=chain).delete()
    LedgerHead.objects.filter(chain=chain).delete()
    projects.update_project(people.member, project, {"name": "新しい鎖"})
    assert reason_of(chain) == "begun_anew"


def test_the_office_is_sealed_too(bureau, people):
    for code in ("x-0", "x-1"):
        people_services.create_organisation(people.admin, code=code, name="課", name_en="", parent=bureau)
    assert reason_of(OFFICE) is None
    cut(OFFICE, 1)
    people_services.create_organisation(people.admin, code="x-2", name="係", name_en="", parent=bureau)
    assert reason_of(OFFICE) == "unsealed"


def test_a_new_key_keeps_old_seals_and_seals_new_acts(chain, project, people, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = get_random_string(50)
    assert reason_of(chain) is None
    projects.update_project(people.member, project, {"name": "新しい鍵"})
    settings.SECRET_KEY_FALLBACKS = []
    assert reason_of(chain) is None


def test_sealing_again_makes_the_old_key_needless(chain, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = get_random_string(50)
    assert run("seal").exit_code == 0
    settings.SECRET_KEY_FALLBACKS = []
    assert all(found is None for _chain, found in verify_all())


def test_a_lost_key_is_replaced_only_with_a_reason_that_is_recorded(chain, settings):
    settings.SECRET_KEY = get_random_string(50)
    refused = run("seal")
    assert refused.exit_code == 1
    assert "the key was lost" in refused.output
    assert reason_of(chain) == "unsealed"
    assert run("seal", "--reason", "鍵のファイルを失った").exit_code == 0
    assert all(found is None for _chain, found in verify_all())
    entry = LedgerEntry.objects.get(chain=OFFICE, act="ledger.sealed")
    assert entry.params["reason"] == "鍵のファイルを失った"
    assert chain in entry.params["chains"]


def test_a_chain_broken_in_itself_is_never_sealed(chain):
    LedgerEntry.objects.filter(chain=chain, seq=2).update(actor_name="誰か")
    _sealed, left = seal_again("鍵を失った")
    assert [(found.chain, found.reason) for found in left] == [(chain, "altered")]
    assert reason_of(chain) == "altered"


@pytest.mark.parametrize("how", ["document", "with its hash", "deleted"])
def test_a_snapshot_edited_or_deleted_behind_the_application_is_named_by_its_entry(bureau, people, how):
    gate = plan_gate(make_project(bureau))
    frozen = submit_gate(people.member, gate)
    chain = chain_of(gate.project)
    assert verify_chain(chain) is None
    document = {**frozen.document, "carried": ["x"]}
    if how == "deleted":
        frozen.delete()
    else:
        sha = {"sha256": sha256_of(document)} if how == "with its hash" else {}
        Submission.objects.filter(pk=frozen.pk).update(document=document, **sha)
    entry = LedgerEntry.objects.get(chain=chain, act="gate.submitted")
    found = verify_chain(chain)
    assert (found.seq, found.reason) == (entry.seq, "snapshot_altered")


def test_noted_heads_betray_a_chain_that_was_set_back_with_its_old_seal(chain, project, people, tmp_path):
    old = LedgerHead.objects.get(chain=chain)
    projects.update_project(people.member, project, {"name": "四"})
    noted = tmp_path / "heads.txt"
    assert run("heads", "-o", str(noted)).exit_code == 0
    assert run("verify", "--heads", str(noted)).exit_code == 0
    LedgerEntry.objects.filter(chain=chain, seq__gt=old.length).delete()
    LedgerHead.objects.filter(chain=chain).update(length=old.length, last_hash=old.last_hash, seal=old.seal)
    assert run("verify").exit_code == 0
    told = run("verify", "--heads", str(noted))
    assert told.exit_code == 1
    assert f"{project.code} entry {old.length + 1}: the chain no longer holds what was noted" in told.output


def test_noted_heads_still_hold_after_more_acts(chain, project, people, tmp_path):
    noted = tmp_path / "heads.txt"
    noted.write_text(run("heads").output, "utf-8")
    projects.update_project(people.member, project, {"name": "五"})
    assert run("verify", project.code, "--heads", str(noted)).exit_code == 0


@pytest.mark.parametrize("text", ["book:1", "book:1\tx\tff", "a b c\n", "book:1\t" + "9" * 40 + "\tff"])
def test_a_file_that_is_no_list_of_heads_is_refused_with_its_line(chain, tmp_path, text):
    file = tmp_path / "heads.txt"
    file.write_text(text, "utf-8")
    told = run("verify", "--heads", str(file))
    assert told.exit_code == 1
    assert "line 1: this is not what `ledger heads` prints" in told.output


def test_heads_from_before_seals_are_sealed_by_the_migration(chain):
    LedgerHead.objects.update(seal="")
    migration = importlib.import_module("sekisho.book.migrations.0006_sealed_heads")
    migration.seal_heads(apps, None)
    assert all(found is None for _chain, found in verify_all())


def test_the_page_of_the_ledger_tells_of_a_broken_seal(chain, project, people, client):
    cut(chain, 3)
    client.force_login(people.auditor)
    body = client.get(f"/projects/{project.code}/ledger/", headers={"accept-language": "en"}).content.decode()
    assert "The seal on the end of the chain does not hold" in body
