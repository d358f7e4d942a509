"""The other doors: API, client, watched folder."""

import io
import json
import os
import urllib.error
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.utils import translation

from sekisho.config.bodies import ReadToTheEndMiddleware
from sekisho.errors import DiskFull
from sekisho.gateway import client as away
from sekisho.gateway import commands
from sekisho.gateway.commands import gateway
from sekisho.gateway.models import Transfer
from sekisho.gateway.services import sending, vault
from sekisho.gateway.services.sending import Receiver
from sekisho.people.models import Installation
from sekisho.people.services import create_token
from tests.gateway.factories import make_route, send, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def route(people, bureau):
    Installation.objects.create(name="関野市")
    return make_route(people, bureau, code="in")


@pytest.fixture
def token(people):
    return create_token(people.member, name="t", scope="write", days=1, by=people.member)[1]


@pytest.fixture
def server(monkeypatch, token, route):
    """urlopen that answers from the test client; the first chunk is lost once."""
    calls = []

    def urlopen(request, timeout):
        calls.append((request.get_method(), request.full_url))
        if "chunks/0" in request.full_url and len(calls) == 2:
            raise ConnectionResetError
        headers = {key.lower(): value for key, value in request.header_items()}
        kind = headers.pop("content-type", "")
        path = request.full_url.removeprefix("http://test")
        answer = Client().generic(
            request.get_method(), path, request.data or b"", content_type=kind, headers=headers
        )
        if answer.status_code >= 400:
            raise urllib.error.HTTPError(path, answer.status_code, "", {}, io.BytesIO(answer.content))
        return io.BytesIO(answer.content)

    monkeypatch.setattr(away, "urlopen", urlopen)
    monkeypatch.setattr(away.time, "sleep", lambda _s: None)
    return calls


def run(tmp_path, token, *arguments):
    (tmp_path / "token").write_text(token)
    options = ["--server", "http://test", "--token-file", str(tmp_path / "token"), "--no-wait"]
    return CliRunner().invoke(away.transfer, [*arguments, *options])


def test_a_client_whose_server_stays_away_says_how_to_go_on(server, tmp_path, token, monkeypatch):
    (tmp_path / "a.csv").write_bytes(b"a,b\r\n1,2\r\n")
    whole = away.urlopen

    def gone(request, timeout):
        if "chunks" in request.full_url:
            raise ConnectionRefusedError
        return whole(request, timeout)

    with monkeypatch.context() as patched:
        patched.setattr(away, "urlopen", gone)
        broken = run(tmp_path, token, str(tmp_path / "a.csv"), "--route", "in", "--purpose", "月次")
    number = Transfer.objects.get().pk
    assert broken.exit_code == 1
    assert f"--resume {number}" in broken.output
    again = ("--route", "in", "--purpose", "月次", "--resume", str(number))
    assert run(tmp_path, token, str(tmp_path / "a.csv"), *again).exit_code == 0
    assert work(Transfer.objects.get()).state == "offered"


def test_the_client_sends_over_the_api_and_survives_a_lost_connection(server, tmp_path, token):
    (tmp_path / "a.csv").write_bytes(b"a,b\r\n1,2\r\n")
    result = run(tmp_path, token, str(tmp_path / "a.csv"), "--route", "in", "--purpose", "月次")
    assert result.exit_code == 0, result.output
    transfer = work(Transfer.objects.get())
    assert transfer.state == "offered"
    bearer = {"Authorization": f"Bearer {token}"}
    read = Client().get(f"/api/v1/transfers/{transfer.pk}", headers=bearer).json()
    assert (read["state"], read["files"][0]["state"]) == ("offered", "clean")
    assert Client().get("/api/v1/transfers", headers=bearer).json()["items"][0]["id"] == transfer.pk
    taken = Client().post(f"/api/v1/transfers/files/{read['files'][0]['id']}/content", headers=bearer)
    assert b"1,2" in b"".join(taken.streaming_content)
    assert [one["code"] for one in Client().get("/api/v1/routes", headers=bearer).json()] == ["in"]


def test_the_client_says_refusals_in_the_servers_words(server, tmp_path, token):
    (tmp_path / "a.csv").write_bytes(b"")
    result = run(tmp_path, token, str(tmp_path / "a.csv"), "--route", "in", "--purpose", "月次")
    assert result.exit_code == 1
    assert "is empty" in result.output or "空です" in result.output
    result = run(tmp_path, token, str(tmp_path / "token"), "--route", "nowhere", "--purpose", "x")
    assert result.exit_code == 1


