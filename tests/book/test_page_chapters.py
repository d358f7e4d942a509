"""The book's page: its cover, its chapters, and every act done in place."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.book.models import BudgetYear, Membership, Project, Release, RetirementItem
from sekisho.book.services import phases, planning, projects
from sekisho.book.views.book_acts import ACTS
from tests.book.factories import advance, days, make_project, pass_gate, plan_gate, review_gate, submit_gate

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(bureau):
    return make_project(
        bureau, code="B-1", name="保育所入所のオンライン申請", purpose="窓口に来なくてよくする"
    )


@pytest.fixture
def member(client, people):
    people.member.language = "en"
    people.member.save()
    client.force_login(people.member)
    return client


def page(client, project):
    return client.get(reverse("book:book", args=[project.code]))


def act(client, project, name, /, **data):
    return client.post(reverse("book:act", args=[project.code, name]), data)


def test_the_cover_tells_what_it_is_and_what_bars_it(member, project):
    text = page(member, project).content.decode()
    for words in (
        "保育所入所のオンライン申請",
        "窓口に来なくてよくする",
        "3 things",
        "Plan and budget gate",
    ):
        assert words in text


def test_names_are_read_in_ones_own_language(member, people, project, bureau):
    projects.update_project(people.member, project, {"name_en": "Nursery applications"})
    bureau.name_en = "Children's Bureau"
    bureau.save()
    pages = [
        reverse("book:book", args=["B-1"]),
        reverse("book:gate", args=[plan_gate(project).pk]),
        reverse("book:gates"),
    ]
    for address in pages:
        text = member.get(address).content.decode()
        assert "Nursery applications" in text
        assert "Children&#x27;s Bureau" in text


def test_a_book_one_may_not_read_is_not_found(client, other_bureau, project):
    from tests.factories import UserFactory

    client.force_login(UserFactory(member=True, organisation=other_bureau))
    assert page(client, project).status_code == 404
    assert act(client, project, "status").status_code == 404


def test_attributes_change_in_place_and_are_recorded(member, project, bureau):
    data = {
        "name": "保育所の申請",
        "organisation": bureau.pk,
        "personal_data": "personal",
        "information_class": "3",
        "network_zone": "internet",
        "development_form": "agile",
        "start_year": "令和8年度",
        "for_citizens": "on",
        "version": project.version,
    }
    response = act(member, project, "attributes", **data)
    assert response.status_code == 302, response.context["failed"].form.errors
    project.refresh_from_db()
    assert (project.name, project.start_year, project.tier) == ("保育所の申請", 2026, "focus")


def test_a_stale_change_shows_both_versions(member, people, project, bureau):
    seen = project.version
    projects.update_project(people.member, project, {"name": "先に変えた名"})
    data = {
        "name": "あとの名",
        "organisation": bureau.pk,
        "personal_data": "none",
        "information_class": "2",
        "network_zone": "lgwan",
        "development_form": "contract",
        "version": seen,
    }
    response = act(member, project, "attributes", **data)
    text = response.content.decode()
    assert response.status_code == 412
    assert "先に変えた名" in text
    assert "あとの名" in text


@pytest.mark.parametrize(
    ("written", "yen"),
    [("1,234,000", 1_234_000), ("１２３４千円", 1_234_000), ("1.2百万円", 1_200_000), ("2億円", 200_000_000)],
)
def test_money_is_understood_as_officials_write_it(member, project, written, yen):
    act(member, project, "budget", fiscal_year="令和8年度", approved=written)
    assert BudgetYear.objects.get().approved == yen


def test_money_left_empty_keeps_what_was_there(member, people, project):
    planning.set_budget(people.member, project, 2026, {"requested": 5})
    act(member, project, "budget", fiscal_year="2026", approved="7")
    year = BudgetYear.objects.get()
    assert (year.requested, year.approved) == (5, 7)


@pytest.mark.parametrize("written", ["たくさん", "1.5円", "9" * 40, "--", "１２３あ"])
def test_money_that_cannot_be_read_is_refused_beside_the_field_and_kept(member, project, written):
    response = act(member, project, "budget", fiscal_year="2026", approved=written)
    if response.status_code == 302:  # dashes are how officials write "nothing"
        assert written == "--"
    else:
        assert response.status_code == 422
        assert f'value="{written}"' in response.content.decode()


def test_people_are_named_and_taken_off(member, people, project):
    act(member, project, "member-add", person=people.expert.pk, part="expert")
    membership = Membership.objects.get(user=people.expert)
    act(member, project, "member-remove", item=membership.pk)
    assert not Membership.objects.filter(user=people.expert).exists()


def test_status_risks_links_modules_and_interfaces(member, project):
    month = dt.date.today().isoformat()
    act(member, project, "status", month=month, schedule=2, cost=4, scope=4, quality=5, words="遅れ気味です")
    act(member, project, "risk-add", kind="risk", title="要員不足", weight=3)
    act(member, project, "link-add", title="公開ページ", url="https://example.jp/")
    act(member, project, "module-add", name="受付", supplier="架空システム")
    act(member, project, "interface-add", counterpart="住民記録", direction="in")
    act(member, project, "goal-add", text="来庁を半分に", target="50", unit="%")
    text = page(member, project).content.decode()
    for words in ("遅れ気味です", "要員不足", "公開ページ", "受付", "住民記録", "来庁を半分に", "2 Worried"):
        assert words in text


def test_a_due_date_in_the_past_is_refused(member, project):
    response = act(member, project, "risk-add", kind="risk", title="x", weight=1, due_on="2020-01-01")
    assert response.status_code == 422
    assert "already passed" in response.content.decode()


def test_a_file_is_kept_by_its_hash_and_not_served(member, project, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    act(member, project, "file-add", file=SimpleUploadedFile("計画 🗾.pdf", b"%PDF"))
    attachment = project.attachments.get()
    assert attachment.name == "計画 🗾.pdf"
    assert attachment.sha256[:16] in page(member, project).content.decode()
    assert attachment.stored.url not in page(member, project).content.decode()


def test_a_file_too_large_is_refused_politely(member, project, settings):
    settings.UPLOAD_MAX_BYTES = 10
    response = act(member, project, "file-add", file=SimpleUploadedFile("a.bin", b"x" * 11))
    assert response.status_code == 422
    assert not project.attachments.exists()


def test_the_next_phase_is_entered_from_the_book(member, people, project):
    pass_gate(people, plan_gate(project))
    assert "Enter the phase Requirements" in page(member, project).content.decode()
    act(member, project, "phase-enter", item="requirements")
    project.refresh_from_db()
    assert project.phase == "requirements"


def test_entering_out_of_order_is_refused_with_words(member, project):
    response = act(member, project, "phase-enter", item="operate")
    assert response.status_code == 409
    assert "in their order" in response.content.decode()


def test_a_cio_aide_leaves_a_phase_out_with_a_reason(client, people, project):
    client.force_login(people.cio_aide)
    assert act(client, project, "phase-skip", item="requirements", reason="").status_code == 422
    act(client, project, "phase-skip", item="requirements", reason="既製品を使う")
    assert project.phase_entries.get(phase="requirements").reason == "既製品を使う"


def test_releases_are_planned_judged_and_published(member, people, project):
    advance(people, project, "build")
    act(member, project, "release-plan", version="1.0", kind="new", planned_on=days(5).isoformat())
    release = Release.objects.get()
    assert act(member, project, "release-publish", item=release.pk).status_code == 409
    gate = release.gate
    submit_gate(people.member, gate)
    review_gate(people, gate)
    from sekisho.book.services import decisions

    decisions.decide(people.quality_office, gate, result="go", reason="よい")
    act(member, project, "release-publish", item=release.pk)
    release.refresh_from_db()
    assert release.state == "released"


def test_an_emergency_release_opens_a_gate_due_within_14_days(member, people, project):
    advance(people, project, "build")
    act(member, project, "release-emergency", version="1.0.1", kind="fix", reason="脆弱性が見つかった")
    release = Release.objects.get()
    assert (release.state, release.gate.due_on) == ("released", days(14))


def test_retirement_needs_every_line_proved(member, people, project):
    advance(people, project, "retire")
    gate = plan_gate(project)
    act(
        member,
        project,
        "retirement-add",
        name="業務サーバー",
        kind="device",
        classification="1",
        method="clear",
    )
    assert not RetirementItem.objects.exists()
    act(
        member,
        project,
        "retirement-add",
        name="業務サーバー",
        kind="device",
        classification="1",
        method="destroy",
    )
    item = RetirementItem.objects.get()
    pass_gate(people, gate)
    assert act(member, project, "retire").status_code == 409
    proof = {"done_on": dt.date.today().isoformat(), "done_by": "甲", "witness": "乙", "certificate": "証1"}
    base = {
        "item": item.pk,
        "name": "業務サーバー",
        "kind": "device",
        "classification": "1",
        "method": "destroy",
    }
    act(member, project, "retirement-edit", **base, **proof)
    assert act(member, project, "retire").status_code == 302
    project.refresh_from_db()
    assert project.retired_at


def test_a_witness_is_someone_else(member, people, project):
    advance(people, project, "retire")
    response = act(
        member,
        project,
        "retirement-add",
        name="x",
        kind="cloud",
        classification="3",
        done_by="甲",
        witness="甲",
    )
    assert response.status_code == 422


@pytest.mark.parametrize("role", ["executive", "auditor"])
def test_readers_see_no_forms(client, people, project, role):
    client.force_login(getattr(people, role))
    text = page(client, project).content.decode()
    assert reverse("book:act", args=[project.code, "attributes"]) not in text
    assert act(client, project, "link-add", url="https://example.jp/").status_code == 403


@pytest.mark.parametrize("name", ACTS)
def test_no_act_fails_on_an_empty_form(member, project, name):
    assert act(member, project, name).status_code in (302, 403, 404, 409, 422)


def test_the_ledger_reads_as_sentences_and_goes_on(member, people, project):
    for n in range(110):
        planning.add_module(people.member, project, name=f"部品{n}")
    first = member.get(reverse("book:ledger", args=[project.code])).content.decode()
    assert "部品109" in first
    assert "部品1”" not in first
    more = member.get(reverse("book:ledger", args=[project.code]), {"before": "12"}).content.decode()
    assert "opened the book" in more
    assert member.get(reverse("book:ledger", args=[project.code]), {"before": "x" * 99}).status_code == 200


def test_names_of_300_characters_and_markup_do_no_harm(member, bureau):
    name = "<b>長い名前</b>" + "関" * 290
    project = make_project(bureau, name=name)
    text = page(member, project).content.decode()
    assert "<b>長い名前</b>" not in text
    assert "関" * 290 in text


def test_the_query_count_stays_the_same(member, people, bureau):
    counts = []
    for size in (1, 25):
        project = make_project(bureau)
        for n in range(size):
            planning.add_module(people.member, project, name=f"m{n}")
            planning.add_link(people.member, project, title="t", url="https://example.jp/")
            planning.note_risk(
                people.member, project, kind="risk", title=f"r{n}", owner=people.member, due_on=days(n)
            )
            planning.set_milestone(people.member, project, name=f"s{n}", planned_on=days(n))
            planning.set_budget(people.member, project, 2000 + n, {"approved": n})
            planning.add_contract(people.member, project, contractor=f"会社{n}", title="契約")
        page(member, project)
        with CaptureQueriesContext(connection) as captured:
            page(member, project)
        counts.append(len(captured))
    assert counts[1] <= counts[0]  # fewer when no recent act names a standard
    assert counts[0] <= 42


def test_a_closed_book_offers_nothing_to_change(member, people, project):
    gate = plan_gate(project)
    submit_gate(people.member, gate)
    from sekisho.book.services import decisions

    decisions.decide(people.cio_aide, gate, result="stop", reason="効果がない")
    text = page(member, Project.objects.get(pk=project.pk)).content.decode()
    assert reverse("book:act", args=[project.code, "attributes"]) not in text
    assert phases.next_phase(project)
