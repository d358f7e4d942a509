"""Policies written in the browser: checked, versioned, and the version a transfer began with is the one that cleans it."""

import pytest
from django.urls import reverse

from sekisho.book.models import LedgerEntry
from sekisho.book.services.ledger import verify_all
from sekisho.errors import Conflict, Invalid, NotPermitted, StaleWrite
from sekisho.gateway.models import OwnPolicy
from sekisho.gateway.services import policies, routes
from sekisho.people.models import Installation
from tests.gateway.factories import make_route, send, work

pytestmark = pytest.mark.django_db

TEXT = "name: letters\ntitle: {ja: 文書, en: Letters}\nmethods:\n  text: [text]\n"


@pytest.fixture
def own(people, bureau):
    return policies.make_policy(
        people.security_officer, code="letters", organisation=bureau, text=TEXT, reason="初版"
    )


def test_a_transfer_is_sanitized_by_the_version_that_held_when_it_began(people, bureau, own):
    route = make_route(people, bureau, policy="letters")
    first = send(people.member, route)
    stricter = TEXT.replace("text: [text]", "pdf: [pixel]")
    policies.change_policy(people.security_officer, own, text=stricter, reason="文字を止める")
    second = send(people.member, route)
    assert (first.policy_version, second.policy_version) == (1, 2)
    assert first.policy_digest != second.policy_digest
    assert work(first).state == "offered"
    assert work(second).state == "refused"


def test_every_version_stands_in_the_record(people, bureau, own):
    policies.change_policy(
        people.security_officer, own, text=TEXT + "dpi: 200\n", reason="細かくする", expected_version=1
    )
    own.refresh_from_db()
    assert own.version == 2
    acts = LedgerEntry.objects.filter(act__startswith="policy.").order_by("seq")
    assert [(entry.act, entry.params["version"]) for entry in acts] == [
        ("policy.made", 1),
        ("policy.changed", 2),
    ]
    assert all(broken is None for _chain, broken in verify_all())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [", "cannot be read as YAML"),
        ("- a\n", "a policy is a mapping"),
        ("name: other\nmethods: {text: [text]}\n", "calls itself “other”"),
        ("name: letters\nmethods: {pfd: [pixel]}\n", "methods.pfd: not a type"),
        ("name: letters\nmethods: {pdf: [magic]}\nlimts: {}\n", "limts: not known"),
        ("name: letters\n", "lets no file through"),
        ("name: letters\nlimits: {pages: -1}\nmethods: {text: [text]}\n", "limits.pages"),
        ("name: letters\nx: &a [*a]\n", "not known"),
        ("a: " + "[" * 5000, ""),
        ("x" * 70_000, "at most 65536 bytes"),
        ("name: \ud800", ""),
        ("name: 2020-13-45\n", ""),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused_with_every_place(people, bureau, own, text, said):
    with pytest.raises(Invalid) as refusal:
        policies.change_policy(people.security_officer, own, text=text, reason="x")
    assert said in str(refusal.value.fields["text"])
    assert own.versions.count() == 1


def test_nothing_new_a_stale_save_and_a_taken_code_are_told(people, bureau, own):
    officer = people.security_officer
    with pytest.raises(Conflict, match="the same"):
        policies.change_policy(officer, own, text=TEXT + "# 注\n", reason="x")
    policies.change_policy(officer, own, text=TEXT + "dpi: 200\n", reason="x", expected_version=1)
    with pytest.raises(StaleWrite):
        policies.change_policy(officer, own, text=TEXT + "dpi: 300\n", reason="x", expected_version=1)
    for code in ("letters", "inbound"):
        text = TEXT.replace("letters", code)
        with pytest.raises(Invalid, match="already"):
            policies.make_policy(officer, code=code, organisation=bureau, text=text, reason="x")


def test_only_the_officer_writes_policies_and_only_routes_below_use_them(people, bureau, section, own):
    with pytest.raises(NotPermitted):
        policies.change_policy(people.member, own, text=TEXT, reason="x")
    elsewhere = type(bureau).objects.create(code="far", name="遠い局", parent=None)
    with pytest.raises(Invalid, match="Choose one of the list"):
        routes._parts({"source": 1, "target": 2, "policy": "letters"}, elsewhere)
    assert "letters" in policies.names_for(section)


@pytest.fixture
def officer(client, people):
    Installation.objects.create(name="関野市")
    people.security_officer.language = "en"
    people.security_officer.save()
    client.force_login(people.security_officer)
    return client


def test_the_officer_starts_from_a_shipped_policy_and_sees_what_each_version_changed(officer, people, bureau):
    page = officer.get(reverse("gateway:policies"))
    assert "inbound-strict" in page.content.decode()
    address = f"{reverse('gateway:new_policy')}?from=inbound"
    start = officer.get(address).context["form"].initial
    said = {"code": start["code"], "organisation": bureau.pk, "text": start["text"], "reason": "Ours"}
    made = officer.post(address, said)
    assert made.headers["Location"] == reverse("gateway:policy", args=["inbound-own"])
    changed = {
        "text": start["text"].replace("[rebuilt, pixel]", "[pixel]"),
        "reason": "Stricter",
        "version": 1,
    }
    officer.post(made.headers["Location"], changed)
    page = officer.get(made.headers["Location"]).content.decode()
    assert "Version 2" in page
    assert "<ins>+ " in page
    wrong = officer.post(made.headers["Location"], {"text": "name: inbound-own\nmethod: x\n", "reason": "y"})
    assert wrong.status_code == 422
    assert "method: not known" in wrong.content.decode()
    assert "name: inbound-own\nmethod: x" in wrong.content.decode()
    assert OwnPolicy.objects.get().version == 2


def test_a_shipped_policy_is_read_only(officer):
    page = officer.get(reverse("gateway:policy", args=["inbound"]))
    assert "comes with Sekisho" in page.content.decode()
    assert officer.get(reverse("gateway:policy", args=["none-such"])).status_code == 404
    assert officer.get(f"{reverse('gateway:new_policy')}?from=../etc").status_code == 404
