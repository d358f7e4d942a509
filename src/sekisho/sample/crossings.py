"""The network of the sample: zones, systems and flows (some of them wrong), routes, and ten transfers of small files."""

import datetime as dt
import io
import zipfile

from django.db.models import Max

from sekisho.book.models import Project
from sekisho.gateway.models import Route, System, Transfer, Zone
from sekisho.gateway.services import (
    cleaning,
    exceptions,
    handing,
    networks,
    planning,
    policies,
    routes,
    sending,
)
from sekisho.people.models import User
from sekisho.people.permissions import actor_of
from sekisho.people.roles import SYSTEM
from sekisho.people.services import grant_role
from sekisho.sample.cast import Cast
from sekisho.sample.clock import Clock

_BOOKS = 12
#: (code, name, English name, from, to, policy, the superior approves)
_ROUTES = (
    ("in", "インターネットから内部へ", "Internet to inside", "internet", "lgwan", "inbound", False),
    ("out", "内部から外部への持ち出し", "Inside to outside", "lgwan", "internet", "outbound", True),
    ("mynumber-in", "マイナンバー利用事務系への取り込み", "Into the My Number zone", "lgwan", "mynumber", "inbound-strict", True),
)  # fmt: skip
_CSV = "受付番号,区分,件数\r\n1001,転入,12\r\n1002,転出,9\r\n"
#: (sender, route, purpose, files as (name, content))
_TRANSFERS = (
    ("tanaka", "in", "事業者から届いた月次報告の取り込み", (("月次報告.csv", _CSV),)),
    ("suzuki", "in", "研修のご案内の取り込み", (("案内.txt", "研修は来月10日です。\n"), ("地図.html", "<h1>会場</h1><script>x()</script>"))),
    ("sato", "in", "保育施設の一覧の取り込み", (("一覧.csv", "施設,定員\r\n=1+1,30\r\n"),)),
    ("takahashi", "in", "道路台帳の差分", (("差分.zip", "zip"),)),
    ("tanaka", "in", "業者の修正プログラム", (("update.exe", "MZ" + "\0" * 120),)),
    ("suzuki", "out", "委託先への仕様書の提供", (("仕様書.md", "# 仕様\n\n- 画面は3つ\n"),)),
    ("sato", "out", "住民向けのお知らせの入稿", (("お知らせ.txt", "申請は来月から始まります。\n"),)),
    ("takahashi", "out", "測量会社への図面番号の連絡", (("番号.csv", "図面,番号\r\nA,12\r\n"),)),
    ("tanaka", "mynumber-in", "介護保険の名寄せ結果", (("名寄せ.csv", "世帯,件数\r\n1,2\r\n"),)),
    ("suzuki", "in", "空の報告書の差し替え", (("報告.txt", "差し替えました。\n"),)),
)  # fmt: skip


class _Upload(io.BytesIO):
    def __init__(self, name: str, body: bytes) -> None:
        super().__init__(body)
        self.name, self.size = name, len(body)


def cross(cast: Cast, clock: Clock, since: dt.date, today: dt.date) -> None:
    """Draw the network and let ten transfers go their way, in the last days before today."""
    officer, superior = cast["ito"], cast["kobayashi"]
    city = cast.organisations["sekino"]
    clock.move_to(today - dt.timedelta(days=20))
    grant_role(SYSTEM, officer, role="security_officer", organisation=city, valid_from=since)
    grant_role(SYSTEM, superior, role="superior", organisation=city, valid_from=since)
    for username in cast.people:
        cast.forget(username)
    networks.make_usual_zones(officer)
    networks.choose_model(officer, "alpha_dash")
    zones = {zone.kind: zone for zone in Zone.objects.all()}
    policies.make_policy(
        officer,
        code="letters",
        organisation=city,
        text="name: letters\ntitle: {ja: 文書だけ, en: Letters only}\nmethods:\n  pdf: [pixel]\n  word: [pixel, text]\n  text: [text]\n",
        reason="窓口に届く文書だけを受け取るため",
    )
    opened = {}
    for code, name, name_en, source, target, policy, approval in _ROUTES:
        opened[code] = routes.make_route(
            officer, code=code, organisation=city, name=name, name_en=name_en, source=zones[source],
            target=zones[target], policy=policy, needs_approval=approval, expiry_days=14, download_limit=5, hold_days=60,
            allows_outside=code == "out",
        )  # fmt: skip
    for number, (username, code, purpose, files) in enumerate(_TRANSFERS):
        clock.move_to(today - dt.timedelta(days=10 - number))
        _send(cast[username], opened[code], purpose, files, superior, declined=number == 7, waits=number == 8)
    clock.move_to(today - dt.timedelta(days=1))
    _draw(cast, zones, clock.moment)


