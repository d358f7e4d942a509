"""Tokens, sessions, throttles, and errors that never leave the problem form."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from sekisho.people.api_auth import API_REQUESTS
from sekisho.people.limits import TOKEN_FAILURES
from sekisho.people.services import create_token
from tests.api.callers import ROOT, Caller, problem

pytestmark = pytest.mark.django_db


def test_nobody_gets_401_with_a_challenge(callers):
    answer = callers.anonymous.get("/projects")
    problem(answer, 401, "unauthenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_an_unknown_token_is_told_so(callers):
    answer = Client().get(f"{ROOT}/projects", headers={"authorization": "Bearer skt_nope"})
    problem(answer, 401, "invalid_token")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_another_scheme_or_an_empty_token_is_401(people):
    for value in ("Basic YTpi", "Bearer", "Bearer ", "bearer \u00e9", "Token x"):
        assert Client().get(f"{ROOT}/me", headers={"authorization": value}).status_code == 401


def test_an_expired_token_no_longer_opens(people):
    caller = Caller(people.member)
    with time_machine.travel(timezone.now() + dt.timedelta(days=2)):
        problem(caller.get("/me"), 401, "invalid_token")


def test_a_read_token_reads_but_is_refused_on_writes(people, project):
    caller = Caller(people.member, scope="read")
    assert caller.get("/projects/T-1").status_code == 200
    problem(caller.patch("/projects/T-1", {"name": "x"}), 403, "scope_read_only")


def test_a_session_reads_but_never_writes(people, project):
    client = Client()
    client.force_login(people.member)
    assert client.get(f"{ROOT}/projects/T-1").status_code == 200
    answer = client.patch(f"{ROOT}/projects/T-1", {"name": "x"}, content_type="application/json")
    problem(answer, 401, "unauthenticated")


def test_a_bad_token_is_not_saved_by_a_session(people):
    client = Client()
    client.force_login(people.member)
    answer = client.get(f"{ROOT}/me", headers={"authorization": "Bearer skt_nope"})
    problem(answer, 401, "invalid_token")


def test_me_tells_person_roles_and_scope(people, callers):
    me = callers.member.get("/me").json()
    assert (me["username"], me["scope"]) == ("member", "write")
    assert me["roles"][0] == {
        "role": "member",
        "organisation": "bureau",
        "valid_from": "2020-04-01",
        "valid_until": None,
    }


def test_too_many_requests_are_asked_to_wait(people, monkeypatch):
    monkeypatch.setattr("sekisho.people.api_auth.API_REQUESTS", type(API_REQUESTS)("small", 2, 60))
    caller = Caller(people.member)
    with time_machine.travel(timezone.now(), tick=False):
        answers = [caller.get("/me").status_code for _ in range(3)]
        assert answers == [200, 200, 429]
        last = caller.get("/me")
    problem(last, 429, "too_many_requests")
    assert 1 <= int(last["Retry-After"]) <= 60


@time_machine.travel("2026-11-23T03:00:00Z", tick=False)
def test_guessing_tokens_is_stopped(people):
    client = Client(headers={"authorization": "Bearer skt_guess"})
    for _ in range(TOKEN_FAILURES.tries):
        assert client.get(f"{ROOT}/me").status_code == 401
    answer = client.get(f"{ROOT}/me")
    problem(answer, 429, "too_many_tries")
    assert int(answer["Retry-After"]) > 0


def test_words_follow_the_caller(people):
    token = create_token(people.member, name="x", scope="write", days=1, by=people.member)[1]
    bearer = {"authorization": f"Bearer {token}"}
    assert Client().get(f"{ROOT}/gates/1", headers=bearer)["Content-Language"] == "ja"
    english = Client().get(f"{ROOT}/gates/1", headers={**bearer, "accept-language": "en"})
    assert english["Content-Language"] == "en"
    people.member.language = "en"
    people.member.save()
    assert Client().get(f"{ROOT}/gates/1", headers=bearer)["Content-Language"] == "en"


def test_an_unknown_address_is_a_problem(callers):
    for path in ("", "/", "/nothing", "/gates/abc", "/projects/T-1/nothing", "/projects/"):
        problem(callers.member.get(ROOT + path if path != "" else f"{ROOT}/"), 404, "not_found")


def test_a_method_an_address_lacks_is_a_problem(callers, project):
    answer = callers.member.send("delete", "/projects/T-1")
    problem(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, PATCH"


def test_head_answers_like_get_without_a_body(callers, project):
    answer = callers.member.send("head", "/projects/T-1")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["ETag"] == callers.member.get("/projects/T-1")["ETag"]


@pytest.mark.parametrize("body", ["{", "nope", "[1", '{"name": NaN,}', b"\xff\xfe"])
def test_a_body_that_is_no_json_is_400(callers, project, body):
    problem(callers.member.patch("/projects/T-1", body), 400, "unreadable")


@pytest.mark.parametrize("body", ["[]", '"x"', "1", "null"])
def test_a_body_that_is_no_object_is_422(callers, project, body):
    document = problem(callers.member.post("/projects", body), 422, "invalid")
    assert document["errors"]


def test_a_missing_body_is_422(callers, project):
    problem(callers.member.post("/projects"), 422, "invalid")


def test_a_body_too_large_is_413(callers, project, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    problem(callers.member.patch("/projects/T-1", {"summary": "x" * 200}), 413, "too_large")


def test_an_upload_too_large_is_413_and_read_away_so_that_its_sender_hears_it(callers, gate, settings):
    settings.UPLOAD_MAX_BYTES = 600_000
    client, headers = callers.member.client, callers.member.headers
    answer = client.post(
        f"{ROOT}/gates/{gate.pk}/answers/plan-1/files",
        data=b"x" * 2_000_000,
        content_type="multipart/form-data; boundary=b",
        headers=headers,
    )
    problem(answer, 413, "too_large")
    assert not answer.wsgi_request.read(1)


def test_a_line_too_long_is_told_in_characters(callers, project):
    sent = {"kind": "risk", "title": "あ" * 301}
    document = problem(callers.member.post("/projects/T-1/risks", sent), 422, "invalid")
    assert document["errors"] == {"title": "At most 300 characters fit here."}


def test_a_broken_multipart_body_is_a_problem(callers, gate):
    client, headers = callers.member.client, callers.member.headers
    path = f"{ROOT}/gates/{gate.pk}/answers/plan-1/files"
    for kind in ("multipart/form-data", "multipart/form-data; boundary=b", "application/json"):
        answer = client.post(path, data=b"rubbish", content_type=kind, headers=headers)
        assert answer.status_code in (400, 422), answer.content
        assert answer["Content-Type"] == "application/problem+json"


def test_a_fault_of_ours_shows_no_traceback(callers, project, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("sekisho.book.api.documents.project_document", broken)
    answer = callers.member.get("/projects/T-1")
    problem(answer, 500, "internal_error")
    assert b"secret" not in answer.content
    assert "secret detail" in caplog.text


def test_the_openapi_document_needs_somebody(callers):
    problem(callers.anonymous.get("/openapi.json"), 401, "unauthenticated")
    assert callers.auditor.get("/openapi.json").json()["openapi"].startswith("3.")


def test_answers_are_not_cached_between_people(callers, project):
    answer = callers.member.get("/projects/T-1")
    assert "private" in answer["Cache-Control"]
    assert "Authorization" in answer["Vary"]
