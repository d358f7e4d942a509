"""User tests of the sample: five people try a release, stumble over a few things, and most of them are mended."""

import datetime as dt
import uuid
from functools import partial

from sekisho.book import fiscal
from sekisho.sample.story import Story
from sekisho.voice.models import UserTest, UserTestSession
from sekisho.voice.services import problems, quality, sessions, usertests

_TASKS = (
    ("必要な手続きを探す", "引っ越しました。必要な手続きを見つけてください。", "目的の画面が開く", True),
    ("申請を入力して送る", "見本の書類を見ながら、申請を送ってください。", "受付番号が表示される", True),
    ("受付の状況を確かめる", "送った申請がいまどうなっているかを調べてください。", "状況の画面が開く", False),
)
_QUESTION = "使ってみて、いちばん困ったことは何ですか"
_GROUPS = (("ふだんスマートフォンを使う人", 3), ("あまり使わない人", 2))
_PEOPLE = ("30代、子育て中", "20代、一人暮らし", "40代、共働き", "70代、家族と同居", "60代、目が見えにくい")
#: what is seen: (words, severity, place, which participants show it)
_SEEN = (
    ("「次へ」が画面の下に隠れ、しばらく気づかない", "serious", "入力画面", (0, 2, 3, 4)),
    ("日付を全角で入れて戻される。理由が読み取れない", "minor", "入力画面", (1, 3)),
    ("受付番号を控える前に画面を閉じてしまう", "minor", "完了画面", (2, 4)),
    ("説明が短く、迷わず選べた", "good", "最初の画面", (0, 1)),
)
_CRITICAL = ("文字を大きくすると送信のボタンに届かない", "critical", "確認画面", (3, 4))
_FIX = "ボタンを画面の下に固定し、文字の大きさを変えても隠れないようにした。"
_LEARNT = (
    "5人のうち4人が申請を終えられた。ボタンの位置で迷う人が多く、置き場所を改めた。日付の入力は次の版で直す。"
)
_SAID = (
    "特にありません。",
    "ボタンがどこにあるか分からなかった。",
    "字が小さいところがあった。",
    "番号を書き留める間がほしい。",
)
_CONSENT = "画面と声を記録します。記録は担当課だけが見て、公開から3か月で消します。いつでもやめられます。"
_NAMESPACE = uuid.UUID("6a0d3c66-5a3d-4a0e-9a43-6ed1a4d1f0a7")


def arrange(story: Story, version: str, start: dt.date, *, done: bool) -> None:
    """Plan the usability test of a release for the week from ``start``; ``done`` or with two sessions held so far."""
    Testing(story, version).arrange(start, done=done)


def judge_each_year(story: Story) -> None:
    """Keep the service's quality level on the last day of each fiscal year, once it was released."""
    for year in range(story.start.year, story.today.year + 1):
        day = fiscal.first_day(year) - dt.timedelta(days=1)
        if story.start < day < story.today:
            story.on(day, partial(_judge, story))


def _judge(story: Story) -> None:
    quality.keep_levels(quality.services_in_use().filter(pk=story.project.pk))


class Testing:
    """The usability test of one release of a story."""

    test: UserTest

    def __init__(self, story: Story, version: str) -> None:
        self.story, self.version = story, version
        self.grave = story.has("risky")

    def arrange(self, start: dt.date, *, done: bool) -> None:
        """Put the acts of the test on their days."""
        on = self.story.on
        on(start, self._plan)
        for index in range(5 if done else 2):
            on(start + dt.timedelta(days=1 + index // 3), partial(self._hold, index))
        if done:
            on(start + dt.timedelta(days=3), self._sort)
            on(start + dt.timedelta(days=3), self._finish)

    def _plan(self) -> None:
        story, today = self.story, self.story.clock.moment.date()
        release = story.project.releases.get(version=self.version)
        citizens = story.project.for_citizens
        self.test = usertests.plan_test(
            story.member,
            story.project,
            kind="usability",
            release=release,
            title=f"{self.version}のユーザビリティテスト",
            purpose="主な操作を、説明を受けずに終えられるかを確かめる。",
            hypotheses="初めての人でも5分以内に申請を終えられる。\n完了の画面で受付番号に気づく。",
            method="in_person",
            place="本庁舎 1階 会議室",
            starts_on=today,
            ends_on=today + dt.timedelta(days=4),
            staff="進行: 主管課\n記録: 主管課\n観察: CIO補佐官",
            consent=_CONSENT,
            without_citizens="" if citizens else "職員が使う仕組みのため、職員が試す。",
        )
        for title, scenario, success, essential in _TASKS:
            usertests.add_task(
                story.member, self.test, title=title, scenario=scenario, success=success, essential=essential
            )
        usertests.add_task(story.member, self.test, title=_QUESTION, kind="question")
        for name, wanted in _GROUPS:
            usertests.add_group(story.member, self.test, name=name, wanted=wanted, citizens=citizens)

    def _hold(self, index: int) -> None:
        story, rng = self.story, self.story.rng
        group = list(self.test.groups.all())[0 if index < 3 else 1]
        today = story.clock.moment.date()
        participant = usertests.add_participant(
            story.member, group, about=_PEOPLE[index], consented_on=min(today, story.today)
        )
        session = sessions.begin_session(story.member, participant, device="スマートフォン")
        for task in self.test.tasks.all():
            if task.kind == "question":
                sessions.record_result(story.member, session, task, words=rng.choice(_SAID))
                continue
            outcome = rng.choices(("success", "helped", "failed"), (7, 2, 1))[0]
            seconds = round(rng.lognormvariate(4.2 + 0.15 * index, 0.35), 1)
            sessions.record_result(story.member, session, task, outcome=outcome, seconds=seconds)
        self._observe(session, index)
        answers = [rng.choice((4, 4, 5, 3)) if n % 2 == 0 else rng.choice((2, 1, 2, 3)) for n in range(10)]
        sessions.answer_sus(story.member, session, list(answers))
        sessions.end_session(story.member, session)

    def _observe(self, session: UserTestSession, index: int) -> None:
        for words, severity, place, shown_by in (*_SEEN, *((_CRITICAL,) if self.grave else ())):
            if index in shown_by:
                sent = uuid.uuid5(_NAMESPACE, f"{self.story.plot.code} {self.version} {index} {words}")
                sessions.observe(
                    self.story.member, session, words=words, severity=severity, client_id=sent, place=place
                )

    def _sort(self) -> None:
        """Make problems of what was seen; the serious one is mended at once, the rest gets a person and a day."""
        story = self.story
        for words, severity, place, _shown_by in (*_SEEN, *((_CRITICAL,) if self.grave else ())):
            if severity == "good":
                continue
            rows = [o.pk for s in self.test.sessions.all() for o in s.observations.filter(words=words)]
            problem = problems.found_problem(
                story.member,
                self.test,
                observations=rows,
                title=words.split("。")[0],
                severity=severity,
                place=place,
                owner=story.member,
                due_on=story.clock.moment.date() + dt.timedelta(days=45),
            )
            if severity == "serious":
                problems.fix_problem(story.member, problem, _FIX)
            if severity == "critical":
                problems.dismiss_problem(
                    story.aide, problem, "試験用の端末の設定によるもので、実際の画面では起きない。"
                )

    def _finish(self) -> None:
        usertests.finish_test(self.story.member, self.test, conclusions=_LEARNT)