def _draw(cast: Cast, zones: dict[str, Zone], now: dt.datetime) -> None:
    """In books where nothing is written later than this: a ledger tells its acts in their order."""
    kinds = ("lgwan", "internet", "mynumber", "cloud")
    placed: list[tuple[User, System]] = []
    last = Project.objects.annotate(last=Max("ledger__at"))
    quiet = last.filter(last__lt=now).exclude(phase="retire")
    for number, project in enumerate(quiet.select_related("owner").order_by("code")):
        editor = _editor(cast, project)
        if editor is None or project.is_closed or len(placed) >= 2 * _BOOKS:
            continue
        kind = kinds[number % 4]
        data = "specific" if kind == "mynumber" else "personal" if number % 3 == 0 else "internal"
        controls = ["edr", "epp"] if number % 2 else []
        core = networks.place_system(
            editor,
            project,
            name=f"{project.name[:20]}基盤",
            name_en=f"{project.name_en[:80]} platform",
            zone=zones[kind],
            data_class=data,
            controls=controls,
        )
        desk = networks.place_system(
            editor,
            project,
            name="職員の端末",
            name_en="Terminals of staff",
            zone=zones["lgwan"],
            workplace=True,
        )
        kept = ["approval", "encryption", "sanitizing"] if number % 3 else []
        networks.add_flow(
            editor, core, desk, what="日次の一覧", handover="gateway", controls=kept, protocol="HTTPS"
        )
        placed += [(editor, core), (editor, desk)]
    _plan(cast["ito"], placed, zones)
    if len(placed) > 6:
        (editor, first), target = placed[2], placed[5][1]
        networks.add_flow(
            editor, first, target, what="申請データの控え", handover="media", data_class="personal"
        )


def _plan(officer: User, placed: list[tuple[User, System]], zones: dict[str, Zone]) -> None:
    """Terminals go to the internet zone with EPP and EDR, then systems follow; two moves are done."""
    second, third = planning.begin_plan(officer)
    planning.change_step(
        officer, second, model="beta", due=second.due, note="職員の端末をインターネット接続系へ移す"
    )
    planning.change_step(officer, third, model="beta_dash", due=third.due, note="内部のシステムも移す")
    desks = [(editor, system) for editor, system in placed if system.workplace][:6]
    for number, (editor, desk) in enumerate(desks):
        move = planning.plan_move(
            editor, second, desk, zone=zones["internet"], controls=["epp", "edr"], task="EPPとEDRの契約を結ぶ"
        )
        if number < 2:
            planning.carry_out(editor, move)
    for editor, core in [(e, s) for e, s in placed if s.zone.kind == "lgwan" and not s.workplace][:3]:
        planning.plan_move(editor, third, core, zone=zones["internet"], controls=["epp", "edr"])


def _editor(cast: Cast, project: Project) -> User | None:
    people = (cast[name] for name in ("tanaka", "suzuki", "sato", "takahashi"))
    return next(
        (p for p in people if actor_of(p).may("edit", path=project.owner.path, project_id=project.pk)), None
    )


def _send(
    sender: User,
    route: Route,
    purpose: str,
    files: tuple[tuple[str, str], ...],
    superior: User,
    *,
    declined: bool,
    waits: bool,
) -> None:
    uploads = [_Upload(name, _zipped() if words == "zip" else words.encode()) for name, words in files]
    transfer = sending.send_whole(sender, route, sending.Receiver(), purpose, uploads)
    for file in transfer.files.all():
        cleaning.clean(file.pk)
    transfer.refresh_from_db()
    if transfer.state == Transfer.State.APPROVAL and not waits:
        handing.decide(
            superior, transfer, granted=not declined, reason="宛先を確かめてください" if declined else ""
        )
        transfer.refresh_from_db()
    first = transfer.files.order_by("id")[0]
    if transfer.state == Transfer.State.OFFERED:
        handing.take(sender, first)
    elif transfer.state == Transfer.State.REFUSED and first.state == "refused":
        exceptions.ask(sender, first, wanted="original", reason="業者が配布した修正で、署名を確かめました。")


def _zipped() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("差分.csv", _CSV)
    return held.getvalue()
