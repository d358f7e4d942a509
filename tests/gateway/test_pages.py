"""Pages of the gateway: sending with and without JavaScript, the live page, routes, the map, records."""

import hashlib
import html
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from sekisho.book.measures import take
from sekisho.book.models import LedgerEntry
from sekisho.errors import Invalid, NotPermitted
from sekisho.gateway.models import Flow, Route, System, Transfer
from sekisho.gateway.queries import transfers
from sekisho.gateway.queries.figures import meaning_of
from sekisho.gateway.services import exceptions, networks
from sekisho.people.models import Installation
from sekisho.people.roles import SYSTEM
from sekisho.tables.table import read_table
from tests.book.factories import answer_all, criterion_document, make_project, make_standard, plan_gate
from tests.gateway.factories import locked_zip, make_route, send, work, zones

pytestmark = pytest.mark.django_db


@pytest.fixture
def route(people, bureau):
    Installation.objects.create(name="関野市")
    for person in vars(people).values():
        person.language = "en"
        person.save()
    return make_route(people, bureau)


@pytest.fixture
def member(client, people, route):
    client.force_login(people.member)
    return client


def at(name, *args):
    return reverse(f"gateway:{name}", args=args)


def body(response):
    return response.content.decode()


def test_a_small_file_is_sent_without_javascript_and_downloaded(member, route):
    files = [SimpleUploadedFile("報告.csv", b"a,b\r\n1,2\r\n"), SimpleUploadedFile("b.txt", b"hello")]
    said = {"route": route.pk, "receiver_kind": "self", "purpose": "月次報告", "files": files}
    response = member.post(at("send"), said)
    transfer = Transfer.objects.get()
    assert response.headers["Location"] == at("transfer", transfer.pk)
    assert 'hx-trigger="every 2s"' in body(member.get(at("transfer", transfer.pk)))
    work(transfer)
    page = body(member.get(at("transfer", transfer.pk), headers={"HX-Request": "true"}))
    assert "Download" in page
    assert "every 2s" not in page
    taken = member.post(at("take", transfer.files.order_by("id").first().pk))
    assert taken.headers["Content-Disposition"].startswith("attachment;")
    assert taken.headers["X-Content-Type-Options"] == "nosniff"
    assert b"1,2" in taken.getvalue()


def test_a_refusal_comes_back_with_what_was_entered(member, route):
    said = {"route": route.pk, "receiver_kind": "self", "purpose": "月次報告"}
    response = member.post(at("send"), said)
    assert response.status_code == 422
    assert "月次報告" in body(response)
    assert "Choose at least one file" in body(response)
    unknown = member.post(at("send"), {**said, "receiver_kind": "person", "person": "nobody"})
    assert unknown.status_code == 422
    assert "nobody" in body(unknown)


