"""The transition plan: what each step moves, binds and frees, what each project must do, and how far it is."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from sekisho.book.measures import all_measures, take
from sekisho.book.models import LedgerEntry
from sekisho.errors import Conflict, Invalid, NotFound, NotPermitted, StaleWrite
from sekisho.gateway import rules
from sekisho.gateway.models import PlannedMove, PlanStep
from sekisho.gateway.planpicture import draw_progress
from sekisho.gateway.queries import plan as read
from sekisho.gateway.services import networks, planning
from sekisho.people.models import Installation
from sekisho.people.permissions import actor_of
from tests.book.factories import make_project
from tests.gateway.factories import zones

pytestmark = pytest.mark.django_db

NETWORK = rules.Network(
    "alpha",
    {
        1: rules.System(1, "lgwan"),
        2: rules.System(2, "internet"),
        3: rules.System(3, "mynumber", data_class="specific"),
    },
    (rules.Flow(1, 1, 2), rules.Flow(2, 2, 1), rules.Flow(3, 3, 1, controls=frozenset({"approval"}))),
)


def test_a_step_frees_the_flows_that_no_longer_cross_and_binds_those_that_begin_to():
    step = ("beta", [rules.Move(1, "internet")])
    today, after = rules.stages(NETWORK, [step], rules.shipped_pack())
    assert today.flows == {1: "allowed", 2: "lacking", 3: "allowed"}
    assert after.flows == {1: "inside", 2: "inside", 3: "forbidden"}
    assert [(t.flow, t.after, t.is_freer) for t in rules.turns(today, after)] == [
        (3, "forbidden", False),
        (1, "inside", True),
        (2, "inside", True),
    ]


def test_each_step_begins_where_the_one_before_ended():
    steps = [
        ("beta", [rules.Move(1, "internet")]),
        ("beta_dash", [rules.Move(1, "lgwan", frozenset({"edr"}))]),
    ]
    stages = rules.stages(NETWORK, steps, rules.shipped_pack())
    assert [stage.network.systems[1].zone_kind for stage in stages] == ["lgwan", "internet", "lgwan"]
    assert stages[2].network.systems[1].controls == {"edr"}
    assert [stage.network.model for stage in stages] == ["alpha", "beta", "beta_dash"]


def test_a_move_of_a_system_one_may_not_see_is_passed_over():
    assert rules.moved(NETWORK, "alpha", [rules.Move(99, "cloud")]).systems == NETWORK.systems


def test_the_progress_is_drawn_with_its_figures():
    assert draw_progress([], "t", "p", "d") == ""
    svg = draw_progress([("4月", 2, 0), ("5月", 3, 1)], "<t>", "planned", "done")
    assert "&lt;t&gt;" in svg
    assert "planned 3" in svg
    single = draw_progress([("4月", 3, 1)], "t", "planned", "done")
    assert "done 1" in single
    assert single.count("<circle") == 2, "of one month the two ends are all there is to see"
    assert single.count("4月") == 1


@pytest.fixture
def book(people, bureau):
    project = make_project(owner=bureau, name="住民記録")
    placed = zones(people)
    desk = networks.place_system(people.member, project, name="端末", zone=placed["lgwan"], workplace=True)
    core = networks.place_system(people.member, project, name="基盤", zone=placed["internet"])
    networks.add_flow(people.member, core, desk, what="一覧")
    return project


@pytest.fixture
def steps(people, book, monkeypatch):
    monkeypatch.setattr(planning, "_whole_officer", lambda user: actor_of(user))
    return planning.begin_plan(people.security_officer)


def system(book, name):
    return book.systems.select_related("project__owner", "zone").get(name=name)


def test_a_plan_tells_what_moves_what_becomes_free_and_what_each_project_must_do(people, book, steps):
    placed = zones(people)
    step, _later = steps
    planning.change_step(people.security_officer, step, model="beta", due=step.due, note="端末を移す")
    planning.plan_move(
        people.member, step, system(book, "端末"), zone=placed["internet"], controls=["epp"], task="EPPを買う"
    )
    plan = read.plan_of(actor_of(people.security_officer))
    first = plan.steps[0]
    assert (plan.moves, plan.done, first.share) == (1, 0, 0)
    assert [one.turn.after for one in first.freed] == ["inside"]
    assert first.bound == []
    (duty,) = first.duties
    assert [move.task for move in duty.moves] == ["EPPを買う"]
    assert [found.finding.code for found in duty.findings] == ["NET-020"]  # EDR is still missing
    assert plan.progress[-1][1:] == (1, 0)


def test_carrying_a_move_out_moves_the_system_and_is_written_down(people, book, steps):
    placed = zones(people)
    move = planning.plan_move(
        people.member, steps[0], system(book, "端末"), zone=placed["internet"], controls=["edr"]
    )
    planning.carry_out(people.member, move)
    moved = system(book, "端末")
    assert (moved.zone.kind, moved.controls) == ("internet", ["edr"])
    acts = list(LedgerEntry.objects.filter(project=book).order_by("seq").values_list("act", flat=True))
    assert acts[-3:] == ["move.planned", "system.changed", "move.done"]
    for act in (planning.carry_out, planning.drop_move):
        with pytest.raises(Conflict, match="done already"):
            act(people.member, move)


def test_a_system_that_is_moved_by_hand_marks_its_move_done(people, book, steps):
    placed = zones(people)
    planning.plan_move(people.member, steps[0], system(book, "端末"), zone=placed["internet"], controls=[])
    networks.change_system(people.member, system(book, "端末"), name="端末", zone=placed["internet"])
    assert PlannedMove.objects.get().is_done


def test_gates_can_demand_what_the_plan_leaves_open(people, book, steps):
    placed = zones(people)
    names = ["network_findings_open", "network_findings_next", "network_moves_late"]
    assert [m.value for m in take(names, book, None).values()] == [1, 1, None]
    planning.plan_move(people.member, steps[0], system(book, "基盤"), zone=placed["lgwan"])
    measured = take(names, book, None)
    assert {name: m.value for name, m in measured.items()} == {
        "network_findings_open": 1,
        "network_findings_next": 0,
        "network_moves_late": 0,
    }
    PlanStep.objects.filter(number=2).update(due=timezone.localdate() - dt.timedelta(days=1))
    assert take(names, book, None)["network_moves_late"].value == 1
    named = {name: all_measures()[name].parts(book) for name in names}
    assert named["network_moves_late"] == [("基盤 → LGWAN zone", "Step 2")]
    assert named["network_findings_next"] == []
    [(what, mend)] = named["network_findings_open"]
    assert "基盤 → 端末: 一覧" in what
    assert mend == "Use a transfer route and choose its sanitizing policy."


def test_what_cannot_be_planned_is_refused_in_words(people, book, steps):
    placed = zones(people)
    step, later = steps
    officer, desk = people.security_officer, system(book, "端末")
    with pytest.raises(Invalid, match="changes nothing"):
        planning.plan_move(people.member, step, desk, zone=placed["lgwan"], controls=[])
    with pytest.raises(Invalid, match="Step 2 ends before"):
        planning.change_step(officer, step, model="beta", due=later.due)
    with pytest.raises(Conflict, match="already"):
        planning.begin_plan(officer)
    planning.change_step(officer, step, model="beta", due=step.due, expected_version=1)
    with pytest.raises(StaleWrite):
        planning.change_step(officer, step, model="alpha", due=step.due, expected_version=1)
    with pytest.raises((NotPermitted, NotFound)):
        planning.plan_move(people.contractor, step, desk, zone=placed["internet"])


def test_only_an_officer_of_the_whole_government_begins_a_plan(people, book):
    with pytest.raises(NotPermitted):
        planning.begin_plan(people.member)


@pytest.fixture
def english(client, people):
    Installation.objects.create(name="関野市")
    for person in (people.member, people.security_officer):
        person.language = "en"
        person.save()
    return client


def test_the_plan_is_walked_in_the_browser(english, people, book, steps):
    placed = zones(people)
    english.force_login(people.security_officer)
    page = english.get(reverse("gateway:plan")).content.decode()
    assert "No move is planned yet" in page
    said = {"model": "beta", "due": steps[0].due.isoformat(), "note": "", "version": 1}
    assert english.post(reverse("gateway:plan_step", args=[2]), said).status_code == 302
    english.force_login(people.member)
    planned = {
        "move-step": steps[0].pk, "move-system": system(book, "端末").pk, "move-zone": placed["internet"].pk,
        "move-controls": ["epp", "edr"], "move-task": "Buy it",
    }  # fmt: skip
    address = reverse("gateway:plan_move", args=[book.code])
    assert english.post(address, planned).status_code == 302
    assert (
        english.post(address, {**planned, "move-zone": placed["lgwan"].pk, "move-controls": []}).status_code
        == 422
    )
    move = PlannedMove.objects.get()
    page = english.get(reverse("gateway:plan")).content.decode()
    assert "0 of 1 moves are done" in page
    assert "within one zone" in page
    english.post(reverse("gateway:move_act", args=[book.code, move.pk, "done"]))
    page = english.get(reverse("gateway:plan")).content.decode()
    assert "1 of 1 moves are done" in page
    assert english.get(reverse("gateway:map") + "?stage=2").status_code == 200
    assert english.post(reverse("gateway:move_act", args=[book.code, move.pk, "nonsense"])).status_code == 404


def test_the_page_asks_the_database_as_often_for_many_moves_as_for_one(
    english, people, book, steps, django_assert_max_num_queries
):
    placed = zones(people)
    for number in range(8):
        one = networks.place_system(people.member, book, name=f"系{number}", zone=placed["lgwan"])
        planning.plan_move(people.member, steps[number % 2], one, zone=placed["cloud"])
    english.force_login(people.security_officer)
    with django_assert_max_num_queries(30):
        assert english.get(reverse("gateway:plan")).status_code == 200
