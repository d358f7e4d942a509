"""The pages of standards: browse, compare, choose."""

import datetime as dt

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from sekisho.people.roles import ROLES
from sekisho.standards.models import StandardInForce, StandardVersion
from sekisho.standards.pack import Pack
from sekisho.standards.services import register_pack, register_shipped
from sekisho.standards.words import applies_words
from tests.book.factories import criterion_document, pack_document
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def two():
    """Versions 1.0 and 1.1 of a small pack: one criterion added, one removed, one changed."""
    kept, gone, came = (criterion_document(code) for code in ("plan-1", "plan-2", "plan-3"))
    changed = {
        **kept,
        "title": {"ja": "改めた項目", "en": "A changed criterion"},
        "requirement": "recommended",
    }
    first = register_pack(Pack.from_document(pack_document("1.0", [kept, gone])))
    return first, register_pack(Pack.from_document(pack_document("1.1", [changed, came])))


def page(client, person, name, *args, language="en", **query):
    person.language = language
    person.save()
    client.force_login(person)
    return client.get(reverse(f"standards:{name}", args=args), query)


@pytest.mark.parametrize("role", ROLES)
def test_everybody_may_read(client, people, two, role):
    for name in ("packs", "compare", "in_force"):
        assert page(client, getattr(people, role), name).status_code == 200
    assert page(client, getattr(people, role), "version", "test-pack", "1.0").status_code == 200


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_shipped_standards_are_shown_in_both_languages(client, people, language):
    register_shipped()
    shown = page(client, people.member, "version", "sekisho-reference", "1.0", language=language)
    pack = StandardVersion.objects.get(pack="sekisho-reference", version="1.0").load()
    body = shown.content.decode()
    assert all(f'id="c-{criterion.code}"' in body for criterion in pack.criteria)
    assert pack.criteria[0].title.get(language) in body


def test_an_unknown_version_is_not_found(client, people, two):
    assert page(client, people.member, "version", "test-pack", "9.9").status_code == 404
    assert page(client, people.member, "version", "test-pack", "1.0\x00").status_code == 404


def test_search_within_finds_words_of_either_language_and_width(client, people, two):
    body = page(client, people.member, "version", "test-pack", "1.1", q="改めた").content.decode()
    assert 'id="c-plan-1"' in body
    assert 'id="c-plan-3"' not in body
    body = page(client, people.member, "version", "test-pack", "1.1", q="ＰＬＡＮ－３").content.decode()
    assert 'id="c-plan-3"' in body
    assert (
        "No criterion holds these words"
        in page(client, people.member, "version", "test-pack", "1.1", q="zebra").content.decode()
    )


def test_two_versions_are_compared_field_by_field(client, people, two):
    old, new = two
    body = page(client, people.member, "compare", old=old.pk, new=new.pk).content.decode()
    assert "1 added, 1 removed, 1 changed" in body
    assert "Criterion plan-1" in body
    assert "A changed criterion" in body
    assert "Mandatory" in body
    assert "Recommended" in body


def test_the_newest_two_versions_are_compared_before_anything_is_chosen(client, people, two):
    assert "1 added, 1 removed, 1 changed" in page(client, people.member, "compare").content.decode()


def test_a_version_compared_with_itself_asks_the_same(client, people, two):
    body = page(client, people.member, "compare", old=two[0].pk, new=two[0].pk).content.decode()
    assert "ask the same" in body


def test_a_forged_comparison_is_refused_beside_the_field(client, people, two):
    assert page(client, people.member, "compare", old="x", new=two[0].pk).status_code == 422


def choice(bureau, standard, day):
    return {"organisation": bureau.pk, "standard": standard.pk, "in_force_from": day, "reason": "試行"}


def test_the_quality_office_puts_a_version_in_force_from_a_day_on(client, people, two, bureau):
    client.force_login(people.quality_office)
    day = timezone.localdate() + dt.timedelta(days=3)
    answer = client.post(reverse("standards:in_force"), choice(bureau, two[1], day))
    assert answer.status_code == 302
    chosen = StandardInForce.objects.get()
    assert (chosen.standard, chosen.in_force_from, chosen.reason) == (two[1], day, "試行")
    assert "Not yet in force" in page(client, people.quality_office, "in_force").content.decode()


@pytest.mark.parametrize("role", [role for role in ROLES if role != "quality_office"])
def test_nobody_else_may_choose(client, people, two, bureau, role):
    client.force_login(getattr(people, role))
    answer = client.post(reverse("standards:in_force"), choice(bureau, two[1], timezone.localdate()))
    assert answer.status_code == 403
    assert not StandardInForce.objects.exists()


def test_a_day_in_the_past_is_refused_beside_the_field_and_nothing_typed_is_lost(client, people, two, bureau):
    people.quality_office.language = "en"
    people.quality_office.save()
    client.force_login(people.quality_office)
    day = timezone.localdate() - dt.timedelta(days=1)
    answer = client.post(reverse("standards:in_force"), choice(bureau, two[1], day))
    assert answer.status_code == 422
    assert "The day has already passed" in answer.content.decode()
    assert "試行" in answer.content.decode()


def test_what_a_bureau_inherits_is_shown(client, people, two, bureau):
    below = OrganisationFactory(code="below", name="下の課", parent=bureau)
    StandardInForce.objects.create(
        organisation=bureau, standard=two[0], in_force_from=timezone.localdate() - dt.timedelta(days=1)
    )
    body = page(client, people.member, "in_force").content.decode()
    assert below.name_en in body
    assert f"Inherited from {bureau.name_en or bureau.name}" in body
    assert "Its own choice" in body


def test_conditions_read_as_plain_words(two):
    document = criterion_document(
        "x", applies="tier != 'light' or ('citizens' in audience and budget_yen >= 50000000)"
    )
    criterion = Pack.from_document(pack_document("2.0", [document])).criteria[0]
    with translation.override("en"):
        words = applies_words(criterion)
    assert words.startswith("When the tier is not light or (")
    assert "the audience includes citizens" in words
    assert "at least 50,000,000" in words


def test_every_shipped_condition_reads_without_a_code(db):
    with translation.override("en"):
        for version in register_shipped():
            for criterion in version.load().criteria:
                assert "_" not in applies_words(criterion)
                assert "'" not in applies_words(criterion)


@pytest.mark.parametrize("name", ["packs", "in_force", "compare"])
def test_the_number_of_queries_does_not_grow(client, people, two, bureau, name):
    from django.db import connection

    def count():
        with CaptureQueriesContext(connection) as queries:
            page(client, people.quality_office, name)
        return len(queries)

    count()
    few = count()
    for number in range(30):
        organisation = OrganisationFactory(parent=bureau)
        StandardInForce.objects.create(
            organisation=organisation, standard=two[number % 2], in_force_from=dt.date(2024, 4, 1)
        )
        register_pack(Pack.from_document(pack_document(f"2.{number}", [criterion_document("plan-1")])))
    count()  # the documents of new versions are read once and kept
    assert count() == few
