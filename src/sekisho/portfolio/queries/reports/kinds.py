"""Which reports there are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from sekisho.errors import Message
from sekisho.people.roles import Actor
from sekisho.portfolio.documents import Document
from sekisho.portfolio.queries.reports import annual, book, bureau, gate


@dataclass(frozen=True)
class ReportKind:
    """A kind of report: its name in addresses, its title, the address's parameters it heeds, and how it is read.

    ``about`` names what it is of: a code, a number, or "" for all. ``find(actor, about)`` raises NotFound for what
    this person may not see, and so does ``read(actor, about, asked)``, which ``asked`` narrows.
    """

    name: str
    title: Message
    params: tuple[str, ...]
    read: Callable[[Actor, str, QueryDict], Document]
    find: Callable[[Actor, str], object] | None = None


KINDS: Mapping[str, ReportKind] = {
    kind.name: kind
    for kind in (
        ReportKind("book", _("Report of the book"), (), book.document, book.find),
        ReportKind("gate", _("Dossier of the gate"), (), gate.document, gate.find),
        ReportKind(
            "bureau", _("Quarterly report"), ("year", "quarter", "tier"), bureau.document, bureau.readable
        ),
        ReportKind("annual", _("Annual report"), ("org", "tier", "year"), annual.document),
    )
}
