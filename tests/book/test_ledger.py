"""The ledger proves itself: whatever is done behind the application's back is detected."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.utils.translation import override

import sekisho
from sekisho.book.models import LedgerEntry, LedgerHead
from sekisho.book.queries.ledger import read_acts
from sekisho.book.services import gates, projects
from sekisho.book.services.ledger import OFFICE, chain_of, verify_all, verify_chain
from sekisho.book.words import ACTS, entry_sentence
from sekisho.book.words_values import Names
from sekisho.people import services as people_services
from tests.book.factories import make_project, plan_gate

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


def test_a_chain_whose_book_was_deleted_is_detected(chain):
    gone = chain.replace(chain.partition(":")[2], "987654")
    LedgerHead.objects.create(chain=gone, length=0)
    assert [(found.chain, found.reason) for _chain, found in verify_all() if found] == [(gone, "no_book")]


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


#: what the services write with each act; free text is in words, everything else as it is stored
GATE = {"gate": "build", "gate_id": 1}
CRITERION = {"criterion": "build-01", "gate_id": 1}
PERSON = {"person": "田中", "person_id": 3}
ROLE = {**PERSON, "role": "cio_aide", "organisation": "市民局", "date": "2026-04-01"}
PARAMS = {
    "installation.created": {"name": "関野市"},
    **{f"organisation.{act}": {"name": "市民局"} for act in ("created", "changed", "reopened")},
    "organisation.moved": {"name": "市民局", "old": "関野市", "new": "政策局"},
    "organisation.closed": {"name": "市民局", "date": "2026-04-01"},
    **{
        f"person.{act}": PERSON
        for act in ("created", "deactivated", "activated", "password_set", "second_factor_removed")
    },
    "person.changed": {**PERSON, "fields": ["display_name", "organisation", "language"]},
    **{f"role.{act}": ROLE for act in ("granted", "ended", "withdrawn")},
    **{f"token.{act}": {**PERSON, "name": "集計"} for act in ("created", "revoked")},
    "project.created": {"code": "B-1"},
    "project.updated": {"fields": ["personal_data", "for_citizens", "budget:2024", "goals"]},
    "project.imported": {"source": "judgit 2021", "fields": ["name_en", "contracts", "budget:2021"]},
    "project.renamed": {"source": "rs 2024", "old": "旧", "new": "新"},
    "project.reorganised": {"source": "rs 2024", "old": "一課", "new": "二課"},
    "project.vanished": {"source": "rs", "year": 2024},
    "project.absent": {"source": "rs", "year": 2024},
    "project.retired": {"items": 3},
    "project.stopped": GATE,
    "tier.set": {"tier": "focus", "reason": "公約"},
    "tier.computed": {"tier": "light"},
    **{
        f"member.{act}": {"person": "田中", "part": "lead", "user_id": 3}
        for act in ("added", "changed", "removed")
    },
    "budget.set": {"year": 2024},
    **{f"contract.{act}": {"title": "委託", "contract_id": 1} for act in ("added", "changed", "removed")},
    **{f"milestone.{act}": {"name": "公開", "date": "2026-04-01"} for act in ("set", "done")},
    "milestone.removed": {"name": "公開"},
    "baseline.fixed": {"number": 2, "reason": "議会"},
    "status.reported": {"month": "2026-10"},
    **{f"risk.{act}": {"title": "遅れ", "risk_id": 1} for act in ("added", "updated", "closed")},
    **{f"item.{act}": {"kind": "goal", "title": "短縮", "id": 1} for act in ("added", "changed", "removed")},
    "file.added": {"name": "資料", "sha": "0" * 64, "size": 1},
    **{f"file.{act}": {"name": "資料", "sha": "0" * 64} for act in ("cleaned", "refused", "retried")},
    "file.erased": {"name": "資料", "sha": "0" * 64},
    "test.planned": {"title": "申請の試験", "test_id": 1},
    "test.changed": {"title": "申請の試験", "test_id": 1},
    "test.started": {"title": "申請の試験", "test_id": 1},
    "test.done": {"title": "申請の試験", "test_id": 1, "participants": 5},
    "test.cancelled": {"title": "申請の試験", "test_id": 1, "reason": "延期"},
    "participant.withdrew": {"title": "申請の試験", "participant": "P3", "test_id": 1},
    **{
        f"problem.{act}": {"number": 3, "title": "送れない", "problem_id": 1}
        for act in ("found", "changed", "fixed", "closed", "reopened")
    },
    **{f"operation.{act}": {"month": "2026-10"} for act in ("reported", "corrected")},
    **{f"incident.{act}": {"key": "INC-3"} for act in ("reported", "corrected")},
    "zone.made": {"zones": "LGWAN接続系"},
    "network.model_chosen": {"model": "β′"},
    **{
        f"system.{act}": {"name": "窓口", "zone": "LGWAN接続系", "system_id": 1}
        for act in ("placed", "changed", "removed")
    },
    **{
        f"flow.{act}": {"what": "申請", "source": "窓口", "target": "台帳", "flow_id": 1}
        for act in ("added", "changed", "removed")
    },
    **{f"route.{act}": {"route": "持出し", "route_id": 1} for act in ("made", "changed", "closed", "opened")},
    "plan.begun": {"steps": 2},
    "plan.step_changed": {"step": 2},
    **{
        f"move.{act}": {"name": "窓口", "zone": "LGWAN接続系", "step": 2, "system_id": 1}
        for act in ("planned", "dropped", "done")
    },
    "policy.made": {"policy": "持込み", "reason": "PDFを画像に"},
    "policy.changed": {"policy": "持込み", "version": 2, "reason": "PDFを画像に"},
    **{f"outside.{act}": {"number": 3, "purpose": "契約"} for act in ("entered", "locked")},
    **{f"mail.{act}": {"number": 3, "count": 2} for act in ("passed_on", "held")},
    "mail.came": {"number": 3, "sender": "a@example.jp", "receiver": "b@example.jp"},
    "mail.unlocked": {"number": 3, "name": "message.eml", "names": "資料.zip"},
    **{f"hold.{act}": {"number": 3, "reason": "監査"} for act in ("placed", "ended")},
    "alert.surge": {"files": 90, "usual": 3},
    "alert.refusals": {"sender": "田中", "files": 9, "refused": 8},
    "alert.attack": {"sender": "田中", "name": "表.xlsm", "code": "ooxml.macro"},
    "alert.answered": {"reason": "年度末の引越し"},
    **{
        f"publication.{act}": {"public_field": "money", "from_moment": "2026-12-01T09:00+00:00"}
        for act in ("field_shown", "field_hidden", "part_shown", "part_hidden", "taken_back")
    },
    **{
        f"publication.service_{act}": {"public_field": "", "from_moment": "2026-12-01T09:00+00:00"}
        for act in ("shown", "hidden")
    },
    "transfer.sent": {"number": 3, "route": "持出し", "count": 2, "purpose": "契約", "files": []},
    "package.made": {"number": 3, "package": 7, "digest": "ab"},
    "package.written_again": {"number": 3, "package": 7, "digest": "ab"},
    "package.delivered": {"number": 3, "package": 7, "digest": "ab", "count": 1},
    "package.refused": {"package": "000000000007.sekisho", "reason": "altered", "detail": ""},
    "package.missing": {"package": "000000000007.sekisho"},
    "package.looked_again": {"package": "000000000007.sekisho"},
    "transfer.offered": {"number": 3, "receiver": "山田", "until": "2026-12-01"},
    "transfer.approved": {"number": 3, "purpose": "契約", "reason": ""},
    "transfer.declined": {"number": 3, "purpose": "契約", "reason": "宛先が違う"},
    "transfer.expired": {"number": 3},
    "transfer.redated": {"number": 3},
    "transfer.unlocked": {"number": 3, "name": "一式.zip", "names": "資料.zip"},
    **{
        f"transfer.{act}": {
            "number": 3,
            "name": "表.csv",
            "sha": "0",
            "reason": "確認",
            "code": "type.unknown",
        }
        for act in (
            "cleaned",
            "refused",
            "taken",
            "looked_into",
            "original_taken",
            "copy_destroyed",
            "original_destroyed",
        )
    },
    **{
        f"exception.{act}": {
            "number": 3,
            "name": "表.csv",
            "wanted": "pixel",
            "reason": "確認",
            "until": None,
        }
        for act in ("asked", "consented", "refused")
    },
    "survey.made": {"title": "満足度", "survey_id": 1},
    "survey.opened": {"title": "満足度", "wave": "春", "survey_id": 1},
    "survey.brought_in": {
        "title": "満足度",
        "wave": "紙の回答",
        "survey_id": 1,
        "answers": 12,
        "left_out": 1,
    },
    "survey.grouped": {"title": "満足度", "wave": "春", "group": "年代", "survey_id": 1},
    "feature.planned": {"feature": "途中保存", "title": "満足度", "survey_id": 1},
    "survey.weighted": {"title": "満足度", "wave": "春", "people": 54000, "survey_id": 1},
    "survey.table_added": {"title": "満足度", "table": "当局の表", "survey_id": 1},
    "survey.table_removed": {"title": "満足度", "table": "当局の表", "survey_id": 1},
    "survey.closed": {"title": "満足度", "wave": "春", "answers": 12, "survey_id": 1},
    **{f"similar.{act}": {"title": "予約"} for act in ("same", "related", "different")},
    **{
        f"sign.{act}": {"alarm": "baseline_reset", "since": "2026-04-01"}
        for act in ("answered", "asked_again")
    },
    **{
        f"reuse.{act}": {"title": "認証基盤", "reason": "費用", "reuse_id": 1}
        for act in ("offered", "considered", "adopted", "declined", "confirmed")
    },
    **{
        f"succession.{act}": {"title": "予約", "year": 2026}
        for act in ("leads", "follows", "kept", "denied", "reopened")
    },
    **{
        f"proposal.{act}": {"title": "予約の共通化", "reason": "費用", "proposal_id": 1}
        for act in ("made", "agreed", "rejected", "progressed", "done")
    },
    "gate.opened": {**GATE, "standard": "sekisho-reference 1.0"},
    "gate.due_set": {**GATE, "date": "2026-12-27"},
    "gate.upgraded": {**GATE, "old": "sekisho-reference 1.0", "new": "sekisho-reference 1.0"},
    **{f"gate.{act}": GATE for act in ("lapsed", "withdrawn")},
    "gate.submitted": {**GATE, "sha": "0" * 64, "number": 1},
    "gate.decided": {**GATE, "result": "conditional", "reason": "よい"},
    "answer.saved": {**CRITERION, "value": "not_met"},
    **{f"evidence.{act}": {**CRITERION, "title": "報告書"} for act in ("added", "removed")},
    "review.invited": {**GATE, "person": "田中"},
    "review.given": {**GATE, "recommendation": "return"},
    "finding.raised": {"severity": "must", "text": "不足", "criterion": "build-01"},
    **{f"finding.{act}": {"text": "直した", "finding_id": 1} for act in ("answered", "resolved")},
    "condition.set": {"owner": "田中", "due": "2026-11-11", "text": "示す"},
    **{f"condition.{act}": {"text": "示す", "condition_id": 1} for act in ("resolved", "escalated")},
    "waiver.granted": {**CRITERION, "until": "2027-02-21", "reason": "改正待ち"},
    "waiver.revoked": CRITERION,
    "phase.entered": {"phase": "operate", "decision_id": 1},
    "phase.skipped": {"phase": "requirements", "reason": "既製"},
    "release.planned": {"version": "1.0", "date": "2026-12-05", "release_id": 1},
    **{f"release.{act}": {"version": "1.0", "release_id": 1} for act in ("updated", "published")},
    "release.emergency": {"version": "1.0", "reason": "弱点"},
    **{f"retirement.{act}": {"name": "サーバー"} for act in ("item_set", "item_removed")},
    "ledger.sealed": {"count": 2, "chains": ["book:1", "office"], "reason": "鍵の紛失"},
    "standard.registered": {"standard": "sekisho-reference 1.0", "sha": "0" * 64},
    "standard.chosen": {"standard": "sekisho-reference 1.0", "organisation": "市民局", "from": "2026-04-01"},
}
RAW = re.compile(r"\d{4}-\d{2}|[a-z]+_[a-z]+|build-01|sekisho-reference|None|%\(|\b(judgit|rs|lead|focus)\b")
NAMES = Names(
    standards={"sekisho-reference 1.0": "関所 参考基準 1.0"}, criteria={1: {"build-01": "試験を終えた"}}
)


def test_every_kind_of_entry_is_tried():
    assert set(PARAMS) == set(ACTS)


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("act", sorted(PARAMS))
def test_every_kind_of_entry_reads_without_codes(act, language):
    with override(language):
        sentence = entry_sentence(act, "山田", PARAMS[act], NAMES)
    assert not RAW.search(sentence), sentence
    assert not sentence.startswith("山田: ")


@pytest.mark.parametrize(
    ("act", "empty"), [("tier.set", "reason"), ("project.vanished", "year"), ("baseline.fixed", "reason")]
)
def test_what_was_not_said_leaves_no_dangling_colon(act, empty):
    with override("en"):
        sentence = entry_sentence(act, "山田", {**PARAMS[act], empty: None})
    assert not sentence.endswith((": ", ":"))
    assert "()" not in sentence


def test_the_ledger_names_criteria_and_standards_by_their_titles(
    bureau, people, django_assert_max_num_queries
):
    gate = plan_gate(make_project(bureau))
    code = gate.standard.load().for_phase("plan")[0].code
    gates.save_answer(people.member, gate, code, value="met", comment="よい")
    entries = list(LedgerEntry.objects.filter(chain=chain_of(gate.project)))
    with override("en"), django_assert_max_num_queries(3):
        sentences = {act.entry.act: act.sentence for act in read_acts(entries)}
    with override("en"):
        assert gate.standard.title in sentences["gate.opened"]
    assert f"“{gate.standard.load().get(code).title.en}”" in sentences["answer.saved"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_the_office_changed_is_in_words(people, bureau, language):
    new = people_services.create_organisation(
        people.admin, code="sec-9", name="窓口課", name_en="Counter", parent=bureau
    )
    people_services.rename_organisation(people.admin, new, name="窓口係", name_en="Counter")
    people_services.create_token(people.member, name="集計", scope="read", days=9, by=people.member)
    with override(language):
        changes = [c for act in read_acts(LedgerEntry.objects.filter(chain=OFFICE)) for c in act.changes]
    assert {"総務局", "窓口係"} <= {change.after for change in changes}
    keys = {"parent", "name_en"} | ({"scope", "until"} if language == "ja" else set())
    assert not {change.label for change in changes} & keys
    assert not {change.after for change in changes} & {"read", str(bureau.pk)}
