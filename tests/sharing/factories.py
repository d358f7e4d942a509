"""Platforms for tests, made through the services."""

from typing import Any

from sekisho.book.models import Project
from sekisho.people.models import Organisation
from sekisho.sharing.models import Listing, Platform, Succession
from sekisho.sharing.services.platforms import save_platform


def make_platform(people: Any, **parts: Any) -> Platform:
    """A platform of the quality office's catalogue, offered by the first organisation."""
    values = {
        "name": "オンライン申請共通基盤",
        "does": "住民や事業者の電子申請をオンラインで受け付け、審査と通知を行う申請システムの共通基盤",
        "contact": "デジタルサービス局",
        "asking": "利用申込書を送る",
        "owner": Organisation.objects.order_by("pk").first(),
        "is_offered": True,
        **parts,
    }
    return save_platform(people.quality_office, **values)


def make_succession(old: Project, new: Project | None = None, **parts: Any) -> Succession:
    """A doubtful link between 2024 and 2025, with both years' listings; of a book with itself unless told otherwise."""
    for project, year in ((old, 2024), (new or old, 2025)):
        Listing.objects.get_or_create(project=project, year=year, defaults={"name": project.name})
    values = {"kind": "renamed", "confidence": 0.6, "reasons": [["title", []]], **parts}
    return Succession.objects.create(from_year=2024, to_year=2025, old=old, new=new or old, **values)
