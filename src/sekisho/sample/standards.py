"""The city's own standard in two versions, and which bureau uses which."""

import datetime as dt
from typing import Any

from sekisho.sample.cast import Cast
from sekisho.sample.clock import Clock
from sekisho.standards.models import StandardVersion
from sekisho.standards.pack import Pack
from sekisho.standards.queries import DEFAULT_PACK, versions_of
from sekisho.standards.services import choose_standard, register_pack

#: days ago that the whole city took up the reference standard 1.1: no release without a usability test
TESTED_SINCE = 60
_TITLE = {"ja": "関野市 基準", "en": "Sekino City standard"}
_ABOUT = {
    "ja": "参考基準の写しに、架空の関野市が手を入れたものです。版の比べ方と移り方を見るための見本です。",
    "en": "A copy of the reference standard, changed by the fictional Sekino City to show how versions differ.",
}
_NEW = {
    "code": "plan-16",
    "phase": "plan",
    "group": {"ja": "利用者", "en": "Users"},
    "title": {"ja": "やさしい日本語で説明した", "en": "It is explained in plain Japanese"},
    "guidance": {
        "ja": "計画の説明を、制度を知らない人が読んでも分かる言葉で書きます。別の課の職員に読んでもらい、分からない言葉を直します。",
        "en": "Describe the plan in words that people who do not know the rules understand. Let staff of another "
        "section read it and mend the words they did not understand.",
    },
    "level": "must_be",
    "requirement": "recommended",
    "evidence": "text",
    "source": {"ja": "関野市(架空)", "en": "Sekino City (fictional)"},
}


def register_city_standard() -> tuple[StandardVersion, StandardVersion]:
    """Versions 1.0 (the reference under the city's name) and 1.1 (one criterion more, one less, two changed)."""
    reference = versions_of(DEFAULT_PACK).order_by("id")[0].document
    head = {"id": "sekino-standard", "title": _TITLE, "description": _ABOUT}
    first = {**reference, **head, "version": "1.0"}
    second = {**first, "version": "1.1", "criteria": _changed(first["criteria"])}
    return register_pack(Pack.from_document(first)), register_pack(Pack.from_document(second))


def _changed(criteria: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = [dict(criterion) for criterion in criteria if criterion["code"] != "plan-11"]
    for criterion in kept:
        if criterion["code"] == "plan-15":
            criterion["requirement"] = "mandatory"
        if criterion["code"] == "plan-03":
            criterion["title"] = {
                "ja": "利用者と窓口の職員に聞き取り、課題を事実で確かめた",
                "en": "Users and counter staff were asked, and the problem was confirmed by facts",
            }
    return [*kept, _NEW]


def choose_standards(
    cast: Cast, clock: Clock, today: dt.date, city: tuple[StandardVersion, StandardVersion]
) -> None:
    """The whole city uses the reference; one bureau tried the city's own standard and moved to its new version."""
    newer, reference = list(versions_of(DEFAULT_PACK))[-2:]
    first, second = city
    office, bureau = cast["yamamoto"], cast.organisations["children"]
    clock.move_to(today - dt.timedelta(days=800))
    choose_standard(
        office,
        cast.organisations["sekino"],
        reference,
        in_force_from=today - dt.timedelta(days=790),
        reason="全庁で同じ基準から始めます。",
    )
    clock.move_to(today - dt.timedelta(days=420))
    choose_standard(
        office,
        bureau,
        first,
        in_force_from=today - dt.timedelta(days=400),
        reason="こども教育局で、市の基準を先に試します。",
    )
    clock.move_to(today - dt.timedelta(days=TESTED_SINCE + 8))
    choose_standard(
        office,
        cast.organisations["sekino"],
        newer,
        in_force_from=today - dt.timedelta(days=TESTED_SINCE),
        reason="利用者に試してもらっていないものは公開しないことにします。",
    )
    clock.move_to(today - dt.timedelta(days=95))
    choose_standard(
        office,
        bureau,
        second,
        in_force_from=today - dt.timedelta(days=90),
        reason="試した結果を受けて、新しい版へ移ります。",
    )
