"""Every address, as anonymous and as each role, against one written matrix.

``PUBLIC`` names what may be opened without signing in. ``PAGES`` says, for each page, which roles get in; everyone else
is refused (403) or does not find it (404). ``ACTS`` names what is only posted to. An address in none of the tables
fails the test: say who may open it.
"""

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter
from django.utils import timezone

from sekisho.book.services import cleaning, decisions, reviews
from sekisho.book.services.acting import acting_on
from sekisho.book.services.decisions import NewCondition
from sekisho.book.services.files import store_attachment
from sekisho.book.services.reviews import NewFinding
from sekisho.gateway.models import PlanStep
from sekisho.intake.models import ImportRun
from sekisho.intake.services.exporting import exports_folder
from sekisho.jobs.models import Job
from sekisho.people.models import Installation, RoleAssignment
from sekisho.people.roles import ACTS as ACTS_OF_ROLES
from sekisho.people.roles import ROLES
from sekisho.sharing.services.platforms import answer_platform
from sekisho.sharing.services.proposals import propose
from sekisho.voice.services.problems import found_problem
from sekisho.voice.services.surveys import make_survey, open_wave
from tests.book.factories import days, make_project, plan_gate, submit_gate
from tests.gateway.factories import make_route, refused_package, send
from tests.sharing.factories import make_platform, make_succession
from tests.voice.factories import hold, keep_answers, plan

pytestmark = pytest.mark.django_db

PUBLIC = {
    "people:healthz",
    "people:setup",
    "people:sample_sign_in",
    "people:set_language",
    "voice:answer",  # a survey's own public page; the wave says who may answer
    "voice:answer_once",
    "voice:answer_thanks",
    "public:front",  # the public side: what the quality office decided to publish
    "public:services",
    "public:service",
    "public:data",
    "public:feed",
    "public:dataset",
    "public:file",
    "public:record",
    "public:sitemap",
    "public:robots",
    "gateway:outside",  # an outside party's link; it opens with a code
    "gateway:mail_unlock",  # in a message to its recipients; it asks for the password of their attachments
    "gateway:outside_code",
    "gateway:outside_take",
    "set_language",  # Django's own, behind ours at the same address
}
#: allauth's own pages carry their own rules (some are for strangers by nature)
OTHERS = ("account_", "mfa_", "socialaccount_", "openid_connect_")

EVERYONE = set(ROLES)
READERS = ACTS_OF_ROLES["read"]
REVIEWERS = ACTS_OF_ROLES["review"]
IMPORTERS = ACTS_OF_ROLES["import"]
ADMIN = ACTS_OF_ROLES["administer"]

