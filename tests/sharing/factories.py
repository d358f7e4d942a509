"""Platforms for tests, made through the services."""

from typing import Any

from sekisho.people.models import Organisation
from sekisho.sharing.models import Platform
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
