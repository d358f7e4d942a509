"""The places of the left rail. Only config knows every app, so the list stands here."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from sekisho.people.permissions import actor_of


@dataclass(frozen=True)
class Place:
    """One entry of the rail."""

    label: str
    url: str
    icon: str
    current: bool


_PLACES = (
    ("work", "book:my_work", _("My work")),
    ("book", "book:registry", _("Registry")),
    ("gate", "book:gates", _("Gates")),
    ("voice", "voice:tests", _("Voice of users")),
    ("portfolio", "portfolio:overview", _("Portfolio")),
    ("sharing", "sharing:catalogue", _("Common platforms")),
    ("transfer", "gateway:transfers", _("Transfers")),
    ("standard", "standards:packs", _("Standards")),
    ("import", "intake:imports", _("Import")),
    ("people", "people:administration", _("Administration")),
)


def places(request: HttpRequest) -> dict[str, list[Place]]:
    """Context: ``places`` for the rail, those this person can use."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"places": []}
    hidden = hidden_names(request)
    found = [(name, icon, label, _reverse(name)) for icon, name, label in _PLACES if name not in hidden]
    current = max((url for *_rest, url in found if _lies_under(request.path, url)), key=len, default="")
    return {
        "places": [Place(str(label), url, icon, url == current) for _name, icon, label, url in found if url]
    }


def _lies_under(path: str, url: str) -> bool:
    return path == url if url == "/" else bool(url) and path.startswith(url)


def hidden_names(request: HttpRequest) -> set[str]:
    """Names of places this person has no use for."""
    actor = actor_of(request.user)
    hidden = set()
    if not actor.may_administer:
        hidden.add("people:administration")
    if not actor.may_import:
        hidden.add("intake:imports")
    return hidden


def _reverse(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
