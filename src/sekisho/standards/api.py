"""API of standards: which packs there are, and one version in full."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router

from sekisho.errors import NotFound
from sekisho.people.api_paging import Out, Page, Paging, paginate
from sekisho.standards.models import StandardVersion
from sekisho.standards.pack import Criterion

router = Router(tags=["standards"])


class Words(Out):
    ja: str
    en: str


class Demand(Out):
    name: str
    operator: str
    value: float | int
    max_age_days: int | None


class CriterionOut(Out):
    code: str
    phase: str
    group: Words
    title: Words
    guidance: Words
    level: str
    requirement: str
    evidence: str
    applies: str
    measure: Demand | None
    source: Words


class StandardRow(Out):
    pack: str
    version: str
    title: Words
    sha256: str
    criteria_count: int
    registered_at: dt.datetime


class StandardOut(StandardRow):
    description: Words
    source: Words
    licence: str
    languages: list[str]
    criteria: list[CriterionOut]


def words(text: Any) -> dict[str, str]:
    """Both languages of a pack's text."""
    return {"ja": text.ja, "en": text.en}


def criterion_document(criterion: Criterion) -> dict[str, Any]:
    """A criterion with every field, whether it is set or not."""
    demand = criterion.measure
    return {
        "code": criterion.code,
        "phase": criterion.phase,
        "group": words(criterion.group),
        "title": words(criterion.title),
        "guidance": words(criterion.guidance),
        "level": criterion.level,
        "requirement": criterion.requirement,
        "evidence": criterion.evidence,
        "applies": criterion.applies,
        "measure": {**demand.__dict__} if demand else None,
        "source": words(criterion.source),
    }


@router.get("/standards", response=Page[StandardRow])
def list_standards(request: HttpRequest, filters: Query[Paging]) -> dict[str, Any]:
    """Every registered pack version."""
    return paginate(request, StandardVersion.objects.all(), filters, _row)


@router.get("/standards/{pack}/{version}", response=StandardOut)
def read_standard(request: HttpRequest, pack: str, version: str) -> dict[str, Any]:
    """One pack version with all its criteria."""
    found = (
        None
        if "\x00" in pack + version
        else StandardVersion.objects.filter(pack=pack, version=version).first()
    )
    if found is None:
        raise NotFound(_("There is no such standard."))
    whole = found.load()
    return {
        **_row(found),
        "description": words(whole.description),
        "source": words(whole.source),
        "licence": whole.licence,
        "languages": list(whole.languages),
        "criteria": [criterion_document(criterion) for criterion in whole.criteria],
    }


def _row(standard: StandardVersion) -> dict[str, Any]:
    pack = standard.load()
    return {
        "pack": standard.pack,
        "version": standard.version,
        "title": words(pack.title),
        "sha256": standard.sha256,
        "criteria_count": len(pack.criteria),
        "registered_at": standard.registered_at,
    }
