"""Lists of the book's API: the shared paging, and the query parameters of the registry."""

import datetime as dt
import re
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator

from sekisho.book.api.schemas import PhaseName, TierName
from sekisho.people.api_paging import Filter, Page, Paging, none_if_empty, paginate

_PLUS_LOST = re.compile(r" (\d\d:?\d\d)$")


def _mended(value: Any) -> Any:
    """A moment whose plus sign was read as a space, as an unescaped address makes it."""
    value = none_if_empty(value)
    return _PLUS_LOST.sub(r"+\1", value) if isinstance(value, str) else value


def _aware(value: dt.datetime | None) -> dt.datetime | None:
    """A moment in UTC; without a zone it is meant in the office's."""
    if value is None:
        return None
    try:
        return (timezone.make_aware(value) if timezone.is_naive(value) else value).astimezone(dt.UTC)
    except (OverflowError, ValueError):
        raise ValueError(_("This moment lies too far away.")) from None


Moment = Annotated[dt.datetime | None, BeforeValidator(_mended), AfterValidator(_aware)]


class ProjectsQuery(Paging):
    """Filters of the registry; ``organisation`` is a code and includes those below."""

    q: Filter = None
    phase: Annotated[PhaseName | None, BeforeValidator(none_if_empty)] = None
    organisation: Filter = None
    tier: Annotated[TierName | None, BeforeValidator(none_if_empty)] = None
    updated_since: Moment = None


class LedgerQuery(Paging):
    """``act`` narrows to one kind of act, e.g. ``gate.decided``."""

    act: Filter = None


__all__ = ["LedgerQuery", "Page", "Paging", "ProjectsQuery", "paginate"]