#: page -> roles that get in (GET answers 200 or a redirect within the application)
PAGES = {
    "book:my_work": EVERYONE,
    "book:registry": EVERYONE,
    "book:registry_total": EVERYONE,
    "book:jump": EVERYONE,
    "book:gates": EVERYONE,
    "book:new": ACTS_OF_ROLES["create"],
    "book:book": READERS,
    "book:act": READERS,  # leads to the form's place in the book; doing the act is for whom its service allows
    "book:ledger": ACTS_OF_ROLES["read_ledger"],
    "book:release": READERS,
    "book:gate": READERS,
    "book:snapshot": READERS,
    "book:gate_upgrade": READERS,  # the differences of a newer version; moving to it is for who answers
    "book:waive": ACTS_OF_ROLES["waive"],
    "book:gate_review": REVIEWERS,
    "book:gate_decide": ACTS_OF_ROLES["decide"],
    "book:finding_reply": ACTS_OF_ROLES["answer"],
    "book:condition": READERS,
    "book:file": READERS,
    "book:file_copy": READERS,
    "people:account": EVERYONE,
    "people:tokens": EVERYONE,
    "people:notices": EVERYONE,
    "people:administration": ADMIN,
    "people:history": ADMIN,
    "people:organisations": ADMIN,
    "people:new_organisation": ADMIN,
    "people:organisation": ADMIN,
    "people:people": ADMIN,
    "people:new_person": ADMIN,
    "people:person": ADMIN,
    "people:end_role": ADMIN,
    "intake:imports": IMPORTERS,
    "intake:upload": IMPORTERS,
    "intake:run": IMPORTERS,
    "intake:mapping": IMPORTERS,
    "intake:export": EVERYONE,  # holds only the books one may read
    "intake:export_file": {"member"},  # the owner of the work
    "voice:tests": EVERYONE,  # lists only tests of books one may read
    "voice:new_test": EVERYONE,  # asks for a book; planning is for who edits it
    "voice:test": READERS,
    "voice:test_plan": READERS,  # the service refuses a change to whom may not
    "voice:test_report": READERS,
    "voice:test_pdf": READERS,
    "voice:test_workbook": READERS,
    "voice:session": READERS,
    "voice:problem": READERS,
    "voice:surveys": EVERYONE,  # lists only surveys of books one may read
    "voice:new_survey": EVERYONE,  # asks for a book; making is for who edits it
    "voice:import_survey": EVERYONE,  # asks for a book; making is for who edits it
    "voice:survey": READERS,
    "voice:survey_xlsform": READERS,
    "voice:wave": READERS,
    "voice:wave_poster": READERS,
    "voice:satisfaction": READERS,
    "voice:organisation_satisfaction": READERS,
    "voice:organisation_satisfaction_file": READERS,  # goes back while there is nothing to show
    "voice:features": READERS,
    "voice:satisfaction_file": READERS,  # goes back while there is nothing to show
    "voice:wave_compare": READERS,
    "voice:wave_groups": READERS,  # choosing the groups is for who edits
    "voice:wave_topics": READERS,  # choosing the groups is for who edits
    "voice:wave_kano": READERS,
    "voice:wave_kano_file": READERS,  # 404 while too few have answered
    "voice:wave_workbook": READERS,  # goes back with words while too few have answered
    "voice:quality": EVERYONE,  # counts only services of books one may read
    "voice:quality_service": READERS,
    "portfolio:overview": EVERYONE,  # counts only books of organisations one may read
    "portfolio:page": EVERYONE,
    "portfolio:wall": EVERYONE,
    "portfolio:week": EVERYONE,  # tells only what one may read
    "portfolio:svg": EVERYONE,
    "portfolio:png": EVERYONE,
    "portfolio:csv": EVERYONE,
    "portfolio:behind": EVERYONE,  # lists only what is counted for this person
    "portfolio:behind_csv": EVERYONE,
    "portfolio:operation": READERS,
    "portfolio:operation_chart": READERS,
    "portfolio:signs": READERS,
    "portfolio:publishing": ACTS_OF_ROLES["publish"],
    "portfolio:publishing_check": ACTS_OF_ROLES["publish"],
    "portfolio:publishing_services": ACTS_OF_ROLES["publish"],
    "portfolio:publishing_service": READERS,  # deciding is the quality office's: see the tests of deciding
    "portfolio:publishing_preview": READERS,
    "portfolio:services": EVERYONE,  # lists only books that are counted for this person
    "portfolio:operation_upload": ACTS_OF_ROLES["edit"],
    "portfolio:report": READERS,  # of a book here; of a gate, a bureau, the year: see the tests of reports
    "portfolio:report_file": set(),  # only for who asked for it: see the tests of reports
    "sharing:similar": READERS,
    "sharing:life": READERS,
    "sharing:catalogue": EVERYONE,
    "sharing:platform": EVERYONE,
    "sharing:new_platform": {"quality_office"},
    "sharing:change_platform": {"quality_office"},
    "sharing:groups": EVERYONE,  # shows only books one may read
    "sharing:reuse": EVERYONE,  # lists only entries of books one may read
    "sharing:proposals": EVERYONE,  # lists only those with a member one may read
    "sharing:new_proposal": {"cio_aide", "quality_office"},
    "sharing:proposal": READERS,
    "sharing:years": EVERYONE,  # shows only cases of books one may read
    "standards:packs": EVERYONE,
    "standards:version": EVERYONE,
    "standards:compare": EVERYONE,
    "standards:in_force": EVERYONE,  # choosing is for who edits standards: see below
    "gateway:transfers": EVERYONE,  # lists only one's own
    "gateway:send": EVERYONE,  # offers only the routes open to one
    "gateway:transfer": {"member", "security_officer"},  # the sender, and who watches over the route
    "gateway:upload_state": {"member"},
    "gateway:compare": {"member", "security_officer"},  # the officer is asked why
    "gateway:picture": {"member"},
    "gateway:routes": ACTS_OF_ROLES["edit_routes"],
    "gateway:new_route": ACTS_OF_ROLES["edit_routes"],
    "gateway:route": ACTS_OF_ROLES["edit_routes"],
    "gateway:policies": ACTS_OF_ROLES["edit_routes"],
    "gateway:new_policy": ACTS_OF_ROLES["edit_routes"],
    "gateway:policy": ACTS_OF_ROLES["edit_routes"],
    "gateway:plan": EVERYONE,  # tells only of systems of books one may read
    "gateway:plan_step": ACTS_OF_ROLES["edit_routes"],
    "gateway:map": EVERYONE,  # draws only systems of books one may read
    "gateway:systems": READERS,
    "voice:bring_answers": ACTS_OF_ROLES["edit"],
    "voice:answers": ACTS_OF_ROLES["edit"],
    "gateway:packages": ACTS_OF_ROLES["read_transfer_ledger"],
    "gateway:records": ACTS_OF_ROLES["read_transfer_ledger"],
    "gateway:records_csv": ACTS_OF_ROLES["read_transfer_ledger"],
    "gateway:figures_csv": ACTS_OF_ROLES["read_transfer_ledger"],
    "gateway:alerts": ACTS_OF_ROLES["see_transfers"],
    "jobs:list": EVERYONE,
    "jobs:job": {"member"},
    "jobs:progress": {"member"},
}

