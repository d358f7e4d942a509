"""The change feed as Atom (RFC 4287); what is no longer published as deleted entries (RFC 6721). Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from sekisho.portfolio.public.catalogue import xml_text

NAMESPACES = 'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'


@dataclass(frozen=True)
class Change:
    """One line about a service, in words; of a ``withdrawn`` one nothing is said but its code.

    All lines about one service carry its address as their id: they are one entry, at different times.
    """

    code: str
    at: dt.datetime
    withdrawn: bool = False
    title: str = ""
    summary: str = ""


@dataclass(frozen=True)
class Feed:
    """A feed in one language; ``words`` has title, subtitle and publisher."""

    base: str
    language: str
    updated: dt.datetime
    words: Mapping[str, str]
    licence: str

    @property
    def address(self) -> str:
        return f"{self.base}/public/{self.language}/changes.atom"


def atom(feed: Feed, changes: Iterable[Change]) -> str:
    """The feed with these changes, newest first."""
    home = f"{feed.base}/public/{feed.language}/"
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f"<feed {NAMESPACES} xml:lang={quoteattr(feed.language)}>",
        f"<id>{_text(feed.address)}</id>",
        f"<title>{_text(feed.words['title'])}</title>",
        f"<subtitle>{_text(feed.words['subtitle'])}</subtitle>",
        f"<updated>{moment(feed.updated)}</updated>",
        f"<author><name>{_text(feed.words['publisher'])}</name></author>",
        f"<rights>{_text(feed.licence)}</rights>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(feed.address)}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(home)}/>',
    ]
    lines += [_withdrawn(feed, one) if one.withdrawn else _entry(feed, one) for one in changes]
    return "\n".join([*lines, "</feed>", ""])


def _entry(feed: Feed, change: Change) -> str:
    page = f"{feed.base}/public/{feed.language}/services/{change.code}/"
    data = f"{feed.base}/public/data/services/{change.code}.json"
    return (
        f"<entry><id>{_text(page)}</id><title>{_text(change.title)}</title>"
        f"<updated>{moment(change.at)}</updated><summary>{_text(change.summary)}</summary>"
        f'<link rel="alternate" type="text/html" href={quoteattr(page)}/>'
        f'<link rel="related" type="application/json" href={quoteattr(data)}/></entry>'
    )


def _withdrawn(feed: Feed, change: Change) -> str:
    page = f"{feed.base}/public/{feed.language}/services/{change.code}/"
    return f"<at:deleted-entry ref={quoteattr(page)} when={quoteattr(moment(change.at))}/>"


def moment(at: dt.datetime) -> str:
    """RFC 3339 in UTC."""
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _text(text: str) -> str:
    return escape(xml_text(text))
