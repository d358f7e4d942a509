"""Files across zones in a real browser: chosen in every way, watched, asked about, agreed to and taken."""

import io
import re
import zipfile

import pytest
from django.conf import settings as installation
from django.core import mail
from playwright.sync_api import expect

from sekisho.gateway.models import Chunk, Transfer
from sekisho.gateway.services import sending
from sekisho.jobs import worker
from sekisho.people.models import Installation
from tests.browser.driving import chromium, faults, open_page, session_of
from tests.gateway.factories import locked_zip, make_route, send, work

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SESSION_COOKIE = installation.SESSION_COOKIE_NAME
TABLE = b"name,amount\r\nA,=1+1\r\n"


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.GATEWAY_FOLDER = tmp_path / "gateway"


@pytest.fixture
def route(people, bureau):
    Installation.objects.create(name="関野市")
    return make_route(people, bureau)


@pytest.fixture
def page(live_server, browser, people, route):
    return begun(open_page(browser, live_server.url, people.member))


def begun(page):
    """The page that sends files, its purpose filled in."""
    page.goto("/gateway/send/")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Purpose").fill("月次報告の受け取り")
    return page


def dragged(page, *paths):
    """Files or folders of the disk dropped by the mouse, as the system hands them to a browser."""
    box = page.get_by_label("Files", exact=True).bounding_box()
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **place, "data": data})