def test_a_transfer_whose_answer_was_lost_was_sent_all_the_same(server, tmp_path, token, monkeypatch):
    answered, lost = away.urlopen, []

    def lossy(request, timeout):
        answer = answered(request, timeout)
        if request.full_url.endswith("/send") and not lost:
            lost.append(request)
            raise ConnectionResetError
        return answer

    monkeypatch.setattr(away, "urlopen", lossy)
    (tmp_path / "a.csv").write_bytes(b"a,b\r\n1,2\r\n")
    result = run(tmp_path, token, str(tmp_path / "a.csv"), "--route", "in", "--purpose", "月次")
    assert (result.exit_code, len(lost)) == (0, 1), result.output
    assert Transfer.objects.get().state == "checking"


def test_the_client_slows_down_when_it_is_asked_to(server, tmp_path, token, monkeypatch):
    answered, slept, asked = away.urlopen, [], []

    def busy(request, timeout):
        if "/chunks/" in request.full_url and len(asked) < 2:
            asked.append(request)
            raise urllib.error.HTTPError(request.full_url, 429, "", {"Retry-After": "7"}, io.BytesIO(b"{}"))
        return answered(request, timeout)

    monkeypatch.setattr(away, "urlopen", busy)
    monkeypatch.setattr(away.time, "sleep", slept.append)
    (tmp_path / "a.csv").write_bytes(b"a,b\r\n1,2\r\n")
    result = run(tmp_path, token, str(tmp_path / "a.csv"), "--route", "in", "--purpose", "月次")
    assert (result.exit_code, slept.count(7)) == (0, 2), result.output


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://", "http://host:port"])
def test_a_server_is_an_http_address(address):
    with pytest.raises(click.ClickException, match="no address"):
        away.Server(address, "t")


@pytest.mark.parametrize("token", ["a\nb", "日本", "a b", "\ufffd"])
def test_a_token_is_one_word_of_ascii(token):
    with pytest.raises(click.ClickException, match="token is one line"):
        away.Server("http://test", token)


@pytest.mark.parametrize(
    "said", [("--whom", "member"), ("--to", "person"), ("--to", "self", "--whom", "member")]
)
def test_who_names_a_receiver_says_what_kind_and_the_other_way_round(server, tmp_path, token, said):
    (tmp_path / "a.csv").write_bytes(b"a\r\n1\r\n")
    result = run(tmp_path, token, str(tmp_path / "a.csv"), "--route", "in", "--purpose", "x", *said)
    assert (result.exit_code, Transfer.objects.count()) == (2, 0)
    assert "--whom names the receiver" in result.output


def test_a_name_in_another_encoding_is_sent_as_it_was_meant(server, tmp_path, token):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\x93\xfa\x96{.csv"))
    path.write_bytes(b"a\r\n1\r\n")
    result = run(tmp_path, token, str(path), "--route", "in", "--purpose", "x")
    assert result.exit_code == 0, result.output
    assert Transfer.objects.get().files.get().name == "日本.csv"


def test_going_on_with_a_transfer_that_was_sent_tells_what_became_of_it(server, tmp_path, token):
    (tmp_path / "a.csv").write_bytes(b"a\r\n1\r\n")
    words = (str(tmp_path / "a.csv"), "--route", "in", "--purpose", "x")
    run(tmp_path, token, *words)
    transfer = work(Transfer.objects.get())
    again = run(tmp_path, token, *words, "--resume", str(transfer.pk))
    assert (again.exit_code, "clean\ta.csv" in again.output) == (0, True), again.output
    Transfer.objects.update(state="abandoned")
    late = run(tmp_path, token, *words, "--resume", str(transfer.pk))
    assert (late.exit_code, "given up" in late.output, "go on with" in late.output) == (1, True, False)


def test_the_api_refuses_in_problem_documents(token, route):
    bearer = {"Authorization": f"Bearer {token}"}
    said = {"route": "in", "purpose": "x", "files": [{"name": "a", "size": 5}]}
    begun = Client().post(
        "/api/v1/transfers", json.dumps(said), content_type="application/json", headers=bearer
    )
    file = begun.json()["files"][0]
    where = f"/api/v1/transfers/files/{file['id']}/chunks/"
    for number, body, code in [(0, b"abc", "invalid"), (7, b"abcde", "invalid")]:
        answer = Client().put(
            f"{where}{number}", body, content_type="application/octet-stream", headers=bearer
        )
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    early = Client().post(f"/api/v1/transfers/{begun.json()['id']}/send", headers=bearer)
    assert early.json()["code"] == "upload_incomplete"


def test_a_watched_folder_sends_what_has_stopped_growing_and_says_why_not(people, route, tmp_path):
    (tmp_path / "a.csv").write_bytes(b"a\r\n1\r\n")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "link").symlink_to("/etc/passwd")
    arguments = ["watch", str(tmp_path), "--route", "in", "--as", "member", "--every", "0", "--once"]
    result = CliRunner().invoke(gateway, arguments)
    assert result.exit_code == 0, result.output
    assert (tmp_path / "sent" / "a.csv").exists()
    assert "空です" in (tmp_path / "refused" / "empty.csv.txt").read_text("utf-8")
    assert (tmp_path / "link").is_symlink()
    assert work(Transfer.objects.get(state="checking")).state == "offered"
    assert "no route" in CliRunner().invoke(gateway, [*arguments[:3], "x", *arguments[4:]]).output


