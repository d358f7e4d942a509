"""A survey and waves of it with counts, for tests of results."""

from sekisho.voice.models import Tally
from sekisho.voice.services import surveys


def choice(code):
    return {"code": code, "title": {"ja": code, "en": code}}


QUESTIONS = [
    {"code": "overall", "kind": "satisfaction", "title": {"ja": "満足", "en": "Satisfied?"}},
    {
        "code": "age",
        "kind": "single",
        "title": {"ja": "年代", "en": "Age"},
        "choices": [choice("young"), choice("old")],
    },
    {
        "code": "wish",
        "kind": "kano",
        "title": {"ja": "機能", "en": "Features"},
        "importance": True,
        "choices": [choice("save"), choice("chat")],
    },
    {"code": "sus", "kind": "sus", "title": {"ja": "使いやすさ", "en": "SUS"}},
    {"code": "tell", "kind": "nps", "title": {"ja": "すすめるか", "en": "NPS"}},
]


def asked(people, survey, name="春", times=1, more=(), **given):
    """A wave that is over, with tallies as ``times`` that many answers would have left them."""
    wave = surveys.open_wave(people.member, survey, name=name, **given)
    counts = {
        ("*", "*"): 40,
        **{("overall", str(n)): count for n, count in enumerate((4, 6, 10, 12, 8), 1)},
        ("age", "young"): 15,
        ("age", "old"): 25,
        ("wish.save", "1-5"): 30,
        ("wish.save", "2-5"): 9,
        ("wish.save", "1-0"): 1,
        ("wish.save.i", "7"): 20,
        ("wish.chat", "3-3"): 40,
        ("tell", "9"): 25,
        ("tell", "3"): 15,
        ("sus", "75.0"): 30,
        ("sus", "50.0"): 9,
        ("sus", "incomplete"): 1,
        ("sus", "same"): 9,
        **{(f"sus.{item}", "4" if item % 2 else "2"): 30 for item in range(1, 11)},
        **{(f"sus.{item}", "3"): 9 for item in range(1, 11)},
        **dict(more),
    }
    Tally.objects.bulk_create(
        Tally(wave=wave, question=question, value=value, count=count * times)
        for (question, value), count in counts.items()
    )
    return surveys.close_wave(people.member, wave)


def body(response):
    """The text of a page."""
    return response.content.decode()
