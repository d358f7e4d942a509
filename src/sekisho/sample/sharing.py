"""The sample's catalogue of common platforms, what projects answered, judgements, and one proposal."""

import datetime as dt

from sekisho.book.models import Project
from sekisho.people.models import Organisation, RoleAssignment, User
from sekisho.sharing.models import Neighbour, Platform, PlatformMatch
from sekisho.sharing.services import comparing, judging, platforms, proposals

_CATALOGUE = (
    ("電子申請共通サービス", "Online applications", "住民や事業者の申請と届出をオンラインで受け付け、審査の進み具合を知らせます。本人確認と電子納付につながります。",
     "申請の様式を登録できる課であること。年間の受付が10件以上あること。"),
    ("施設予約共通サービス", "Facility booking", "会議室、体育館、集会所などの公共施設の予約を受け付け、空き状況の公開、抽選、使用料の納付を扱います。",
     "施設の利用規則が定まっていること。"),
    ("共通認証サービス", "Sign-in for citizens and staff", "住民と職員の本人確認とシングルサインオンを提供します。マイナンバーカードの電子証明書に対応します。",
     "個人情報を扱うときは、影響の評価を済ませていること。"),
    ("市民相談チャットボット", "Chatbot for citizens' questions", "くらしの質問や問合せに、市の公開情報をもとに自動で答えます。答えられない質問は相談窓口へつなぎます。",
     "答えのもとになる公開情報を、課が最新に保つこと。"),
    ("データ分析基盤", "Data analysis platform", "各課のデータを集めて分析し、ダッシュボードで可視化します。オープンデータの公開にも使えます。",
     "データの分類と持ち主が決まっていること。"),
)  # fmt: skip


def share(today: dt.date) -> None:
    """Fill the catalogue, compare all books, answer some matches, judge some pairs and propose one common thing."""
    office = _office()
    owner = Organisation.objects.get(code="digital-platform")
    for name, name_en, does, conditions in _CATALOGUE:
        platforms.save_platform(
            office,
            name=name,
            name_en=name_en,
            does=does,
            conditions=conditions,
            contact="共通基盤課(内線 2145)",
            asking="利用申込書を共通基盤課へ送ります。2週間ほどで使えるようになります。",
            owner=owner,
            is_offered=True,
        )
    comparing.refresh(everything=True)
    _answer(office)
    _judge(office)
    _propose(office)


def _office() -> User:
    held = RoleAssignment.objects.filter(role="quality_office").select_related("user").order_by("pk")
    return held[0].user


def _answer(office: User) -> None:
    """Three of the closest matches that are not yet decided: adopted, under consideration, declined."""
    open_books = PlatformMatch.objects.filter(project__retired_at=None, project__stopped_at=None)
    said = (
        ("adopted", "同じ機能を作らずに済みます。", 3_200_000, 4),
        ("considered", "", None, None),
        ("declined", "法令で定める様式に、まだ対応していないためです。", None, None),
    )
    chosen: dict[int, PlatformMatch] = {}
    for match in open_books.select_related("project", "platform").order_by("-score", "pk"):
        chosen.setdefault(match.project_id, match)
    for match, (state, reason, avoided, satisfaction) in zip(chosen.values(), said, strict=False):
        platforms.answer_platform(
            office,
            match.project,
            match.platform,
            state,
            reason=reason,
            avoided=avoided,
            satisfaction=satisfaction,
        )


def _judge(office: User) -> None:
    pairs = (
        Neighbour.objects.filter(rank=1, other__gt=0)
        .select_related("project", "other")
        .order_by("-score", "pk")
    )
    for row, verdict in zip(pairs[:8:2], ("related", "related", "different", "related"), strict=False):
        judging.judge(office, row.project, row.other, verdict)


def _propose(office: User) -> None:
    """The likest two books that are both under way and share a function."""
    live = Neighbour.objects.filter(
        project__retired_at=None, project__stopped_at=None, other__retired_at=None, other__stopped_at=None
    )
    ranked = live.select_related("project", "other").order_by("-score", "pk")
    alike = (row for row in ranked if any(kind == "function" for kind, _values in row.reasons))
    row = next(alike, None)
    if row is None:
        return
    members: list[Project] = [row.project, row.other]
    proposals.propose(
        office,
        title=f"{row.project.name}と{row.other.name}の共通化",
        why="受付から結果の通知までの流れが同じで、別々に作ると費用が二重にかかります。",
        members=members,
        share=30,
        running_cost=1_500_000,
        assumptions="機能の6割が共通し、その半分の費用が減ると見ます。移行の費用は含みません。",
        platform=Platform.objects.order_by("name").first(),
    )
