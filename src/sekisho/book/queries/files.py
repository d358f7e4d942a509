"""Reads of a book's files: who may see one, and what the sanitizer said of it, in words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, gettext, gettext_lazy, pgettext_lazy

from sekisho.book.models import Attachment, CleanCopy
from sekisho.people.roles import Actor
from sekisho.sanitizer.results import LOCKED

#: codes of files within a file that did not pass (why: ``detail``)
MEMBERS = {"mail.attachment_refused", "archive.member_refused"}
#: how a clean copy came about
METHODS: Mapping[str, Any] = {
    "rebuilt": gettext_lazy("Rebuilt from its content"),
    "pixel": gettext_lazy("Drawn anew as pictures, the text laid over them"),
    "text": gettext_lazy("Written anew as plain text"),
    "reauthored": gettext_lazy("Rebuilt with the content the policy lets through"),
}
_PIXELS = gettext_lazy("Drawn anew from its pixels")
_PLACES: Mapping[str, Any] = {
    "page": gettext_lazy("page"),
    "sheet": gettext_lazy("sheet"),
    "cell": gettext_lazy("cell"),
    "slide": gettext_lazy("slide"),
    "line": gettext_lazy("line"),
    "column": gettext_lazy("column"),
    "member": gettext_lazy("file inside"),
    "part": pgettext_lazy("of a file", "part"),
}


def made_how(method: str, name: str) -> Any:
    """How a clean copy under this name came about, in words: only pages have text over their pictures."""
    return _PIXELS if method == "pixel" and not name.endswith(".pdf") else METHODS.get(method, "")


@dataclass(frozen=True)
class Line:
    """One line of a report: what happened, where, and how often."""

    words: str
    where: str
    count: int


def seen_file(actor: Actor, pk: int) -> Attachment | None:
    """A file of a book one may read, with its copy; None when there is no such file or it is not to be seen."""
    found = Attachment.objects.select_related("project__owner", "uploaded_by", "clean").filter(pk=pk).first()
    if found is None:
        return None
    project = found.project
    return found if actor.may("read", path=project.owner.path, project_id=project.pk) else None


def lines(copy: CleanCopy) -> list[Line]:
    """The report's lines in the reader's language; those that read the same are one."""
    times: Counter[tuple[str, str]] = Counter()
    for entry in copy.removed:
        times[spoken(entry["words"]), _where(entry["where"])] += entry["count"]
    return [Line(words, where, count) for (words, where), count in times.items()]


def spoken(words: Mapping[str, str]) -> str:
    """The words of a report in the reader's language."""
    return words["en" if (get_language() or "").startswith("en") else "ja"]


def is_locked(copy: CleanCopy) -> bool:
    """Whether a password kept the sanitizer out: the same file is refused again however often it is tried."""
    return bool(copy.refusal) and copy.refusal.get("code") in LOCKED


def refusal_of(copy: CleanCopy) -> str:
    """Why a file has no copy. The sanitizer's words ask for the password, which books take from nobody."""
    if is_locked(copy):
        return gettext("It is protected by a password, so what is in it cannot be checked.")
    return spoken(copy.refusal["words"]) if copy.refusal else ""


def _where(where: Mapping[str, Any]) -> str:
    return " · ".join(f"{_PLACES[key]} {value}" for key, value in where.items() if key in _PLACES)


def locked_in(removed: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of files within a file that did not pass for want of a password, by the kept lines of its report."""
    return [
        str(line["where"].get("member", ""))
        for line in removed
        if line["code"] in MEMBERS and line.get("detail") in LOCKED
    ]