def test_a_watched_file_stays_while_there_is_no_room_for_it(people, route, tmp_path, monkeypatch):
    def full(_size):
        raise DiskFull("no room")

    (tmp_path / "a.csv").write_bytes(b"a\r\n1\r\n")
    arguments = ["watch", str(tmp_path), "--route", "in", "--as", "member", "--every", "0", "--once"]
    with monkeypatch.context() as patched:
        patched.setattr(vault, "require_room", full)
        assert "waits\ta.csv\tno room" in CliRunner().invoke(gateway, arguments).output
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert "sent\ta.csv" in CliRunner().invoke(gateway, arguments).output


def test_a_watched_folder_says_why_not_in_the_words_of_the_person(people, route, tmp_path):
    """The words of a refusal are chosen when they are written down, not where the command was started."""
    people.auditor.language = "ja"
    people.auditor.save()
    (tmp_path / "a.csv").write_bytes(b"a\r\n1\r\n")
    arguments = ["watch", str(tmp_path), "--route", "in", "--as", "auditor", "--every", "0", "--once"]
    with translation.override("en"):
        CliRunner().invoke(gateway, arguments)
    assert "この経路" in (tmp_path / "refused" / "a.csv.txt").read_text("utf-8")


def test_a_share_that_is_away_for_a_while_ends_no_watching(people, route, tmp_path, monkeypatch):
    looked, look = [], commands.still

    def away_once(folder, before):
        looked.append(folder)
        if len(looked) == 2:
            raise FileNotFoundError(2, "No such file or directory", str(folder))
        return look(folder, before)

    monkeypatch.setattr(commands, "still", away_once)
    arguments = ["watch", str(tmp_path), "--route", "in", "--as", "member", "--every", "0", "--once"]
    result = CliRunner().invoke(gateway, arguments)
    assert (result.exit_code, result.output.startswith("waits\t")) == (0, True), result.exception
    assert CliRunner().invoke(gateway, [*arguments[:-2], "-1"]).exit_code == 2


def test_the_operator_sees_how_the_gateway_stands(people, route):
    send(people.member, route)
    said = CliRunner().invoke(gateway, ["status"])
    standing = dict(line.split("\t") for line in said.output.splitlines())
    assert (standing["files_waiting"], standing["people_waiting"], standing["alerts_open"]) == ("1", "1", "0")


def test_a_watched_folder_takes_names_as_long_as_a_disk_has_them(people, route, tmp_path):
    for name in ("外" * 83 + ".csv", "内" * 84 + "abc"):
        (tmp_path / name).write_bytes(b"a\r\n1\r\n")
        (tmp_path / "sent").mkdir(exist_ok=True)
    (tmp_path / ("空" * 84 + "abc")).write_bytes(b"")
    arguments = ["watch", str(tmp_path), "--route", "in", "--as", "member", "--every", "0", "--once"]
    for _time in range(2):
        result = CliRunner().invoke(gateway, arguments)
        assert result.exit_code == 0, result.exception
        (tmp_path / ("外" * 83 + ".csv")).write_bytes(b"a\r\n2\r\n")
    assert len(list((tmp_path / "sent").iterdir())) == 3
    assert len(list((tmp_path / "refused").iterdir())) == 2


def test_a_watched_folder_outlives_a_file_that_vanishes_and_a_database_that_is_away(
    people, route, tmp_path, monkeypatch
):
    def gone(*_args, **_more):
        raise OperationalError("the database is away")

    (tmp_path / "a.csv").write_bytes(b"a\r\n1\r\n")
    arguments = ["watch", str(tmp_path), "--route", "in", "--as", "member", "--every", "0", "--once"]
    with monkeypatch.context() as patched:
        patched.setattr(commands, "send_whole", gone)
        patched.setattr(commands, "close_old_connections", lambda: None)
        assert "waits\ta.csv" in CliRunner().invoke(gateway, arguments).output
    ready, _seen = commands.still(tmp_path, commands.still(tmp_path, {})[1])
    (tmp_path / "a.csv").unlink()
    assert commands.send_one(people.member, route, Receiver(), ready[0]).startswith("waits\ta.csv")


