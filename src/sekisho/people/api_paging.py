"""What every API shares: bodies and answers as values, and lists that are read page by page.

A cursor is the signed key of the last row seen. Rows are ordered by a key that never changes, so pages stay
stable while others write: nothing is skipped and nothing comes twice.
"""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from sekisho.errors import Invalid

MAX_LIMIT = 200
MAX_KEY = 2**63 - 1
Item = TypeVar("Item")


def clean_text(value: Any) -> Any:
    """Text without NUL characters, which databases refuse; half a surrogate pair is no text at all."""
    if not isinstance(value, str):
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("string_unicode", "not storable") from None
    return value.replace("\x00", "")


def none_if_empty(value: Any) -> Any:
    """An empty query parameter is no parameter."""
    return clean_text(value) or None if isinstance(value, str) else value


Text = Annotated[str, Field(max_length=20_000), BeforeValidator(clean_text)]
Line = Annotated[str, Field(max_length=300), BeforeValidator(clean_text)]
Filter = Annotated[str | None, BeforeValidator(none_if_empty)]


class Body(BaseModel):
    """A request's body: unknown fields are refused, so that a misspelt one is not silently lost."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """What the API answers."""


class Paging(BaseModel):
    """Query parameters of every list."""

    limit: int = Field(50, ge=1, le=MAX_LIMIT, description="Rows per page.")
    cursor: Filter = Field(None, description="Where the next page starts; taken from `next`.")


class Page(Out, Generic[Item]):
    """One page. ``next`` is the address of the following one, or null on the last."""

    items: list[Item]
    next: str | None


def paginate(
    request: HttpRequest, rows: QuerySet[Any], paging: Paging, show: Callable[[Any], Any], *, key: str = "pk"
) -> dict[str, Any]:
    """One page of ``rows`` in ascending order of ``key``, a unique integer that never changes.

    Raises:
        Invalid: the cursor is not one of this list.
    """
    if paging.cursor:
        rows = rows.filter(**{f"{key}__gt": _read(request, paging.cursor)})
    found = list(rows.order_by(key)[: paging.limit + 1])
    shown = found[: paging.limit]
    following = _address(request, getattr(shown[-1], key)) if len(found) > paging.limit else None
    return {"items": [show(row) for row in shown], "next": following}


def _read(request: HttpRequest, cursor: str) -> int:
    try:
        last = signing.loads(cursor, salt=_salt(request))
    except (signing.BadSignature, ValueError):
        last = None
    if not isinstance(last, int):
        raise Invalid(_("This cursor is not one of this list. Start again without it."), field="cursor")
    return last


def _address(request: HttpRequest, last: int) -> str:
    query = request.GET.copy()
    query["cursor"] = signing.dumps(last, salt=_salt(request))
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def _salt(request: HttpRequest) -> str:
    return f"api.cursor:{request.path}"
