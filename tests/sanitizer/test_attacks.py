"""Every attack of the corpus beyond Office and PDF: nothing of it is left, and what people see is."""

import io

import pytest

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.filetypes import types_by_extension
from sekisho.sanitizer.libreoffice import office_program
from sekisho.sanitizer.verify import READERS, find_complaint

from .attacks import (
    archives,
    binaries,
    documents,
    drawings,
    holders,
    legacy,
    mails,
    markup,
    pictures,
    rich_and_open,
    texts,
    variations,
    workbooks,
)
from .attacks.common import Attack, opened

FAMILIES = (pictures, drawings, holders, documents, workbooks, archives, mails, markup, texts, variations)
ATTACKS = [attack for family in FAMILIES for attack in family.ATTACKS]
OLD = [attack for family in (legacy, rich_and_open, binaries) for attack in family.ATTACKS]


def survives(attack: Attack) -> None:
    result = sanitize(attack.build(), "inbound", name=f"attack.{attack.extension}", password=attack.password)
    if attack.refused:
        assert (result.status, result.output) == ("refused", None)
        assert not result.report.refusal.startswith("engine."), result.report.refusal
        return
    assert result.is_clean, (result.report.refusal, result.report.refusal_params)
    assert result.output is not None
    inside = opened(result.output).decode("utf-8", "replace")
    assert [word for word in attack.gone if word in inside or word in result.name] == []
    assert attack.shows(result.output)


def test_there_are_many_attacks_each_with_a_name_of_its_own() -> None:
    assert len({attack.name for attack in [*ATTACKS, *OLD]}) == len(ATTACKS) + len(OLD)
    assert len(ATTACKS) >= 250
    assert all(len(family.ATTACKS) >= 20 for family in FAMILIES)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_nothing_of_an_attack_is_left_and_what_people_see_is(attack: Attack) -> None:
    survives(attack)


# What these do is to be many, to be words in a title, nothing at all, or to choose colours.
_CLEAN_AS_THEY_CAME = {
    "zip of too many files", "eml header of quotes", "html title with markup", "json with escapes", "json with an endless number",
    *(f"{kind} palette spelled in {where}" for kind in ("png", "gif") for where in ("hidden colours", "colours that show")),
}  # fmt: skip


_READABLE = [attack for attack in ATTACKS if types_by_extension()[attack.extension][0].id in READERS]


@pytest.mark.parametrize("attack", _READABLE, ids=lambda attack: attack.name)
def test_the_second_opinion_dislikes_an_attack_as_it_came(attack: Attack) -> None:
    kind = types_by_extension()[attack.extension][0].id
    complaint = find_complaint(io.BytesIO(attack.build()), kind)
    assert (complaint is None) == (attack.name in _CLEAN_AS_THEY_CAME)


@pytest.mark.skipif(office_program() is None, reason="needs LibreOffice")
@pytest.mark.parametrize("attack", OLD, ids=lambda attack: attack.name)
def test_nothing_of_an_attack_in_old_and_open_formats_is_left(attack: Attack) -> None:
    survives(attack)
