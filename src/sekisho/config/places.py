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


#: the parts of a place with an address of their own: a place counts as current on their pages too
_PARTS = {"book:registry": ("intake:imports",), "book:gates": ("standards:packs",)}

_PLACES = (
    ("work", "book:my_work", _("My work")),
    ("book", "book:registry", _("Registry")),
    ("gate", "book:gates", _("Gates")),
    ("voice", "voice:tests", _("Voice of users")),
    ("portfolio", "portfolio:overview", _("Portfolio")),
    ("sharing", "sharing:catalogue", _("Common platforms")),
    ("transfer", "gateway:transfers", _("Transfers")),
    ("people", "people:administration", _("Administration")),
)


def places(request: HttpRequest) -> dict[str, list[Place]]:
    """Context: ``places`` for the rail, those this person can use."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"places": []}
    found = [one for one in _PLACES if one[1] != "people:administration" or actor_of(user).may_administer]
    spans = {name: [_reverse(one) for one in (name, *_PARTS.get(name, ()))] for _icon, name, _label in found}
    under = [
        (len(url), name) for name, urls in spans.items() for url in urls if _lies_under(request.path, url)
    ]
    current = max(under)[1] if under else ""
    return {
        "places": [
            Place(str(label), spans[name][0], icon, name == current)
            for icon, name, label in found
            if spans[name][0]
        ]
    }


def _lies_under(path: str, url: str) -> bool:
    return path == url if url == "/" else bool(url) and path.startswith(url)


def _reverse(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
