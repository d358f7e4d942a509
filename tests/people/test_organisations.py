import datetime as dt

import pytest

from sekisho.errors import Conflict, Invalid, NotPermitted
from sekisho.people.models import Organisation
from sekisho.people.queries import organisation_tree
from sekisho.people.roles import ROLES
from sekisho.people.services import (
    close_organisation,
    create_organisation,
    move_organisation,
    rename_organisation,
    reopen_organisation,
)
from tests.factories import OrganisationFactory


def test_it_creates_an_organisation_below_another(people, bureau):
    made = create_organisation(people.admin, code="new", name="新しい課 𠮷🏯", parent=bureau)
    assert made.path == f"{bureau.path}{made.pk}/"


def test_moving_carries_every_descendant(people, bureau, other_bureau, section):
    desk = OrganisationFactory(parent=section)
    lookalike = OrganisationFactory()
    move_organisation(people.admin, section, other_bureau)
    desk.refresh_from_db()
    section.refresh_from_db()
    lookalike.refresh_from_db()
    assert section.path == f"{other_bureau.path}{section.pk}/"
    assert desk.path == f"{other_bureau.path}{section.pk}/{desk.pk}/"
    assert section.parent == other_bureau
    assert lookalike.path == f"/{lookalike.pk}/"


def test_moving_to_the_top(people, section):
    move_organisation(people.admin, section, None)
    section.refresh_from_db()
    assert section.path == f"/{section.pk}/"


def test_it_refuses_a_circle_in_words(people, bureau, section):
    with pytest.raises(Invalid, match=section.name) as refusal:
        move_organisation(people.admin, bureau, section)
    assert "parent" in refusal.value.fields
    with pytest.raises(Invalid):
        move_organisation(people.admin, bureau, bureau)
    bureau.refresh_from_db()
    assert bureau.parent is None


def test_it_refuses_nesting_beyond_what_a_path_holds(people, bureau):
    Organisation.objects.filter(pk=bureau.pk).update(path="/" + "1/" * 127)
    with pytest.raises(Invalid, match="deeply"):
        create_organisation(people.admin, code="deep", name="深い", parent=bureau)


@pytest.mark.parametrize(
    ("code", "name", "field"), [("bureau", "x", "code"), ("c", "", "name"), ("c", "あ" * 301, "name")]
)
def test_it_names_the_field_that_is_wrong(people, code, name, field):
    with pytest.raises(Invalid) as refusal:
        create_organisation(people.admin, code=code, name=name)
    assert field in refusal.value.fields


def test_names_of_300_characters_are_kept(people):
    assert create_organisation(people.admin, code="long", name="あ" * 300).name == "あ" * 300


def test_renaming_records_what_changed(people, bureau, recorded):
    rename_organisation(people.admin, bureau, name="改名局", name_en="Renamed")
    act, _params, before, after = recorded[-1]
    assert act == "organisation.changed"
    assert before["name"] == "総務局"
    assert after == {"name": "改名局", "name_en": "Renamed"}


def test_renaming_to_the_same_records_nothing(people, bureau, recorded):
    rename_organisation(people.admin, bureau, name=bureau.name, name_en=bureau.name_en)
    assert recorded == []


def test_it_closes_only_what_has_nothing_open_below(people, bureau, section):
    with pytest.raises(Conflict):
        close_organisation(people.admin, bureau, dt.date(2026, 4, 1))
    close_organisation(people.admin, section, dt.date(2026, 4, 1))
    assert close_organisation(people.admin, bureau, dt.date(2026, 4, 1)).closed_on == dt.date(2026, 4, 1)
    with pytest.raises(Invalid, match="closed"):
        reopen_organisation(people.admin, section)
    with pytest.raises(Invalid):
        create_organisation(people.admin, code="x", name="x", parent=section)


@pytest.mark.parametrize(
    "role", ["member", "cio_aide", "quality_office", "executive", "auditor", "contractor", "expert"]
)
def test_only_administrators_change_organisations(people, bureau, role):
    with pytest.raises(NotPermitted):
        create_organisation(getattr(people, role), code="x", name="x")


def test_the_tree_lists_children_under_their_parents(
    people, bureau, other_bureau, section, django_assert_num_queries
):
    OrganisationFactory.create_batch(12, parent=other_bureau)
    with django_assert_num_queries(2):
        tree = organisation_tree()
    names = [(branch.organisation.code, branch.depth) for branch in tree]
    assert names[:3] == [("bureau", 0), ("section", 1), ("other-bureau", 0)]
    assert tree[0].people == len(ROLES)
