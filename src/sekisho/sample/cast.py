"""Who plays in the sample: a fictional city, its bureaus, and twelve people. Everything here is invented."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sekisho.people.models import Installation, Organisation, User
from sekisho.people.roles import SYSTEM
from sekisho.people.services import create_organisation, create_person, grant_role

CITY = ("sekino", "関野市", "Sekino City")
DOMAIN = "sekino.example"

#: bureau: key, names, and its divisions with their sections
BUREAUS: tuple[tuple[str, str, str, tuple[Any, ...]], ...] = (
    (
        "policy",
        "政策企画局",
        "Policy and Planning Bureau",
        (
            (
                "総合政策部",
                "General Policy Division",
                (
                    ("policy-plan", "企画調整課", "Planning Section"),
                    ("policy-stat", "統計分析課", "Statistics Section"),
                ),
            ),
            (
                "広報部",
                "Public Relations Division",
                (("policy-pr", "広報広聴課", "Public Relations Section"),),
            ),
        ),
    ),
    (
        "digital",
        "デジタルサービス局",
        "Digital Services Bureau",
        (
            (
                "サービス企画部",
                "Service Planning Division",
                (
                    ("digital-quality", "品質管理課", "Quality Section"),
                    ("digital-design", "サービスデザイン課", "Service Design Section"),
                ),
            ),
            (
                "基盤運用部",
                "Platform Division",
                (
                    ("digital-platform", "共通基盤課", "Common Platform Section"),
                    ("digital-network", "ネットワーク課", "Network Section"),
                ),
            ),
        ),
    ),
    (
        "general",
        "総務局",
        "General Affairs Bureau",
        (
            (
                "総務部",
                "General Affairs Division",
                (
                    ("general-records", "文書法制課", "Records Section"),
                    ("general-safety", "危機管理課", "Emergency Section"),
                ),
            ),
            ("人事部", "Personnel Division", (("general-staff", "人事厚生課", "Personnel Section"),)),
        ),
    ),
    (
        "finance",
        "財務局",
        "Finance Bureau",
        (
            (
                "財政部",
                "Budget Division",
                (
                    ("finance-budget", "財政課", "Budget Section"),
                    ("finance-assets", "契約管財課", "Contracts and Assets Section"),
                ),
            ),
            ("税務部", "Tax Division", (("finance-tax", "市税課", "City Tax Section"),)),
        ),
    ),
    (
        "civic",
        "市民局",
        "Civic Affairs Bureau",
        (
            (
                "窓口サービス部",
                "Counter Services Division",
                (
                    ("civic-registry", "戸籍住民課", "Registry Section"),
                    ("civic-insurance", "国保年金課", "Insurance and Pension Section"),
                ),
            ),
            ("地域部", "Community Division", (("civic-community", "地域協働課", "Community Section"),)),
        ),
    ),
    (
        "welfare",
        "健康福祉局",
        "Health and Welfare Bureau",
        (
            (
                "福祉部",
                "Welfare Division",
                (
                    ("welfare-elder", "高齢介護課", "Elderly Care Section"),
                    ("welfare-support", "生活支援課", "Livelihood Support Section"),
                ),
            ),
            ("保健部", "Health Division", (("welfare-health", "健康推進課", "Health Promotion Section"),)),
        ),
    ),
    (
        "children",
        "こども教育局",
        "Children and Education Bureau",
        (
            (
                "こども部",
                "Children Division",
                (
                    ("children-care", "保育課", "Childcare Section"),
                    ("children-family", "子育て支援課", "Family Support Section"),
                ),
            ),
            ("教育部", "Education Division", (("children-school", "学校教育課", "School Section"),)),
        ),
    ),
    (
        "urban",
        "都市環境局",
        "City and Environment Bureau",
        (
            (
                "都市整備部",
                "City Works Division",
                (
                    ("urban-roads", "道路河川課", "Roads and Rivers Section"),
                    ("urban-building", "建築指導課", "Building Section"),
                ),
            ),
            ("環境部", "Environment Division", (("urban-waste", "ごみ減量課", "Waste Reduction Section"),)),
        ),
    ),
)


@dataclass(frozen=True)
class Part:
    """One of the twelve: who they are, where they sit, and the role they hold for which organisations."""

    username: str
    name: str
    role: str
    seat: str
    holds: tuple[str, ...]


PEOPLE = (
    Part("tanaka", "田中 美咲", "member", "welfare-elder", ("welfare", "civic")),
    Part("suzuki", "鈴木 健太", "member", "general-staff", ("general", "finance")),
    Part("sato", "佐藤 葵", "member", "children-care", ("children", "policy")),
    Part("takahashi", "高橋 直樹", "member", "urban-roads", ("urban", "digital")),
    Part("ito", "伊藤 誠", "cio_aide", "policy", ("policy", "digital", "general", "finance")),
    Part("watanabe", "渡辺 由紀", "cio_aide", "civic", ("civic", "welfare", "children", "urban")),
    Part("yamamoto", "山本 陽子", "quality_office", "digital-quality", ("digital",)),
    Part("nakamura", "中村 拓也", "expert", "digital", ("sekino",)),
    Part("kobayashi", "小林 正人", "executive", "sekino", ("sekino",)),
    Part("kato", "加藤 恵", "auditor", "sekino", ("sekino",)),
    Part("yoshida", "吉田 大輔", "contractor", "sekino", ("sekino",)),
    Part("yamada", "山田 花子", "admin", "digital", ("sekino",)),
)


class Cast:
    """The city's organisations by key and its people by user name."""

    def __init__(self) -> None:
        self.organisations: dict[str, Organisation] = {}
        self.people: dict[str, User] = {}

    def __getitem__(self, username: str) -> User:
        return self.people[username]

    def bureau_of(self, section: str) -> str:
        """Key of the bureau a section belongs to: keys of sections start with it."""
        return section.partition("-")[0]

    def member_of(self, section: str) -> User:
        """Who works for the owner section."""
        return self._holder("member", section)

    def aide_of(self, section: str) -> User:
        """The CIO aide whose role reaches the section."""
        return self._holder("cio_aide", section)

    def _holder(self, role: str, section: str) -> User:
        bureau = self.bureau_of(section)
        part = next(part for part in PEOPLE if part.role == role and bureau in part.holds)
        return self.people[part.username]

    def forget(self, username: str) -> None:
        """Forget what a person may do, so that it is looked up again: they were named on a book."""
        self.people[username].__dict__.pop("_actor", None)


