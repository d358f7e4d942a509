import threading

import pytest
from django.core.cache import caches
from django.db import connection

from sekisho.errors import Conflict
from sekisho.people.limits import SETUP_TRIES
from sekisho.people.models import Installation, Organisation, User
from sekisho.people.permissions import actor_of
from sekisho.people.services import set_up
from sekisho.people.services.installation import FirstPerson

VALUES = {
    "name": "さくら市 🌸",
    "name_en": "Sakura City",
    "display_name": "最初 の人",
    "username": "first",
    "email": "first@example.lg.jp",
    "password": "a long enough phrase",
    "password_again": "a long enough phrase",
}


@pytest.fixture
def empty(db, _set_up):
    Installation.objects.all().delete()
    caches["process"].clear()


def test_every_page_of_an_empty_installation_leads_to_setting_it_up(empty, client):
    for address in ("/", "/administration/", "/accounts/login/"):
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (302, "/setup/")
    assert client.get("/healthz").status_code == 200


def test_the_first_visitor_becomes_administrator(empty, client):
    assert client.get("/setup/").status_code == 200
    response = client.post("/setup/", VALUES, follow=True)
    assert response.redirect_chain == [("/administration/", 302)]
    person = User.objects.get()
    assert actor_of(person).may_administer
    assert Installation.objects.get().name == VALUES["name"]
    assert Organisation.objects.get().code == "sakura-city"
    assert "/administration/organisations/new/" in response.content.decode()


def test_afterwards_the_page_is_gone(empty, client):
    client.post("/setup/", VALUES)
    client.logout()
    assert client.get("/setup/")["Location"] == "/"
    response = client.post("/setup/", {**VALUES, "username": "second", "email": ""})
    assert response.status_code == 422
    assert User.objects.count() == 1


def test_a_refused_form_keeps_what_was_typed(empty, client):
    response = client.post("/setup/", {**VALUES, "password_again": "different"})
    assert response.status_code == 422
    page = response.content.decode()
    assert VALUES["name"] in page
    assert VALUES["display_name"] in page
    assert VALUES["password"] not in page
    weak = client.post("/setup/", {**VALUES, "password": "1", "password_again": "1"})
    assert weak.status_code == 422
    assert not User.objects.exists()
    assert not Organisation.objects.exists()
    long = client.post("/setup/", {**VALUES, "name": "あ" * 301})
    assert long.status_code == 422


def test_tries_are_limited(empty, client):
    for _try in range(SETUP_TRIES.tries):
        client.post("/setup/", {})
    assert client.post("/setup/", VALUES).status_code == 429


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_first_visitors_at_once_make_one_installation(empty):
    outcomes = []
    barrier = threading.Barrier(2)

    def visit(number):
        barrier.wait()
        try:
            person = FirstPerson(f"first{number}", "人", "", "a long enough phrase")
            set_up(name="市", name_en="", code="city", administrator=person)
            outcomes.append("done")
        except Conflict as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=visit, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_set_up", "done"]
    assert User.objects.count() == 1