#: act (POST only) -> roles it is not refused to by the page itself; None where the page goes back to its place
#: with the service's refusal, which the tests of the services prove for every role
ACTS = {
    "portfolio:publishing_take_back": ACTS_OF_ROLES["publish"],
    "portfolio:report_make": READERS,
    "portfolio:operation_confirm": ACTS_OF_ROLES["edit"],
    "portfolio:incident": None,
    "portfolio:signs_take_back": None,
    "book:answer": None,
    "book:evidence_add": None,
    "book:evidence_remove": None,
    "book:waiver_revoke": None,
    "book:gate_due": None,
    "book:gate_submit": None,
    "book:gate_withdraw": None,
    "book:gate_invite": None,
    "book:file_again": None,
    "book:finding_resolve": None,
    "book:view_save": None,
    "book:view_delete": None,
    "voice:test_act": None,
    "voice:begin_session": None,
    "voice:session_result": None,
    "voice:session_act": None,
    "voice:problem_act": None,
    "voice:survey_act": None,
    "voice:wave_act": None,
    "voice:wave_kano_tables": None,
    "sharing:judge": None,
    "sharing:answer": None,
    "sharing:offer": None,
    "sharing:confirm": None,
    "sharing:proposal_act": None,
    "sharing:settle": None,
    "gateway:transfer_act": None,
    "gateway:take": None,
    "gateway:file_act": None,
    "gateway:answer": None,
    "gateway:upload_begin": None,
    "gateway:upload_send": None,
    "gateway:upload_chunk": None,
    "gateway:systems_act": None,
    "gateway:plan_move": None,
    "gateway:move_act": None,
    "gateway:plan_begin": ACTS_OF_ROLES["edit_routes"],
    "voice:answers_act": None,
    "gateway:package_again": ACTS_OF_ROLES["edit_routes"],
    "gateway:route_act": ACTS_OF_ROLES["edit_routes"],
    "gateway:network_act": ACTS_OF_ROLES["edit_routes"],
    "people:revoke_token": None,
    "people:read_all": None,
    "people:read_notice": None,
    "people:close_organisation": ADMIN,
    "people:reopen_organisation": ADMIN,
    "people:grant_role": ADMIN,
    "people:set_password": ADMIN,
    "people:remove_second_factor": ADMIN,
    "people:deactivate": ADMIN,
    "people:activate": ADMIN,
    "people:revoke_person_token": ADMIN,
    "intake:confirm": IMPORTERS,
    "intake:abandon": IMPORTERS,
    "jobs:cancel": {"member"},
    "jobs:retry": {"member"},
}