def engage(since: dt.date) -> Cast:
    """Found the city: its installation, organisations, people and roles, all in force ``since`` a day."""
    cast = Cast()
    Installation.objects.create(id=1, name=CITY[1], is_sample=True)
    cast.organisations["sekino"] = create_organisation(SYSTEM, code=CITY[0], name=CITY[1], name_en=CITY[2])
    for bureau in BUREAUS:
        _found(cast, *bureau)
    for part in PEOPLE:
        _hire(cast, part, since)
    return cast


def _found(cast: Cast, key: str, name: str, name_en: str, divisions: tuple[Any, ...]) -> None:
    _organisation(cast, key, name, name_en, "sekino")
    for index, (division, division_en, sections) in enumerate(divisions, start=1):
        _organisation(cast, f"{key}:{index}", division, division_en, key)
        for section, title, title_en in sections:
            _organisation(cast, section, title, title_en, f"{key}:{index}")


def _organisation(cast: Cast, key: str, name: str, name_en: str, parent: str) -> Organisation:
    made = create_organisation(
        SYSTEM, code=key.replace(":", "-div"), name=name, name_en=name_en, parent=cast.organisations[parent]
    )
    cast.organisations[key] = made
    return made


def _hire(cast: Cast, part: Part, since: dt.date) -> None:
    """Nobody in the sample has a password: they sign in with one click, in sample mode only."""
    person = create_person(
        SYSTEM,
        username=part.username,
        display_name=part.name,
        email=f"{part.username}@{DOMAIN}",
        organisation=cast.organisations[part.seat],
    )
    for key in part.holds:
        grant_role(SYSTEM, person, role=part.role, organisation=cast.organisations[key], valid_from=since)
    cast.people[part.username] = person