def written(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in files.items():
        (folder / name.replace("_", ".")).write_bytes(body)
    return folder


def lines(page):
    return page.locator("[data-uploads] .upload-name")


def test_files_dragged_in_and_chosen_as_a_folder_go_together_and_are_watched_to_the_end(page, tmp_path):
    one = written(tmp_path / "desk", 月次報告_csv=TABLE) / "月次報告.csv"
    folder = written(tmp_path / "folder" / "sub", 会場_txt="会場".encode(), DS_Store=b"x").parent
    (folder / "sub" / "DS.Store").rename(folder / "sub" / ".DS_Store")
    dragged(page, one)
    expect(lines(page)).to_have_count(1)
    page.get_by_label("A whole folder").set_input_files(folder)
    expect(lines(page)).to_have_text(["月次報告.csv (1 KB)", "会場.txt (1 KB)"])
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/gateway/transfers/*/")
    expect(page.get_by_role("status")).to_contain_text("Being sanitized")
    worker.process_all()
    expect(page.get_by_role("status")).to_contain_text("Ready to receive")  # without loading the page again
    expect(page.locator("main")).to_contain_text("1 thing was removed or changed")
    assert faults(page) == []


def test_a_folder_dragged_in_brings_the_files_of_its_folders(page, tmp_path):
    written(tmp_path / "報告" / "四月", a_csv=TABLE)
    dragged(page, written(tmp_path / "報告", b_csv=TABLE + b"B,2\r\n"))
    expect(lines(page)).to_have_count(2)
    assert sorted(lines(page).all_inner_texts()) == ["a.csv (1 KB)", "b.csv (1 KB)"]


def test_a_second_photo_adds_to_the_first_and_a_file_can_be_left_out(page):
    camera = page.get_by_label("A photo, taken now (on a phone)")
    for name in ("1.jpg", "2.jpg"):
        camera.set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": name.encode()})
    expect(lines(page)).to_have_count(2)
    page.get_by_role("button", name="Do not send: 1.jpg").click()
    expect(lines(page)).to_have_text(["2.jpg (1 KB)"])


def test_an_upload_goes_on_where_the_connection_dropped(page, tmp_path):
    body = b"name,amount\r\n" + b"A,1234567890\r\n" * 700_000  # three parts
    big = written(tmp_path / "desk", big_csv=body) / "big.csv"
    page.evaluate("window.realTimeout = setTimeout; window.setTimeout = (act) => realTimeout(act, 10)")
    asked = []

    def drop_from_the_second(interception):
        asked.append(interception.request.url)
        interception.abort() if len(asked) > 1 else interception.continue_()

    page.route("**/gateway/uploads/files/**", drop_from_the_second)
    page.get_by_label("Files", exact=True).set_input_files(big)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The connection broke")
    page.complaints.clear()
    assert list(Chunk.objects.values_list("number", flat=True)) == [0]

    page.unroute("**/gateway/uploads/files/**")
    sent = []
    page.on("request", lambda request: "/uploads/files/" in request.url and sent.append(request.url[-3:]))
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/gateway/transfers/*/")
    assert sent == ["/1/", "/2/"]
    transfer = work(Transfer.objects.get())
    assert transfer.files.get().size == len(body)
    assert transfer.state == "offered"


def test_the_same_files_for_another_receiver_begin_anew(page, people, tmp_path):
    one = written(tmp_path / "desk", a_csv=TABLE) / "a.csv"
    page.route("**/send/", lambda interception: interception.fulfill(status=409, json={"detail": "later"}) if interception.request.method == "POST" else interception.continue_())  # fmt: skip
    page.get_by_label("Files", exact=True).set_input_files(one)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("later")
    page.complaints.clear()
    page.unroute("**/send/")
    page.get_by_label("A person", exact=True).check()
    page.get_by_label("Person (user name or e-mail)").fill(people.superior.username)
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/gateway/transfers/*/")
    assert Transfer.objects.order_by("id").last().receiver == people.superior


def test_the_password_of_an_archive_is_asked_on_the_page_and_survives_its_renewal(
    live_server, browser, people, route
):
    transfer = send(
        people.member, route, ("a.zip", locked_zip(b"himitsu")), ("b.csv", TABLE), ("c.csv", TABLE)
    )
    asks, waits = transfer.files.order_by("id")[:2]
    worker.process_all()
    waits.refresh_from_db()
    waits.state = "waiting"  # another file of it is still under way, so the page asks again and again
    waits.save()
    Transfer.objects.update(state="checking")
    page = open_page(browser, live_server.url, people.member)
    page.goto(f"/gateway/transfers/{transfer.pk}/")
    box = page.get_by_label("Password of the file (it is not kept)")
    box.fill("himi")
    with page.expect_response(lambda response: response.url.endswith(f"/transfers/{transfer.pk}/")):
        pass
    page.wait_for_timeout(300)
    box.press_sequentially("tsu")
    expect(box).to_have_value("himitsu")
    page.get_by_role("button", name="Open and check").click()
    expect(page.locator("main")).not_to_contain_text("Password of the file")
    asks.refresh_from_db()
    assert asks.state == "clean"


def test_an_exception_is_asked_for_agreed_by_two_and_taken(live_server, browser, people, route):
    transfer = work(send(people.member, route, ("update.exe", b"MZ" + bytes(200))))
    address = f"/gateway/transfers/{transfer.pk}/"
    page = open_page(browser, live_server.url, people.member)
    page.goto(address)
    expect(page.locator("main")).to_contain_text("Refused")
    page.get_by_text("Ask about this file").click()
    page.get_by_label("What you ask for").select_option("original")
    page.get_by_label("Reason").fill("業者の修正プログラム")
    page.get_by_role("button", name="Ask the information security officer").click()
    for person in (people.security_officer, people.superior):
        other = open_page(browser, live_server.url, person)
        other.goto(address)
        other.get_by_label("Reason").first.fill("内容を確かめた")
        other.get_by_role("button", name="Agree").click()
        expect(other.locator("main")).to_contain_text("内容を確かめた")
    page.goto(address)
    with page.expect_download() as download:
        page.get_by_role("button", name="Take the original (exception)").click()
    assert download.value.suggested_filename == "update.exe"
    assert download.value.path().read_bytes() == b"MZ" + bytes(200)


def test_an_outside_party_opens_the_link_with_the_mailed_code_and_takes_the_file(
    live_server, browser, people, bureau, settings
):
    settings.BASE_URL = live_server.url
    Installation.objects.create(name="関野市")
    out = make_route(people, bureau, code="out", allows_outside=True, policy="outbound")
    receiver = sending.Receiver("outside", outside="partner@company.example")
    work(send(people.member, out, ("番号.csv", b"a,b\r\n1,2\r\n"), receiver=receiver))
    page = open_page(browser, live_server.url, None)
    page.goto(re.search(r"https?://\S+", mail.outbox[-1].body).group())
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("button", name="Send another code")).to_be_visible()
    page.get_by_label("Code").fill(re.search(r"\d{6}", mail.outbox[-1].subject).group())
    page.get_by_role("button", name="Open").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "番号.csv"
    assert faults(page) == []


def test_an_upload_goes_on_after_its_sender_was_signed_out_and_in_again(page, live_server, people, tmp_path):
    one = written(tmp_path / "desk", a_csv=TABLE) / "a.csv"
    page.get_by_label("Files", exact=True).set_input_files(one)
    page.context.clear_cookies()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("You were signed out")
    signed_in = {"name": SESSION_COOKIE, "value": session_of(people.member), "url": live_server.url}
    page.context.add_cookies([signed_in])
    page.complaints.clear()
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/gateway/transfers/*/")
    assert work(Transfer.objects.get()).state == "offered"


def test_the_receiver_takes_the_clean_copy(live_server, browser, people, route):
    to = sending.Receiver("person", person=people.superior)
    transfer = work(send(people.member, route, ("a.csv", TABLE), receiver=to))
    page = open_page(browser, live_server.url, people.superior)
    page.goto("/gateway/")
    page.get_by_role("link", name="契約書の受け取り").first.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert b"'=1+1" in download.value.path().read_bytes()
    page.goto(f"/gateway/transfers/{transfer.pk}/")
    expect(page.locator("main")).to_contain_text("taken 1 of 2 times")


def test_members_of_an_archive_are_looked_at_one_by_one(live_server, browser, people, route):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("名簿.csv", TABLE)
        archive.writestr("動画.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(100))
    transfer = work(send(people.member, route, ("まとめ.zip", packed.getvalue())))
    page = open_page(browser, live_server.url, people.member)
    page.goto(f"/gateway/files/{transfer.files.get().pk}/compare/")
    page.get_by_role("link", name="名簿.csv").click()
    page.wait_for_load_state("networkidle")
    pictures = page.locator(".compare img")
    expect(pictures).to_have_count(2)
    assert all(pictures.nth(n).evaluate("image => image.naturalWidth") > 0 for n in (0, 1))
    assert faults(page) == []
