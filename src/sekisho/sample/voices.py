"""Surveys of the sample: what users of a released service say, a little better from one wave to the next."""

import datetime as dt
from functools import partial

from sekisho.sample.story import Story
from sekisho.voice.models import Survey, Wave
from sekisho.voice.services import answering, surveys, tally
from sekisho.voice.services.features import plan_feature

_SAID = (
    "時間を選ばずに手続きできて助かりました。",
    "文字が小さく、入力に時間がかかりました。",
    "途中で保存できるとうれしいです。",
    "窓口に行かずに済みました。",
    "どのボタンを押せばよいか迷いました。",
)
_ANSWERS = 24
_WISHING = 36
#: by wave and feature: pairs of answers (1 I like it … 5 I dislike it; with it, without it) and how often they are given
_WISHES = (
    {
        "notice": {("1", "3"): 6, ("1", "4"): 2, ("3", "3"): 2, ("1", "5"): 1},
        "save": {("1", "5"): 6, ("2", "5"): 3, ("1", "3"): 1},
        "status": {("3", "3"): 5, ("1", "3"): 3, ("2", "4"): 2},
    },
    {
        "notice": {("2", "5"): 6, ("1", "5"): 3, ("1", "3"): 2},
        "save": {("2", "5"): 6, ("1", "5"): 4},
        "status": {("1", "3"): 5, ("3", "3"): 4, ("1", "5"): 1},
    },
)

#: by wave: what was built after it was asked, and what is said of it
_THERE = (
    {"save": "最初の版から保存できる。"},
    {"notice": "期限の3日前に知らせる。", "status": "申請の状況を一覧で見られる。"},
)


def arrange(story: Story, day: dt.date) -> None:
    """Ask for satisfaction from a day on; a second wave half a year later where there is time, the newest still open."""
    days = [day, *(later for later in (day + dt.timedelta(days=180),) if later < story.ago(30))]
    story.on(day, lambda: Voices(story).ask(days))
    if len(days) > 1:
        story.on(days[0] + dt.timedelta(days=40), lambda: wish(story, days))


def wish(story: Story, days: list[dt.date]) -> None:
    """Two services also ask which features users want, twice: reminding of deadlines goes from delight to matter of course."""
    title = "ほしい機能のアンケート"
    if Survey.objects.filter(title=title).count() == 2:
        return
    survey = surveys.make_survey(
        story.member, story.project, title=title, title_en="Features wanted", ready="kano"
    )
    for number, day in enumerate((story.clock.moment.date(), days[1] + dt.timedelta(days=20))):
        story.on(day, partial(_answer_wishes, story, survey, number))


def _answer_wishes(story: Story, survey: Survey, number: int) -> None:
    """One wave of wishes, answered and closed the same day."""
    wave = surveys.open_wave(story.member, survey, name=("1回目", "2回目")[number], invited=_WISHING * 2)
    for _person in range(_WISHING):
        given: dict[str, list[str]] = {}
        for feature, pairs in _WISHES[number].items():
            functional, dysfunctional = story.rng.choices(list(pairs), list(pairs.values()))[0]
            given |= {f"q-features-{feature}-f": [functional], f"q-features-{feature}-d": [dysfunctional]}
        answering.submit(wave, given)
    surveys.close_wave(story.member, wave)
    tally.count_new(wave)
    for feature, said in _THERE[number].items():
        plan_feature(story.member, survey, "features", feature, plan="done", words=said)


class Voices:
    """The survey of one service."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.survey = surveys.make_survey(
            story.member,
            story.project,
            title=f"{story.project.name}の満足度",
            title_en=f"Satisfaction: {story.project.name_en}" if story.project.name_en else "",
            ready="satisfaction",
        )

    def ask(self, days: list[dt.date]) -> None:
        """Hold each wave; all but the last are closed a month later."""
        for number, day in enumerate(days):
            last = number == len(days) - 1
            self.story.on(day, partial(self._hold, number, still_open=last))

    def _hold(self, number: int, *, still_open: bool) -> None:
        story = self.story
        name = "公開後の調査" if number == 0 else "半年後の調査"
        wave = surveys.open_wave(story.member, self.survey, name=name, invited=None)
        story.on(story.clock.moment.date() + dt.timedelta(days=20), partial(self._answer, wave, number))
        if not still_open:
            story.on(story.clock.moment.date() + dt.timedelta(days=30), partial(self._close, wave))

    def _answer(self, wave: Wave, number: int) -> None:
        rng = self.story.rng
        weights = ((1, 3, 6, 9, 5), (1, 1, 4, 10, 8))[number]
        for _person in range(_ANSWERS):
            finished = rng.choices(("yes", "partly", "no"), (8, 2, 1))[0]
            given = {"q-overall": [str(rng.choices(range(1, 6), weights)[0])], "q-finished": [finished]}
            if rng.random() < 0.4:
                given["q-words"] = [rng.choice(_SAID)]
            answering.submit(wave, given)
        tally.count_new(wave)

    def _close(self, wave: Wave) -> None:
        surveys.close_wave(self.story.member, wave)
        tally.count_new(wave)
