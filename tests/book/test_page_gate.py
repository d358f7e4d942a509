"""The gate page: what people see and do there."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from sekisho.book.models import Answer, Condition, Decision, Finding
from sekisho.book.services import gates, projects, reviews
from tests.book.factories import (
    answer_all,
    criterion_document,
    days,
    make_project,
    make_standard,
    pass_gate,
    plan_gate,
    put_in_force,
    review_gate,
    submit_gate,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate(bureau):
    return plan_gate(make_project(bureau, name="住民票のオンライン申請"))


def url(name, *args):
    return reverse(f"book:{name}", args=args)


def login(client, person):
    person.language = "en"
    person.save()
    client.force_login(person)
    return client


def test_it_lists_what_bars_the_way(client, people, gate):
    page = login(client, people.member).get(url("gate", gate.pk)).content.decode()
    assert "Not answered yet: Criterion plan-1" in page
    assert "Submit for review" in page


def test_a_gate_that_a_lapse_reopened_says_what_changed(client, people, gate):
    pass_gate(people, gate)
    projects.update_project(people.member, gate.project, {"network_zone": "internet"})
    page = login(client, people.member).get(url("gate", gate.pk)).content.decode()
    assert "The decision lapsed on" in page
    assert "“network zone” of the project changed" in page


def test_it_is_not_found_for_strangers(client, other_bureau, gate):
    from tests.factories import UserFactory

    stranger = UserFactory(member=True, organisation=other_bureau)
    assert login(client, stranger).get(url("gate", gate.pk)).status_code == 404


def test_saving_an_answer_goes_back_to_the_criterion(client, people, gate):
    data = {"value": "met", "comment": "確認しました 🎌", "version": "0"}
    response = login(client, people.member).post(url("answer", gate.pk, "plan-1"), data)
    assert response.headers["Location"].endswith("#c-plan-1")
    assert Answer.objects.get().comment == "確認しました 🎌"


def test_with_htmx_the_criterion_and_the_panel_come_back(client, people, gate):
    data = {"value": "met", "comment": "", "version": "0"}
    response = login(client, people.member).post(
        url("answer", gate.pk, "plan-1"), data, headers={"HX-Request": "true"}
    )
    text = response.content.decode()
    assert response.status_code == 200
    assert 'id="c-plan-1"' in text
    assert 'hx-swap-oob="true"' in text


def test_a_stale_save_shows_both_versions_and_keeps_what_was_typed(client, people, gate):
    gates.save_answer(people.member, gate, "plan-1", value="met", comment="先に保存した言葉")
    data = {"value": "partly", "comment": "あとから書いた言葉", "version": "0"}
    response = login(client, people.member).post(url("answer", gate.pk, "plan-1"), data)
    text = response.content.decode()
    assert response.status_code == 412
    assert "先に保存した言葉" in text
    assert re.search(r"<textarea[^>]*>あとから書いた言葉", text)


def test_a_refused_answer_says_why_and_keeps_the_choice(client, people, gate):
    response = login(client, people.member).post(
        url("answer", gate.pk, "plan-1"), {"value": "not_applicable", "comment": "", "version": "0"}
    )
    assert response.status_code == 422
    assert "Say why this does not apply." in response.content.decode()


def test_evidence_by_link_and_by_file(client, people, gate, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    login(client, people.member)
    client.post(url("evidence_add", gate.pk, "plan-1"), {"url": "https://example.jp/計画", "title": "計画書"})
    client.post(url("evidence_add", gate.pk, "plan-1"), {"file": SimpleUploadedFile("計画.pdf", b"%PDF-1.7")})
    text = client.get(url("gate", gate.pk)).content.decode()
    assert "計画書" in text
    assert "計画.pdf" in text
    assert "SHA-256" in text


@pytest.mark.parametrize(
    ("data", "beside"),
    [
        ({"url": "javascript:alert(1)"}, "eu-plan-1"),
        ({"url": "x" * 5000}, "eu-plan-1"),
        ({"url": "https://example.jp/", "title": "長" * 400}, "et-plan-1"),
    ],
)
def test_bad_evidence_is_refused_beside_its_field_and_kept(client, people, gate, data, beside):
    response = login(client, people.member).post(url("evidence_add", gate.pk, "plan-1"), data)
    text = response.content.decode()
    assert response.status_code == 422
    assert f'aria-invalid="true" aria-describedby="{beside}-error"' in text
    assert f'id="{beside}-error"' in text
    assert all(f'value="{typed}"' in text for typed in data.values())


def test_evidence_of_nothing_says_what_to_give(client, people, gate):
    response = login(client, people.member).post(url("evidence_add", gate.pk, "plan-1"))
    assert response.status_code == 422
    assert "Enter a web address or choose a file." in response.content.decode()


def test_an_answer_that_is_too_long_is_refused_beside_its_words_and_kept(client, people, gate):
    data = {"value": "partly", "comment": "長" * 20_001, "version": "0"}
    text = login(client, people.member).post(url("answer", gate.pk, "plan-1"), data).content.decode()
    assert 'id="w-plan-1-error"' in text
    assert "長" * 20_001 in text
    assert 'value="partly" checked' in text


def test_an_empty_file_is_refused_with_what_to_do_and_the_title_stays(client, people, gate):
    data = {"file": SimpleUploadedFile("計画.pdf", b""), "title": "計画書の控え"}
    response = login(client, people.member).post(url("evidence_add", gate.pk, "plan-1"), data)
    page = response.content.decode()
    assert response.status_code == 422
    assert "The file is empty. Choose another one." in page
    assert "計画書の控え" in page


def test_a_journey_through_review_and_a_conditional_decision(client, people, gate):
    submit_gate(people.member, gate)
    login(client, people.cio_aide)
    client.post(
        url("gate_review", gate.pk),
        {"recommendation": "conditional", "finding_0_severity": "must", "finding_0_text": "体制が足りません"},
    )
    assert Finding.objects.get().text == "体制が足りません"
    page = client.get(url("gate_decide", gate.pk)).content.decode()
    assert "体制が足りません" in page
    data = {
        "result": "conditional",
        "reason": "期限を決めて直す",
        "condition_0_text": "体制を整える",
        "condition_0_owner": people.member.pk,
        "condition_0_due": days(20).isoformat(),
    }
    response = client.post(url("gate_decide", gate.pk), data)
    assert response.status_code == 302, response.context["form"].errors
    assert Condition.objects.get().text == "体制を整える"


def test_go_is_refused_on_the_page_with_the_blockers(client, people, gate):
    submit_gate(people.member, gate)
    response = login(client, people.cio_aide).post(
        url("gate_decide", gate.pk), {"result": "go", "reason": "よい"}
    )
    assert response.status_code == 422
    assert "A review is missing" in response.content.decode()
    assert not Decision.objects.exists()


def test_who_waives_or_ends_a_waiver_second_hears_of_the_first_and_loses_no_word(client, people, gate):
    login(client, people.quality_office)
    until, waive = days(20).isoformat(), url("waive", gate.pk, "plan-1")
    assert client.post(waive, {"reason": "代わりの手順がある", "expires": until}).status_code == 302
    second = client.post(waive, {"reason": "あとから書いた理由", "expires": until})
    page = second.content.decode()
    assert second.status_code == 422
    assert f"{people.quality_office} waives this criterion until" in page
    assert "あとから書いた理由" in page
    waiver = gate.waivers.get()
    for _time in range(2):
        ended = client.post(url("waiver_revoke", waiver.pk), follow=True)
        assert ended.status_code == 200
    assert "This waiver has already ended." in ended.content.decode()
    assert "pass-panel" in ended.content.decode()


def test_before_sending_the_page_says_that_go_is_not_open_and_leads_to_what_bars_it(client, people, gate):
    submit_gate(people.member, gate)
    review = {"recommendation": "return", "finding_0_severity": "must", "finding_0_text": "体制が足りません"}
    login(client, people.cio_aide)
    decide = url("gate_decide", gate.pk)
    unreviewed = client.get(decide).content.decode()
    assert f'<a href="{url("gate_review", gate.pk)}">A review is missing' in unreviewed
    client.post(url("gate_review", gate.pk), review)
    page = client.get(decide).content.decode()
    assert re.search(r'value="go"[^>]* disabled>', page)
    assert "Not open: 1 thing bars the way." in page
    assert f'<a href="{url("gate", gate.pk)}#f-{Finding.objects.get().pk}">' in page
    assert not re.search(r'value="(conditional|return|stop)"[^>]* disabled', page)
    client.post(url("finding_resolve", Finding.objects.get().pk))
    page = client.get(decide).content.decode()
    assert not re.search(r'value="go"[^>]* disabled', page)
    assert "Not open" not in page


def test_who_decides_second_hears_who_decided_what_and_keeps_the_reason(client, people, gate):
    submit_gate(people.member, gate)
    decide = url("gate_decide", gate.pk)
    first = {
        "result": "conditional",
        "reason": "期限を決めて直す",
        "condition_0_text": "確認を受ける",
        "condition_0_owner": people.member.pk,
        "condition_0_due": days(20).isoformat(),
    }
    assert login(client, people.cio_aide).post(decide, first).status_code == 302
    second = login(client, people.quality_office)
    response = second.post(decide, {"result": "return", "reason": "書き足してほしい"})
    page = response.content.decode()
    assert response.status_code == 422
    assert f"{people.cio_aide} has already decided “Conditional”, so yours was not recorded." in page
    assert "書き足してほしい" in page
    assert Decision.objects.get().result == "conditional"


def test_who_decides_second_hears_of_a_return_too(client, people, gate):
    submit_gate(people.member, gate)
    decide = url("gate_decide", gate.pk)
    returned = {"result": "return", "reason": "書き足してほしい"}
    assert login(client, people.cio_aide).post(decide, returned).status_code == 302
    response = login(client, people.quality_office).post(decide, returned)
    assert f"{people.cio_aide} has already decided “Return”" in response.content.decode()


def test_what_earlier_submissions_said_names_people_as_they_are_called(client, people, gate):
    people.member.display_name = "田中 一郎"
    people.member.save()
    submit_gate(people.member, gate)
    page = login(client, people.member).get(url("gate", gate.pk)).content.decode()
    earlier = page[page.index("What earlier submissions said") :]
    assert "#1 田中 一郎" in earlier
    assert f"#1 {people.member.username}" not in earlier


def test_the_decide_page_is_refused_to_those_who_may_not(client, people, gate):
    submit_gate(people.member, gate)
    assert login(client, people.member).get(url("gate_decide", gate.pk)).status_code == 403


def test_replying_and_resolving_a_finding(client, people, gate):
    submit_gate(people.member, gate)
    review = reviews.give_review(
        people.cio_aide, gate, recommendation="go", findings=[reviews.NewFinding("must", "直して")]
    )
    finding = review.findings.get()
    login(client, people.member).post(url("finding_reply", finding.pk), {"text": "直しました"})
    page = login(client, people.cio_aide).get(url("gate", gate.pk)).content.decode()
    assert "Replied" in page[page.index(f'id="f-{finding.pk}"') :]
    client.post(url("finding_resolve", finding.pk))
    finding.refresh_from_db()
    assert finding.state == "resolved"


def test_a_condition_is_reported_as_met_with_links(client, people, gate):
    from sekisho.book.services import decisions

    submit_gate(people.member, gate)
    given = [decisions.NewCondition("直す", people.member, days(5))]
    decisions.decide(people.cio_aide, gate, result="conditional", reason="x", conditions=given)
    condition = Condition.objects.exclude(text__contains="レビュー").first()
    login(client, people.member)
    bad = client.post(url("condition", condition.pk), {"text": "直した", "links": "not a link"})
    assert bad.status_code == 422
    client.post(
        url("condition", condition.pk),
        {"text": "直した", "links": "https://example.jp/a\nhttps://example.jp/b"},
    )
    condition.refresh_from_db()
    assert condition.links == ["https://example.jp/a", "https://example.jp/b"]


def test_a_snapshot_shows_what_was_frozen(client, people, gate):
    submission = submit_gate(people.member, gate)
    text = login(client, people.auditor).get(url("snapshot", gate.pk, 1)).content.decode()
    assert submission.sha256 in text


def test_the_quality_office_waives_on_the_page(client, people, gate):
    login(client, people.quality_office)
    assert client.get(url("waive", gate.pk, "plan-1")).status_code == 200
    late = client.post(url("waive", gate.pk, "plan-1"), {"reason": "x", "expires": days(-1).isoformat()})
    assert late.status_code == 422
    client.post(url("waive", gate.pk, "plan-1"), {"reason": "移行中", "expires": days(9).isoformat()})
    assert gate.waivers.get().criterion == "plan-1"


def test_a_newer_standard_is_offered_with_every_difference(client, people, gate):
    changed = criterion_document("plan-1") | {
        "title": {"ja": "言い直した題名", "en": "A title in other words"},
        "measure": {"name": "open_must_findings", "operator": "==", "value": 0},
    }
    make_standard("1.1", [changed, criterion_document("plan-7")])
    login(client, people.member)
    assert reverse("book:gate_upgrade", args=[gate.pk]) in client.get(url("gate", gate.pk)).content.decode()
    page = client.get(url("gate_upgrade", gate.pk)).content.decode()
    assert "plan-7" in page
    assert "A title in other words" in page
    assert "Text(" not in page
    assert "MeasureDemand(" not in page
    assert "Move this gate" in page
    only_reads = login(client, people.auditor).get(url("gate_upgrade", gate.pk)).content.decode()
    assert "A title in other words" in only_reads
    assert "Move this gate" not in only_reads
    login(client, people.member)
    client.post(url("gate_upgrade", gate.pk))
    gate.refresh_from_db()
    assert gate.standard.version == "1.1"


def test_the_query_count_does_not_grow_with_criteria_and_answers(client, bureau, other_bureau, people):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for number, owner in ((2, bureau), (60, other_bureau)):
        standard = make_standard(f"9.{number}", [criterion_document(f"plan-{n}") for n in range(number)])
        put_in_force(standard, owner)
        gate = plan_gate(make_project(owner))
        from tests.factories import UserFactory

        member = UserFactory(member=True, organisation=owner)
        answer_all(member, gate)
        login(client, people.quality_office)
        client.get(url("gate", gate.pk))
        with CaptureQueriesContext(connection) as captured:
            client.get(url("gate", gate.pk))
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 22


def test_the_list_of_gates_filters_by_state(client, people, gate):
    submit_gate(people.member, gate)
    login(client, people.quality_office)
    assert "住民票" in client.get(url("gates"), {"state": "submitted"}).content.decode()
    assert "住民票" not in client.get(url("gates"), {"state": "open"}).content.decode()
    assert client.get(url("gates"), {"state": "nonsense"}).status_code == 200


def test_words_from_people_are_escaped(client, people, gate):
    gates.save_answer(people.member, gate, "plan-1", value="met", comment="<script>alert(1)</script>")
    submit_gate(people.member, gate)
    review_gate(people, gate)
    page = login(client, people.member).get(url("gate", gate.pk)).content.decode()
    assert "<script>alert(1)" not in page


def test_the_list_of_gates_is_searched_and_narrowed_to_an_organisation(client, people, bureau, other_bureau):
    client.force_login(people.quality_office)
    mine = plan_gate(make_project(bureau, name="ごみの分別案内"))
    theirs = plan_gate(make_project(other_bureau, name="ＡＩ窓口の案内"))
    for query, found in (
        ({}, {mine, theirs}),
        ({"q": "AI"}, {theirs}),
        ({"q": "案内", "org": bureau.pk}, {mine}),
        ({"q": "案内", "state": "stopped"}, set()),
        ({"org": "zzz"}, {mine, theirs}),
        ({"org": "9" * 15}, set()),
        ({"q": "\x00 "}, {mine, theirs}),
    ):
        assert set(client.get(reverse("book:gates"), query).context["gates"]) == found, query
    listed = json.loads(client.get(reverse("book:gates"), {"q": "AI", "export": "json"}).getvalue())
    assert [row["code"] for row in listed["gates"]] == [theirs.project.code]


def test_the_list_of_gates_says_how_many_there_are_and_leads_on(client, people, bureau, monkeypatch):
    monkeypatch.setattr("sekisho.book.views.gates.PAGE_SIZE", 2)
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    seen = [plan_gate(make_project(bureau)).pk for _n in range(3)]
    first = client.get(reverse("book:gates"))
    assert "1 to 2 of 3" in first.content.decode()
    assert "after=2" in first.content.decode()
    rest = client.get(reverse("book:gates"), {"after": "2"})
    assert {gate.pk for page in (first, rest) for gate in page.context["gates"]} == set(seen)
    for forged in ("x", "-1", "9" * 30, "²"):
        assert client.get(reverse("book:gates"), {"after": forged}).context["first"] == 1


def test_who_is_asked_by_a_day_that_is_none_stays_chosen(client, people, gate):
    sent = {"person": people.expert.pk, "due_on": "soon"}
    answer = login(client, people.member).post(url("gate_invite", gate.pk), sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="soon"' in page
    assert f'<option value="{people.expert.pk}" selected>' in page
    assert page.count('<details class="plain" open>') == 1


@pytest.mark.parametrize("day", ["soon", "2001-01-01"])
def test_a_due_date_that_cannot_be_stays_to_be_mended(client, people, gate, day):
    answer = login(client, people.member).post(url("gate_due", gate.pk), {"due_on": day})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="{day}"' in page
    assert page.count('<details class="plain" open>') == 1
    gate.refresh_from_db()
    assert gate.due_on is None