def patterns(resolver=None, namespace=""):
    """(name, pattern) of every address, depth first."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from patterns(entry, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", entry


def example(pattern):
    """Arguments that fit a pattern, whatever they name."""
    numbers = {name for name, c in pattern.pattern.converters.items() if isinstance(c, IntConverter)}
    return {name: 999_999 if name in numbers else "nothing" for name in pattern.pattern.converters}


def pages():
    return [
        (name, pattern)
        for name, pattern in patterns()
        if pattern.name and name not in PUBLIC and not name.startswith(OTHERS) and "api" not in name
    ]


@pytest.fixture
def installed(db):
    Installation.objects.create(name="関野市")


@pytest.mark.parametrize("method", ["get", "post"])
def test_strangers_are_sent_to_sign_in_everywhere(client, installed, method):
    let_in = []
    for name, pattern in pages():
        response = getattr(client, method)(reverse(name, kwargs=example(pattern)))
        if not (response.status_code == 302 and "/accounts/login/" in response.headers["Location"]):
            let_in.append((name, response.status_code))
    assert let_in == []


@pytest.fixture
def world(people, bureau, installed, settings, tmp_path):
    """Address of each page and act, of things that exist: a submitted gate, a finding, a condition, work."""
    settings.MEDIA_ROOT = tmp_path
    gate = plan_gate(make_project(bureau, code="M-1"))
    submission = submit_gate(people.member, gate)
    found = [NewFinding("should", "直してください", "plan-1")]
    reviews.give_review(people.cio_aide, gate, recommendation="conditional", findings=found)
    person = {
        "organisation_id": bureau.pk,
        "person_id": people.auditor.pk,
        "role_id": RoleAssignment.objects.get(user=people.auditor).pk,
        "token_id": people.auditor.api_tokens.create(
            name="t", prefix="none", digest="none", expires_at=timezone.now() + dt.timedelta(days=1)
        ).pk,
    }
    exported = exports_folder() / "access.csv"
    exported.parent.mkdir(parents=True, exist_ok=True)
    exported.write_text("x")
    job = Job.objects.create(
        kind="intake.export",
        owner=people.member,
        state="done",
        finished_at=timezone.now(),
        params={"name": exported.name, "fmt": "csv"},
    )
    run = ImportRun.objects.create(
        source="rs", started_by=people.quality_office, state="ready", folder="none"
    )
    known = {
        "gate_id": gate.pk,
        "number": submission.number,
        "fmt": "csv",
        "job_id": job.pk,
        "run_id": run.pk,
    }
    with acting_on(people.member, gate.project) as act:
        file = store_attachment(act, ContentFile(b"plan", name="plan.txt"))
    cleaning.clean(file)
    test = plan(people.member, gate.project)
    survey = make_survey(people.member, gate.project, title="x", ready="counter")
    wave = open_wave(people.member, survey, name="x")
    session, problem = (
        hold(people.member, test),
        found_problem(people.member, test, title="x", severity="minor"),
    )
    platform = make_platform(people, name="共通認証")
    proposal = propose(
        people.quality_office,
        title="x",
        why="x",
        members=[gate.project, make_project(bureau)],
        share=10,
        assumptions="x",
    )
    entry = answer_platform(people.member, gate.project, platform, "adopted")
    settings.GATEWAY_FOLDER = tmp_path / "gateway"
    route = make_route(people, bureau)
    transfer = send(people.member, route)
    settings.MEDIA_ROOT = tmp_path
    table = keep_answers(people.member, wave.survey)
    special = {
        **{f"sharing:{name}": {"pk": platform.pk} for name in ("platform", "change_platform", "answer")},
        **{f"sharing:{name}": {"pk": proposal.pk} for name in ("proposal", "proposal_act")},
        "sharing:confirm": {"pk": entry.pk},
        "sharing:settle": {"pk": make_succession(gate.project).pk},
        **{name: {"pk": transfer.pk} for name in ("gateway:transfer", "gateway:upload_state")},
        "gateway:package_again": {"pk": refused_package().pk},
        **{name: {"code": route.code} for name in ("gateway:route", "gateway:route_act")},
        "gateway:compare": {"pk": transfer.files.get().pk},
        "gateway:picture": {"pk": transfer.files.get().pk, "side": "before", "page": 1},
        "gateway:policy": {"code": "inbound"},
        "gateway:plan_step": {
            "number": PlanStep.objects.create(number=2, model="beta", due="2027-03-31").number
        },
        **{name: {"pk": test.pk} for name in PAGES if name.startswith("voice:test_") or name == "voice:test"},
        "voice:survey": {"pk": wave.survey_id},
        "voice:bring_answers": {"pk": wave.survey_id},
        **{name: {"pk": table.pk} for name in ("voice:answers", "voice:answers_act")},
        **{name: {"pk": wave.survey_id} for name in ("voice:survey", "voice:survey_xlsform")},
        "portfolio:page": {"name": "truth"},
        "portfolio:operation_chart": {"name": "beside", "kind": "svg"},
        **{name: {"kind": "book", "about": "M-1"} for name in ("portfolio:report", "portfolio:report_make")},
        **{f"portfolio:{kind}": {"page": "overview", "name": "phases"} for kind in ("svg", "png", "csv")},
        **{name: {"pk": wave.pk} for name in PAGES if name.startswith("voice:wave")},
        "voice:wave_kano_file": {"pk": wave.pk, "question": "wish", "kind": "csv"},
        "voice:satisfaction_file": {"kind": "csv"},
        "voice:organisation_satisfaction": {"code": bureau.code},
        "voice:organisation_satisfaction_file": {"code": bureau.code, "kind": "csv"},
        "voice:session": {"pk": session.pk},
        "voice:problem": {"pk": problem.pk},
        **{name: {"pk": file.pk} for name in ("book:file", "book:file_copy", "book:file_again")},
        "book:act": {"name": "status"},
        "book:waive": {"code": "plan-1"},
        "book:finding_reply": {"pk": gate.findings.get().pk},
        "intake:upload": {"source": "rs"},
        "standards:version": {"pack": gate.standard.pack, "version": gate.standard.version},
    }
    yield lambda name, pattern: reverse(
        name,
        kwargs={
            key: {**example(pattern), "code": "M-1", **known, **person, **special.get(name, {})}[key]
            for key in pattern.pattern.converters
        },
    )
    exported.unlink(missing_ok=True)


def test_every_address_is_in_one_table(client, installed, people):
    client.force_login(people.admin)
    client.raise_request_exception = False
    reads = {name: client.get(reverse(name, kwargs=example(p))).status_code != 405 for name, p in pages()}
    assert {name for name, opens in reads.items() if opens} == set(PAGES)
    assert {name for name, opens in reads.items() if not opens} == set(ACTS)


def test_only_allauth_and_the_api_have_addresses_without_a_name():
    homes = {pattern.callback.__module__ for _name, pattern in patterns() if not pattern.name}
    ours = {home for home in homes if home.startswith("sekisho")}
    assert ours <= {"sekisho.config.api_problems"}
    # allauth's redirects of former addresses are Django's RedirectView
    assert homes - ours <= {"django.views.generic.base"}


def test_public_addresses_need_no_sign_in(client, installed):
    known = dict(patterns())
    for name in PUBLIC:
        response = client.get(reverse(name, kwargs=example(known[name])))
        assert "/accounts/login/" not in response.headers.get("Location", ""), name


#: tested apart, each with its own thing: below, and the release in tests/book/test_page_book_release.py
_APART = {"book:condition", "book:release", "intake:mapping"}


@pytest.mark.parametrize("role", ROLES)
def test_pages_let_in_whom_the_matrix_names(client, people, world, role):
    known = dict(pages())
    client.force_login(getattr(people, role))
    wrong = {}
    for name, roles in PAGES.items():
        if name in _APART:
            continue
        response = client.get(world(name, known[name]))
        if response.streaming:
            response.getvalue()  # read to its end, the file behind it is closed
        status = response.status_code
        got_in = status in (200, 286, 302)  # 286: htmx stops asking
        if got_in != (role in roles) or (not got_in and status not in (403, 404)):
            wrong[name] = status
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_a_condition_is_shown_to_readers_only(client, installed, people, bureau, role):
    gate = plan_gate(make_project(bureau, code="M-2"))
    submit_gate(people.member, gate)
    asked = [NewCondition("予算を確かめる", people.member, days(30))]
    decisions.decide(people.quality_office, gate, result="conditional", reason="条件つき", conditions=asked)
    client.force_login(getattr(people, role))
    status = client.get(reverse("book:condition", args=[gate.conditions.first().pk])).status_code
    assert (status == 200) == (role in PAGES["book:condition"])


@pytest.mark.parametrize("role", ROLES)
def test_columns_of_an_import_are_shown_to_importers_only(client, installed, people, role):
    run = ImportRun.objects.create(
        source="rs", started_by=people.quality_office, state="ready", folder="none"
    )
    client.force_login(getattr(people, role))
    status = client.get(reverse("intake:mapping", args=[run.pk])).status_code
    # an import of the RS system has no columns to assign: for importers it is not found, others are refused
    assert status == (404 if role in PAGES["intake:mapping"] else 403)


@pytest.mark.parametrize("role", ROLES)
def test_standards_are_chosen_by_the_quality_office_only(client, installed, people, role):
    client.force_login(getattr(people, role))
    status = client.post(reverse("standards:in_force"), {"standard": "nothing"}).status_code
    assert status == (422 if role in ACTS_OF_ROLES["edit_standards"] else 403)


@pytest.mark.parametrize("role", ROLES)
def test_acts_refuse_whom_the_matrix_does_not_name(client, people, world, role):
    known = dict(pages())
    client.force_login(getattr(people, role))
    let_in = {}
    for name, roles in ACTS.items():
        if roles is None or role in roles:
            continue
        status = client.post(world(name, known[name])).status_code
        if status not in (403, 404):
            let_in[name] = status
    assert let_in == {}


@pytest.mark.parametrize("role", ROLES)
def test_no_address_fails_on_things_that_do_not_exist(client, installed, people, role):
    client.force_login(getattr(people, role))
    client.raise_request_exception = False
    failed = {}
    for name, pattern in pages():
        for method in ("get", "post"):
            status = getattr(client, method)(reverse(name, kwargs=example(pattern))).status_code
            if status >= 500:
                failed[f"{method} {name}"] = status
    assert failed == {}
