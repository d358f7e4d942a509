"""Surveys that an organisation asks its own people, without a book: who makes, reads and answers them, their ledger."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from sekisho.book.models import LedgerEntry
from sekisho.book.services.ledger import verify_all
from sekisho.errors import Conflict, Invalid, NotFound, NotPermitted
from sekisho.people.permissions import actor_of
from sekisho.voice.definition import Definition
from sekisho.voice.models import Survey
from sekisho.voice.queries.series import series_of
from sekisho.voice.queries.surveys import seen_survey, surveys_seen, wave_results
from sekisho.voice.services import answering, features, incoming, surveys, tally
from tests.book.factories import make_project
from tests.factories import OrganisationFactory, UserFactory
from tests.voice.results import body

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(people, bureau):
    return surveys.make_survey(people.quality_office, bureau, title="職員の満足度", ready="staff_digital")


@pytest.fixture
def stranger(other_bureau):
    return UserFactory(username="stranger", organisation=other_bureau)


def asked(people, survey, **more):
    return surveys.open_wave(people.quality_office, survey, name="今年", access="staff", **more)


def test_it_belongs_to_a_book_or_an_organisation_and_never_to_both_or_none(people, bureau):
    for held in ({}, {"project": make_project(bureau), "organisation": bureau}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Survey.objects.create(title="x", document={}, **held)


def test_those_who_read_the_organisations_books_see_it(people, staff, other_bureau, section):
    theirs = UserFactory(username="theirs", organisation=other_bureau, member=True)
    assert seen_survey(actor_of(people.member), staff.pk) == staff
    assert seen_survey(actor_of(people.contractor), staff.pk) is None
    assert seen_survey(actor_of(theirs), staff.pk) is None
    below = UserFactory(username="below", organisation=section)
    assert seen_survey(actor_of(below), staff.pk) is None
    assert list(surveys_seen(actor_of(people.auditor), organisation="bureau")) == [staff]
    assert not surveys_seen(actor_of(people.auditor), organisation="section")


def test_only_editors_of_the_organisation_make_and_change_it(people, bureau, other_bureau, staff):
    for user in (people.auditor, people.executive):
        with pytest.raises(NotPermitted):
            surveys.make_survey(user, bureau, title="x")
        with pytest.raises(NotPermitted):
            surveys.open_wave(user, staff, name="x", access="staff")
    with pytest.raises(NotFound):
        surveys.make_survey(people.member, other_bureau, title="x")


def test_a_closed_organisation_asks_nothing_more(people, bureau, staff):
    bureau.closed_on = timezone.localdate()
    bureau.save()
    with pytest.raises(Conflict, match="closed"):
        asked(people, staff)


def test_its_people_are_asked_where_they_belong(people, bureau, section):
    alone = surveys.make_survey(people.quality_office, bureau, title="x", ready="staff_digital")
    assert Definition.from_document(alone.document).question("bureau") is None, "one part is no group"
    second = OrganisationFactory(code="second", name="第二課", name_en="Second Section", parent=bureau)
    OrganisationFactory(code="gone", name="旧課", parent=bureau, closed_on=timezone.localdate())
    several = surveys.make_survey(people.quality_office, bureau, title="x", ready="staff_digital")
    question = Definition.from_document(several.document).question("bureau")
    assert {(one.code, one.title.en) for one in question.choices} == {
        (f"o{section.pk}", section.name_en),
        (f"o{second.pk}", "Second Section"),
    }
    of_a_book = surveys.make_survey(people.member, make_project(bureau), title="x", ready="staff_digital")
    assert Definition.from_document(of_a_book.document).question("bureau") is None


def test_only_its_own_people_answer_and_each_once(client, people, staff, stranger, section):
    wave = asked(people, staff)
    below = UserFactory(username="below", organisation=section)
    for user in (people.member, below):
        assert answering.submit(wave, {"q-overall": ["4"]}, user=user).is_whole
        with pytest.raises(answering.AnsweredAlready):
            answering.submit(wave, {"q-overall": ["4"]}, user=user)
    for user in (stranger, UserFactory(username="nowhere", organisation=None)):
        with pytest.raises(NotPermitted, match="for the people of"):
            answering.submit(wave, {"q-overall": ["1"]}, user=user)
    address = reverse("voice:answer", args=[wave.token])
    assert client.get(address).status_code == 302, "whoever may be one of them signs in"
    client.force_login(stranger)
    response = client.get(address)
    assert response.status_code == 403
    assert "総務局" in body(response) or "General Affairs Bureau" in body(response)
    assert wave.responses.count() == 2
    assert not wave.responses.filter(person__isnull=False).exists()


def test_tokyos_published_counts_come_out(people, staff):
    """職員のデジタル環境満足度, November 2020: 18/36/36/8/2 % of 20,096 answers; a hundredth of them here."""
    counts = (36, 72, 72, 16, 4)
    answers = "".join(f"{step}\n" * n for step, n in enumerate(counts, 1))
    question = Definition.from_document(staff.document).question("overall").title.ja
    file = SimpleUploadedFile("2020.csv", f"{question}\n{answers}".encode())
    kept = incoming.keep(people.quality_office, staff, file)
    november = timezone.localdate().replace(year=2020, month=11, day=20)
    wave = incoming.bring_in(people.quality_office, kept, name="2020年度", invited=529, asked_on=november)
    [point] = series_of(staff.organisation).points
    assert point.day == november
    figures = point.figures
    assert (figures.satisfied.value, figures.dissatisfied.value) == (0.10, 0.54)
    assert round(figures.mean.value, 1) == 2.4
    assert round(point.rate.value, 3) == 0.378
    overall = next(one for one in wave_results(wave).results if one.question.code == "overall")
    assert [line.count for line in overall.lines] == list(counts)
    assert tally.is_exact(wave)


def test_answers_are_not_brought_in_from_the_future(people, staff):
    file = SimpleUploadedFile("x.csv", "総じて、職場のデジタル環境に満足していますか\n5\n".encode())
    kept = incoming.keep(people.quality_office, staff, file)
    with pytest.raises(Invalid) as refused:
        incoming.bring_in(
            people.quality_office, kept, name="x", asked_on=timezone.localdate() + dt.timedelta(days=1)
        )
    assert "asked_on" in refused.value.fields


def test_its_acts_are_a_chain_of_their_own_that_is_proved(reader, people, staff):
    surveys.close_wave(people.quality_office, asked(people, staff))
    chain = f"voice:{staff.organisation_id}"
    assert dict(verify_all())[chain] is None
    page = body(reader.get(reverse("voice:survey", args=[staff.pk])))
    assert "made the survey “職員の満足度”" in page
    assert "closed “今年” of the survey" in page
    LedgerEntry.objects.filter(chain=chain).delete()
    broken = dict(verify_all())
    assert broken[chain] is not None


def test_pages_name_the_organisation_in_place_of_a_book(reader, people, staff, django_assert_max_num_queries):
    wave = asked(people, staff)
    reader.force_login(people.quality_office)
    for name, args in [
        ("voice:surveys", []),
        ("voice:survey", [staff.pk]),
        ("voice:wave", [wave.pk]),
        ("voice:wave_compare", [wave.pk]),
        ("voice:wave_groups", [wave.pk]),
        ("voice:wave_topics", [wave.pk]),
        ("voice:organisation_satisfaction", [staff.organisation.code]),
    ]:
        with django_assert_max_num_queries(30):
            response = reader.get(reverse(name, args=args))
        assert response.status_code == 200, name
        assert "総務局" in body(response) or "General Affairs Bureau" in body(response), name


def test_the_newest_survey_stands_first(reader, people, staff):
    newer = surveys.make_survey(people.quality_office, staff.organisation, title="窓口の満足度")
    page = body(reader.get(reverse("voice:surveys")))
    assert page.index(newer.title) < page.index("職員の満足度")


def test_one_is_made_in_the_browser_for_exactly_one_holder(reader, people, bureau):
    make_project(bureau, code="B-1")
    address = reverse("voice:new_survey")
    for held in ({}, {"project": "B-1", "organisation": "bureau"}):
        refused = reader.post(address, {"title": "職員の声", **held})
        assert refused.status_code == 422
        assert "one of them" in body(refused)
        assert "職員の声" in body(refused)
    made = reader.post(address, {"title": "職員の声", "organisation": "bureau", "ready": "staff_digital"})
    survey = Survey.objects.get()
    assert made.url == reverse("voice:survey", args=[survey.pk])
    assert survey.organisation == bureau
    unseen = reader.post(address, {"title": "x", "organisation": "no-such"})
    assert unseen.status_code == 422


def test_features_are_planned_for_services_alone(people, staff):
    with pytest.raises(Invalid, match="of an organisation"):
        features.plan_feature(people.quality_office, staff, "wish", "save", plan="next")