def test_a_big_file_comes_in_chunks_and_goes_on_after_a_break(member, route):
    size = 4 * 1024 * 1024
    whole = b"line\n" * (size // 5 + 1000)
    said = {"route": route.pk, "purpose": "大きな表", "files": [{"name": "a.txt", "size": len(whole)}]}
    begun = member.post(at("upload_begin"), json.dumps(said), content_type="application/json")
    assert begun.status_code == 201
    file = begun.json()["files"][0]
    assert file["chunk_size"] == size
    parts = [whole[:size], whole[size:]]

    def put(number, part, digest=""):
        where = at("upload_chunk", file["id"], number)
        headers = {"X-Chunk-Sha256": digest} if digest else {}
        return member.post(where, part, content_type="application/octet-stream", headers=headers)

    assert put(1, parts[1], hashlib.sha256(parts[1]).hexdigest()).status_code == 201
    early = member.post(at("upload_send", begun.json()["id"]))
    assert (early.status_code, early.json()["code"]) == (409, "upload_incomplete")
    state = member.get(at("upload_state", begun.json()["id"])).json()
    assert set(state["files"][0]["have"]) == {"1"}
    assert put(1, parts[1]).json() == {"kept": False}
    assert put(0, parts[0], "0" * 64).status_code == 422
    assert put(0, parts[0]).status_code == 201
    sent = member.post(at("upload_send", begun.json()["id"]))
    assert sent.json()["page"] == at("transfer", begun.json()["id"])
    assert work(Transfer.objects.get()).state == "offered"


@pytest.mark.parametrize(
    "said",
    [
        *("", "[]", "{", "[" * 100_000, '{"route": 1}', '{"files": [{"name": "a"}], "route": "x"}'),
        *(
            f'{{"files": [{{"name": "a", "size": {size}}}], "route": "x"}}'
            for size in ("Infinity", "1.5", "true", '"9"')
        ),
    ],
    ids=lambda said: said[:40],
)
def test_what_cannot_be_read_is_refused_in_words(member, said):
    response = member.post(at("upload_begin"), said, content_type="application/json")
    assert response.status_code == 422
    assert response.json()["detail"]


def test_the_superior_approves_on_the_page(client, people, bureau, route):
    outward = make_route(people, bureau, needs_approval=True, policy="outbound")
    transfer = work(
        send(people.member, outward, ("a.txt", "番号 123456789018 電話 03-1234-5678 03-1234-5679".encode()))
    )
    client.force_login(people.superior)
    assert "Wait for your approval" in body(client.get(at("transfers")))
    page = body(client.get(at("transfer", transfer.pk)))
    number, telephone = page.index("Individual Number"), page.index("telephone number. × 2")
    assert page.index("Make sure that this may leave") < number < telephone
    client.post(at("transfer_act", transfer.pk, "approve"))
    transfer.refresh_from_db()
    assert transfer.state == "offered"


def test_a_refused_file_says_why_and_can_be_asked_about(client, people, route):
    transfer = work(send(people.member, route, ("b.exe", b"MZ" + b"\0" * 200)))
    file = transfer.files.get()
    client.force_login(people.member)
    page = body(client.get(at("transfer", transfer.pk)))
    assert "Ask the information security officer" in page
    client.post(at("file_act", file.pk, "ask"), {"wanted": "original", "reason": "業者の修正"})
    client.force_login(people.security_officer)
    assert "b.exe" in body(client.get(at("transfers")))
    assert "Agree" in body(client.get(at("transfer", transfer.pk)))
    client.post(at("answer", file.requests.get().pk), {"granted": "no", "reason": "別の方法で"})
    assert file.requests.get().state == "refused"


@pytest.mark.parametrize(
    ("name", "pk", "person"),
    [
        ("file_act", "ask", "member"),
        ("transfer_act", "hold", "security_officer"),
        ("take", "", "security_officer"),
        ("compare", "", "security_officer"),
    ],
)
def test_words_that_are_too_long_stand_where_they_were_written_with_the_reason(
    client, people, route, name, pk, person
):
    bad = ("b.exe", b"MZ" + b"\0" * 200) if name == "file_act" else ("a.txt", b"x")
    transfer = work(send(people.member, route, bad))
    client.force_login(getattr(people, person))
    words, file = "長い" * 900, transfer.files.get()
    address = at(name, *([transfer.pk if name == "transfer_act" else file.pk] + ([pk] if pk else [])))
    page = client.post(address, {"wanted": "original", "reason": words})
    assert page.status_code == 422
    said = body(page)
    assert f" autofocus>{words}</textarea>" in said
    assert 'class="field-error"' in said
    assert "maxlength" not in said.split("<main")[1]


def test_a_wrong_password_is_said_so(client, people, route):
    transfer = work(send(people.member, route, ("a.zip", locked_zip(b"himitsu-123"))))
    client.force_login(people.member)
    address = f"/gateway/files/{transfer.files.get().pk}/do/password/"
    said = client.post(address, {"password": "wrong"}, follow=True, headers={"accept-language": "en"})
    assert "This password does not open the file" in said.content.decode()
    said = client.post(address, {"password": "himitsu-123"}, follow=True, headers={"accept-language": "en"})
    assert "This password does not open the file" not in said.content.decode()
    assert "The password was used and not kept." in said.content.decode()


def test_transfers_of_others_are_not_found(client, people, route, other_bureau):
    transfer = work(send(people.member, route))
    for person in (people.admin, people.auditor, people.quality_office, people.superior, people.expert):
        client.force_login(person)
        assert client.get(at("transfer", transfer.pk)).status_code == 404
        assert client.post(at("take", transfer.files.get().pk), {"reason": "x"}).status_code == 404


def test_the_officer_makes_changes_and_closes_routes(client, people, bureau, route):
    client.force_login(people.security_officer)
    placed = zones(people)
    said = {"code": "out", "organisation": bureau.pk, "name": "持出し", "source": placed["lgwan"].pk,
            "target": placed["internet"].pk, "policy": "outbound", "needs_approval": "on", "expiry_days": 3,
            "download_limit": 1, "hold_days": 60}  # fmt: skip
    assert client.post(at("new_route"), said).status_code == 302
    assert client.post(at("new_route"), said).status_code == 422
    assert client.post(at("route", "out"), {**said, "expiry_days": 5, "version": 1}).status_code == 302
    stale = client.post(at("route", "out"), {**said, "expiry_days": 6, "version": 1})
    assert stale.status_code == 422
    client.post(at("route_act", "out", "close"))
    made = Route.objects.get(code="out")
    assert (made.expiry_days, made.version, bool(made.closed_at)) == (5, 2, True)
    client.post(at("network_act", "model"), {"model": "beta"})
    assert '<option value="beta" selected>' in body(client.get(at("routes")))


@pytest.fixture
def network(people, bureau, route):
    project = make_project(bureau, code="N-1", name="税務")
    placed = zones(people)
    web = networks.place_system(people.member, project, name="申請サイト", zone=placed["internet"])
    core = networks.place_system(
        people.member, project, name="税務", zone=placed["mynumber"], data_class="specific"
    )
    networks.add_flow(people.member, web, core, what="申請データ", handover="api")
    return project


def test_a_gate_that_demands_the_rules_says_what_they_find_until_it_is_mended(client, people, bureau):
    demand = {"measure": {"name": "network_findings_open", "operator": "==", "value": 0}, "evidence": "none"}
    standard = make_standard(criteria=[criterion_document("net-1", **demand)])
    project, placed = make_project(bureau, standard=standard), zones(people)
    site = networks.place_system(people.member, project, name="申請サイト", zone=placed["internet"])
    desk = networks.place_system(people.member, project, name="端末", zone=placed["lgwan"])
    flow = networks.add_flow(people.member, site, desk, what="申請")
    gate = plan_gate(project)
    answer_all(people.member, gate)
    client.force_login(people.member)
    page = client.get(reverse("book:gate", args=[gate.pk])).content.decode()
    assert "計測の値が基準に届きません" in page
    assert "申請サイト → 端末: 申請: LGWAN接続系へ入るファイルが、無害化されていません" in page
    assert "ファイル受渡しの経路に替え、無害化の方針を選んでください。" in page
    assert at("systems", project.code) in page
    form = client.get(at("systems", project.code), {"flow": flow.pk}).context["flow_form"]
    said = {f"flow-{name}": form[name].value() or "" for name in form.fields} | {
        "flow-controls": ["sanitizing"]
    }
    assert client.post(at("systems_act", project.code, "flow"), said).status_code == 302
    assert Flow.objects.get().controls == ["sanitizing"]
    entry = LedgerEntry.objects.filter(act="flow.changed").get()
    assert (entry.before, entry.after) == ({"controls": []}, {"controls": ["sanitizing"]})
    page = client.get(reverse("book:gate", args=[gate.pk])).content.decode()
    assert "計測の値が基準に届きません" not in page
    assert "無害化されていません" not in page


def test_the_map_finds_what_is_wrong_with_a_flow_that_leads_to_a_book_one_does_not_see(
    client, people, network, other_bureau
):
    beyond = make_project(other_bureau, code="N-9", name="福祉の事業")
    desk = networks.place_system(
        SYSTEM, beyond, name="福祉の端末", zone=zones(people)["lgwan"], workplace=True
    )
    networks.add_flow(people.member, System.objects.get(name="申請サイト"), desk, what="控え")
    client.force_login(people.member)
    page = client.get(at("map"), {"by": "project", "of": "-"})
    found = {(one.finding.code, one.about) for one in page.context["found"]}
    assert ("NET-010", "申請サイト → 福祉の端末: 控え") in found
    assert not any(about == "福祉の端末" for _code, about in found), "what it lacks itself is its own book's"
    assert "福祉の事業" not in body(page)
    assert "Other projects" in body(page)
    form = client.get(at("systems", "N-1"), {"flow": Flow.objects.get(what="控え").pk}).context["flow_form"]
    assert form["target"].value() in [key.value for key, _label in form.fields["target"].choices if key]


def test_no_button_is_left_for_a_file_that_was_taken_as_often_as_allowed(member, people, route):
    transfer = work(send(people.member, route))
    page, take = at("transfer", transfer.pk), at("take", transfer.files.get().pk)
    for _time in range(2):
        assert take in body(member.get(page))
        assert member.post(take).status_code == 200
    said = body(member.get(page))
    assert take not in said
    assert "It was taken 2 times" in said


def test_a_flow_is_changed_only_within_its_own_book(client, people, network):
    other = make_project(network.owner, code="N-2", name="他")
    theirs = networks.place_system(people.member, other, name="他", zone=zones(people)["cloud"])
    flow = Flow.objects.get()
    with pytest.raises(Invalid, match="own book"):
        networks.change_flow(people.member, flow, theirs, flow.target, what="x")
    with pytest.raises(NotPermitted):
        networks.change_flow(people.auditor, flow, flow.source, flow.target, what="x")
    client.force_login(people.member)
    said = {"flow-pk": flow.pk, "flow-source": theirs.pk, "flow-target": flow.target_id, "flow-what": "x",
            "flow-data_class": "internal", "flow-handover": "gateway"}  # fmt: skip
    assert client.post(at("systems_act", "N-2", "flow"), said).status_code == 404
    assert Flow.objects.get().what == "申請データ"


def test_acts_on_systems_and_flows_are_named_for_screen_readers(client, people, network):
    client.force_login(people.member)
    page = body(client.get(at("systems", "N-1")))
    acts = re.findall(r'(Change|Remove)<span class="visually-hidden"> (.+?)</span>', page)
    names = {"税務", Flow.objects.get().what}
    assert {name for act, name in acts if act == "Remove"} >= names
    assert {name for act, name in acts if act == "Change"} >= names


def test_a_book_places_systems_and_flows_and_hears_what_is_wrong(client, people, network):
    client.force_login(people.member)
    page = body(client.get(at("systems", "N-1")))
    assert "NET-001" in page
    assert "Stop this flow" in page
    measured = take(["network_findings_open"], network, None)["network_findings_open"]
    assert measured.value == 1
    flow = Flow.objects.get()
    client.post(at("systems_act", "N-1", "remove-flow"), {"pk": flow.pk})
    assert take(["network_findings_open"], network, None)["network_findings_open"].value == 0
    own = System.objects.get(name="税務")
    said = {
        "system-pk": own.pk,
        "system-name": "税務2",
        "system-zone": own.zone_id,
        "system-data_class": "specific",
    }
    assert client.post(at("systems_act", "N-1", "system"), said).status_code == 302
    assert System.objects.get(pk=own.pk).name == "税務2"
    twice = {**said, "system-pk": "", "system-name": "申請サイト"}
    assert client.post(at("systems_act", "N-1", "system"), twice).status_code == 422
    assert "税務2" in body(client.get(reverse("book:ledger", args=["N-1"])))


def test_of_many_flows_those_of_one_project_or_of_the_findings_are_drawn_alone(
    client, people, network, bureau
):
    lgwan = zones(people)["lgwan"]
    one, two = (networks.place_system(people.member, network, name=name, zone=lgwan) for name in "ab")
    networks.add_flow(people.member, one, two, what="harmless", handover="gateway")
    client.force_login(people.member)

    def drawn(**asked):
        return body(client.get(at("map"), asked)).count('class="net-flow')

    assert drawn() == drawn(of="nobody") == drawn(by="project", of=network.local_name) == 2
    assert drawn(of="-") == 1
    assert "selected" in body(client.get(at("map"), {"of": "-"}))


def test_the_map_draws_what_one_may_see_in_a_fixed_number_of_queries(client, people, network, bureau):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(people.member)
    client.get(at("map"))
    with CaptureQueriesContext(connection) as few:
        page = body(client.get(at("map")))
    assert page.count('class="net-box') == 2
    assert 'class="net-flow is-bad"' in page
    placed = zones(people)
    for number in range(20):
        networks.place_system(people.member, network, name=f"<b>{number}", zone=placed["lgwan"])
    with CaptureQueriesContext(connection) as many:
        page = body(client.get(at("map") + "?by=project"))
    assert len(many) <= len(few)
    assert "<b>1" not in page


def test_lists_ask_a_fixed_number_of_queries(member, people, route):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    first = work(send(people.member, route))
    counts = []
    for _more in range(2):
        with CaptureQueriesContext(connection) as asked:
            member.get(at("transfers"))
        with CaptureQueriesContext(connection) as asked_one:
            member.get(at("transfer", first.pk))
        counts.append((len(asked), len(asked_one)))
        send(people.member, route, ("a.txt", b"1"), ("b.txt", b"2"))
    assert counts[1] <= counts[0]


def test_ones_own_transfers_are_dated_searched_and_read_to_the_last(member, people, route, monkeypatch):
    monkeypatch.setattr(transfers, "PAGE", 1)
    work(send(people.member, route, ("議事録.txt", b"1"), purpose="先月の議事録"))
    new = work(send(people.member, route, ("a.txt", b"1"), purpose="今月の名簿"))
    page = body(member.get(at("transfers")))
    assert "今月の名簿" in page
    assert "先月の議事録" not in page
    assert f'datetime="{new.sent_at.isoformat()}"' in page
    assert "先月の議事録" in body(member.get(at("transfers"), {"sent": "1"}))
    for said in ("議事録.TXT", "先月"):
        found = body(member.get(at("transfers"), {"q": said}))
        assert "先月の議事録" in found
        assert "今月の名簿" not in found


@pytest.mark.parametrize("form", ["xlsx", "csv", "json"])
def test_ones_own_transfers_are_taken_away_as_searched(member, people, route, form):
    work(send(people.member, route, purpose="先月の議事録"))
    work(send(people.member, route, purpose="今月の名簿"))
    answer = member.get(at("transfers"), {"q": "先月", "export": form})
    held = answer.getvalue()
    said = held.decode() if form == "json" else str([row.cells for row in read_table(held, f"t.{form}").rows])
    assert "先月の議事録" in said
    assert "今月の名簿" not in said


@pytest.mark.parametrize(
    "query", ["sent=zzz", "inbox=-1", f"sent={'9' * 40}", "q=%00", "approvals=1e9", "export=zzz"]
)
def test_a_nonsense_address_shows_the_lists(member, people, route, query):
    work(send(people.member, route))
    assert member.get(f"{at('transfers')}?{query}").status_code == 200


def test_records_are_searched_and_exported_by_auditors(client, people, route):
    transfer = work(send(people.member, route, ("=cmd.csv", b"a\r\n"), purpose="=1+1 契約"))
    client.force_login(people.auditor)
    page = body(client.get(at("records"), {"q": "契約"}))
    assert f"sent transfer {transfer.pk}" in page
    assert "Nothing was found" in body(client.get(at("records"), {"q": "zzzz"}))
    export = b"".join(client.get(at("records_csv")).streaming_content).decode()
    assert ",=" not in export
    assert export.count("\n") >= 5
    for person in (people.member, people.admin):
        client.force_login(person)
        assert client.get(at("records")).status_code == 403


def test_a_code_is_told_without_what_only_one_file_could_say():
    with translation.override("ja"):
        assert meaning_of("type.name_lies") == "名前と中身が違います。"


def test_records_name_people_and_say_what_codes_mean(client, people, route):
    work(send(people.member, route, ("b.exe", b"MZ" + b"\0" * 200), ("a.txt", b"1")))
    client.force_login(people.auditor)
    page = html.unescape(body(client.get(at("records"))))
    assert f"was offered to {people.member} until" in page
    assert "“b.exe” of transfer" in page
    assert "was refused: Such a file can be executed" in page
    assert "type.dangerous" not in page


def test_the_measure_has_no_value_before_a_system_is_placed(people, bureau, route):
    project = make_project(bureau)
    assert take(["network_findings_open"], project, None)["network_findings_open"].value is None


def test_the_answer_of_one_who_may_not_is_not_found(client, people, route):
    file = work(send(people.member, route, ("b.exe", b"MZ" + b"\0" * 200))).files.get()
    asked = exceptions.ask(people.member, file, wanted="original", reason="x")
    client.force_login(people.member)
    assert client.post(at("answer", asked.pk), {"granted": "yes", "reason": "x"}).status_code == 404
