"""Rows of the book's lists stand in the same order on every database: what is still open or has a year comes first."""

from sekisho.book.services import planning
from tests.book.factories import make_project


def test_open_risks_stand_before_closed_ones(people, bureau):
    project = make_project(bureau)
    done = planning.note_risk(people.member, project, kind="risk", title="済んだ", weight=3)
    planning.note_risk(people.member, project, kind="risk", title="まだ", weight=1)
    planning.close_risk(people.member, done, outcome="終わった")
    assert [risk.title for risk in project.risks.all()] == ["まだ", "済んだ"]


def test_contracts_without_a_year_stand_last(people, bureau):
    project = make_project(bureau)
    planning.add_contract(people.member, project, contractor="甲", title="いつか")
    planning.add_contract(people.member, project, contractor="乙", title="今年", fiscal_year=2026)
    assert [contract.title for contract in project.contracts.all()] == ["今年", "いつか"]
