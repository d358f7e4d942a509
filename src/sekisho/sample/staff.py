"""The sample city asks its own people each year how they like their digital environment: two years were gathered
elsewhere and brought in as tables, this year's is being asked.
"""

import csv
import datetime as dt
import io
import random

from django.core.files.uploadedfile import SimpleUploadedFile

from sekisho.sample.cast import BUREAUS, Cast
from sekisho.sample.clock import Clock
from sekisho.voice.definition import Definition, Kind
from sekisho.voice.models import Survey, Wave
from sekisho.voice.services import answering, breakdown, incoming, surveys

_PEOPLE = 1_840
#: how many answered, and of a hundred who gave each step from 1 to 5
_YEARS = ((2, 702, (19, 33, 35, 11, 2)), (1, 764, (10, 24, 40, 21, 5)))
#: people by bureau, in the order of their codes: children, civic, digital, finance, general, policy, urban, welfare
_STAFF = (310, 420, 90, 150, 180, 110, 220, 360)
_WORDS = (
    "持ち出し端末の起動に時間がかかります。",
    "会議室の無線が弱く、画面共有が止まることがあります。",
    "在宅でも同じ環境で仕事ができて助かっています。",
    "チャットで相談できるようになり、電話が減りました。",
    "紙の回覧がまだ残っています。",
    "大きな画面を選べるとうれしいです。",
)


def ask(cast: Cast, clock: Clock, today: dt.date) -> None:
    """Ask the people of the city, and say how many work in each bureau."""
    office = cast["yamamoto"]
    clock.move_to(today - dt.timedelta(days=12))
    survey = surveys.make_survey(
        office,
        cast.organisations["sekino"],
        title="職員のデジタル環境満足度",
        title_en="Staff satisfaction with the digital environment",
        ready="staff_digital",
    )
    rng = random.Random("sekino staff")  # noqa: S311 - the same sample every time, no secret
    waves = [
        _bring_in(cast, survey, today, years_ago, table_of(survey, n, weights, rng))
        for years_ago, n, weights in _YEARS
    ]
    breakdown.choose_groups(office, waves[-1], "bureau")
    breakdown.count_groups(waves[-1])
    groups = breakdown.known_groups(waves[-1])
    breakdown.set_populations(
        office, waves[-1], {code: str(n) for code, n in zip(groups, _STAFF, strict=True)}
    )
    clock.move_to(today - dt.timedelta(days=6))
    _ask_now(cast, survey, today)


def _bring_in(cast: Cast, survey: Survey, today: dt.date, years_ago: int, table: str) -> Wave:
    """One year's table, as another tool gave it out."""
    asked_on = today - dt.timedelta(days=365 * years_ago + 20)
    name = f"{asked_on.year}年度" if asked_on.month > 3 else f"{asked_on.year - 1}年度"
    file = SimpleUploadedFile(f"{name}.csv", table.encode("utf-8-sig"))
    kept = incoming.keep(cast["yamamoto"], survey, file)
    return incoming.bring_in(cast["yamamoto"], kept, name=name, invited=_PEOPLE, asked_on=asked_on)


def table_of(survey: Survey, answers: int, weights: tuple[int, ...], rng: random.Random) -> str:
    """A CSV of ``answers`` rows under the titles of the survey's questions."""
    questions = Definition.from_document(survey.document).questions
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow([question.title.ja for question in questions])
    for _row in range(answers):
        whole = rng.choices(range(1, 6), weights)[0]
        row = []
        for question in questions:
            if question.kind == Kind.SATISFACTION:
                near = whole if question.required else min(5, max(1, whole + rng.choice((-1, 0, 0, 1))))
                row.append(str(near))
            elif question.kind == Kind.SINGLE:
                shares = _STAFF if len(question.choices) == len(BUREAUS) else (7, 3)
                row.append(rng.choices([one.title.ja for one in question.choices], shares)[0])
            else:
                row.append(rng.choice(_WORDS) if rng.random() < 0.2 else "")
        writer.writerow(row)
    return file.getvalue()


def _ask_now(cast: Cast, survey: Survey, today: dt.date) -> None:
    """This year's wave, which a few of the people have answered already."""
    wave = surveys.open_wave(
        cast["yamamoto"],
        survey,
        name=f"{today.year if today.month > 3 else today.year - 1}年度",
        access=Wave.Access.STAFF,
        invited=_PEOPLE,
        closes_on=today + dt.timedelta(days=21),
    )
    for username, said in (("tanaka", "4"), ("suzuki", "3"), ("ito", "4")):
        answering.submit(wave, {"q-overall": [said], "q-workplace": ["main"]}, user=cast[username])