def test_a_watched_folder_that_is_killed_before_it_puts_a_file_away_sends_it_once(
    people, route, tmp_path, monkeypatch
):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a\r\n1\r\n")

    def killed(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(commands, "_put_away", killed)
        with pytest.raises(KeyboardInterrupt):
            commands.send_one(people.member, route, Receiver(), path)
    sent = Transfer.objects.get()
    assert commands.send_one(people.member, route, Receiver(), path) == f"sent\ta.csv\ttransfer {sent.pk}"
    assert Transfer.objects.get() == sent
    path.write_bytes(b"a\r\n1\r\n")  # the same once more, by somebody who means it
    assert commands.send_one(people.member, route, Receiver(), path).startswith("sent")
    assert Transfer.objects.count() == 2


def test_a_watched_folder_that_is_killed_within_a_file_goes_on_with_it(people, route, tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a\r\n1\r\n")

    def killed(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(sending, "send", killed)
        with pytest.raises(KeyboardInterrupt):
            commands.send_one(people.member, route, Receiver(), path)
    begun = Transfer.objects.get(state="uploading")
    assert commands.send_one(people.member, route, Receiver(), path) == f"sent\ta.csv\ttransfer {begun.pk}"
    assert work(begun).state == "offered"


def test_a_watched_folder_goes_on_when_a_file_cannot_be_put_away(people, route, tmp_path):
    (tmp_path / "a.csv").write_bytes(b"a\r\n1\r\n")
    (tmp_path / "sent").write_bytes(b"no folder")
    for _look in range(2):
        assert commands.send_one(people.member, route, Receiver(), tmp_path / "a.csv").startswith(
            "waits\ta.csv"
        )
    (tmp_path / "sent").unlink()
    assert commands.send_one(people.member, route, Receiver(), tmp_path / "a.csv").startswith("sent\ta.csv")
    assert Transfer.objects.count() == 1


def test_a_transfer_announced_again_with_its_key_is_the_same_one(people, route, client, token):
    def announce(**more):
        said = {"route": "in", "purpose": "x", "files": [{"name": "a.csv", "size": 5}], "key": "one", **more}
        return client.post(
            "/api/v1/transfers", said, "application/json", HTTP_AUTHORIZATION=f"Bearer {token}"
        )

    first, again = announce(), announce()
    assert first.json()["id"] == again.json()["id"]
    other = announce(files=[{"name": "a.csv", "size": 6}])
    assert (other.status_code, other.json()["code"]) == (409, "other_transfer")
    assert announce(key="two").json()["id"] != first.json()["id"]
    assert announce(key="").json()["id"] != announce(key="").json()["id"]
    sending.abandon(Transfer.objects.get(pk=first.json()["id"]))
    assert announce().json()["id"] != first.json()["id"]


def test_the_client_waits_no_longer_for_what_was_handed_to_the_other_server(
    server, tmp_path, token, monkeypatch
):
    (tmp_path / "a.csv").write_bytes(b"a\r\n1\r\n")
    (tmp_path / "token").write_text(token)
    naps = []

    def nap(seconds):
        naps.append(seconds)
        assert len(naps) < 5
        Transfer.objects.filter(state="checking").update(state="handed")

    monkeypatch.setattr(away.time, "sleep", nap)
    options = [
        "--server",
        "http://test",
        "--token-file",
        str(tmp_path / "token"),
        "--route",
        "in",
        "--purpose",
        "x",
    ]
    result = CliRunner().invoke(away.transfer, [str(tmp_path / "a.csv"), *options])
    assert result.exit_code == 0, result.output


def test_a_refused_part_is_read_to_its_end_so_that_its_sender_reads_the_refusal(route, token, rf):
    read = []

    class Body(io.BytesIO):
        def read(self, *size):
            read.append(piece := super().read(*size))
            return piece

    request = rf.put("/api/v1/transfers/files/1/chunks/0", b"")
    request.META["CONTENT_LENGTH"] = str(1 << 20)
    request._stream = Body(b"x" * (1 << 20))
    ReadToTheEndMiddleware(lambda _request: HttpResponse(status=404))(request)
    assert sum(map(len, read)) == 1 << 20
    read.clear()
    request._stream = Body(b"x")
    ReadToTheEndMiddleware(lambda _request: HttpResponse(status=201))(request)
    assert read == []
