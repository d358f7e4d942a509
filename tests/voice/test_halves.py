"""Half answers: kept under a link, readable by nobody else, gone when sent or when nobody came back."""

import datetime as dt
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from sekisho.errors import Conflict, Invalid
from sekisho.people.models import Installation
from sekisho.people.throttle import Throttle
from sekisho.voice.models import HalfAnswer, Response
from sekisho.voice.services import halves, surveys
from sekisho.voice.views import answering
from tests.book.factories import make_project

pytestmark = pytest.mark.django_db

WORDS = "途中まで書きました"


@pytest.fixture
def wave(people, bureau):
    Installation.objects.create(name="関野市")
    survey = surveys.make_survey(people.member, make_project(bureau), title="満足度", ready="satisfaction")
    return surveys.open_wave(people.member, survey, name="春")


def keep(client, wave, **given):
    return client.post(reverse("voice:answer", args=[wave.token]), {"keep": "1", **given})


def test_somebody_goes_on_later_on_another_device_without_scripts(client, wave):
    kept = keep(client, wave, **{"q-words": WORDS, "p": "窓口1"})
    page = type(client)().get(kept.headers["Location"]).content.decode()
    assert WORDS in page
    assert 'value="窓口1"' in page
    assert "このリンクを" in page
    code = parse_qs(urlsplit(kept.headers["Location"]).query)["kept"][0]
    assert f'name="kept" value="{code}"' in page
    begun = signing.dumps(int(timezone.now().timestamp()) - 60, salt="voice.answer")
    sent = client.post(
        reverse("voice:answer", args=[wave.token]),
        {"begun": begun, "kept": code, "q-overall": "4", "q-words": WORDS},
    )
    assert sent.headers["Location"].endswith("/thanks/")
    assert Response.objects.get().answers == {"overall": 4, "words": WORDS}
    assert not HalfAnswer.objects.exists()
    assert "もう残っていません" in type(client)().get(kept.headers["Location"]).content.decode()


def test_keeping_again_keeps_the_link(client, wave):
    first = keep(client, wave, **{"q-words": "一"}).headers["Location"]
    code = parse_qs(urlsplit(first).query)["kept"][0]
    assert keep(client, wave, kept=code, **{"q-words": "二"}).headers["Location"] == first
    assert halves.opened(wave, code)["q-words"] == ["二"]
    forged = keep(client, wave, kept="chosen-by-somebody", **{"q-words": "三"}).headers["Location"]
    assert "chosen-by-somebody" not in forged, "a code that anybody could guess is never a key"


def test_what_is_kept_is_read_by_nobody_without_the_link(wave):
    code = halves.keep(wave, {"q-words": [WORDS]})
    row = HalfAnswer.objects.get()
    assert WORDS.encode() not in bytes(row.sealed)
    assert code not in row.name
    assert {field.name for field in HalfAnswer._meta.get_fields()} == {"name", "wave", "sealed", "day"}
    assert halves.opened(wave, "another") is None


def test_what_nobody_came_back_to_is_deleted(people, wave):
    old = halves.keep(wave, {"q-words": ["x"]})
    HalfAnswer.objects.update(day=timezone.localdate() - dt.timedelta(days=31))
    fresh = halves.keep(wave, {"q-words": ["y"]})
    assert halves.forget_old() == 1
    assert (halves.opened(wave, old), bool(halves.opened(wave, fresh))) == (None, True)
    surveys.close_wave(people.member, wave)
    assert halves.forget_old() == 1
    with pytest.raises(Conflict):
        halves.keep(wave, {})


def test_too_much_and_too_often_are_refused_and_nothing_entered_is_lost(client, wave, monkeypatch):
    with pytest.raises(Invalid):
        halves.keep(wave, {"q-words": ["x" * halves.MOST_BYTES]})
    monkeypatch.setattr(answering, "KEEPINGS", Throttle("few", requests=0, seconds=3600))
    refused = keep(client, wave, **{"q-words": WORDS})
    assert (refused.status_code, WORDS in refused.content.decode()) == (429, True)
    monkeypatch.undo()
    assert keep(client, wave, address="machine", **{"q-words": WORDS}).status_code == 422
    assert not HalfAnswer.objects.exists()


def test_the_page_says_until_when(client, wave):
    location = keep(client, wave, **{"q-overall": "2"}).headers["Location"]
    page = client.get(location, headers={"accept-language": "en"}).content.decode()
    assert "Kept until" in page
    assert re.search(r'value="2"\s+checked', page)
