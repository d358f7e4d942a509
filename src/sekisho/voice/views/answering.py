"""The public page of a survey: light, without scripts needed, and without remembering who came."""

import json
import random
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from sekisho.errors import NotFound, NotPermitted, SekishoError
from sekisho.people.limits import source_of, tell_wait
from sekisho.people.throttle import Throttle
from sekisho.voice.conditions import condition_words
from sekisho.voice.definition import Checked, Definition, Kind, Question, ShowIf
from sekisho.voice.definition.conditions import to_document
from sekisho.voice.models import Wave
from sekisho.voice.services import answering as service
from sekisho.voice.services import halves
from sekisho.voice.words import KANO, SATISFACTION, SUS_ITEMS

#: nobody reads and answers faster than this
LEAST_SECONDS = 2
_SALT = "voice.answer"
_YEAR = 365 * 24 * 3600
#: how long a page may stand open, in seconds
_OPEN = 7 * 24 * 3600
#: a whole office may answer through one address
SENDINGS = Throttle("answers", requests=3000, seconds=60)
KEEPINGS = Throttle("half-answers", requests=600, seconds=60)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str, code: str = "") -> HttpResponse:
    """Ask, take what is sent, and say thanks. What cannot be taken comes back with everything entered. Who answered with
    their name may take it back (``withdraw``), also when the survey is over."""
    wave = None
    try:
        wave = (service.wave_to_answer if request.method == "POST" else service.open_wave_of)(token)
        if "withdraw" in request.POST:
            return _withdrawn(request, wave)
        service.require_open(wave)
        service.require_unused(wave, user=request.user, code=code)
    except SekishoError as error:
        return _closed(request, wave, error)
    if request.method == "POST":
        return _kept(request, wave) if "keep" in request.POST else _taken(request, wave, code)
    return _opened(request, wave)


def _closed(request: HttpRequest, wave: Wave | None, error: SekishoError) -> HttpResponse:
    """Why nothing can be answered here; who only has to sign in is asked to."""
    if isinstance(error, NotPermitted) and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    mine = wave is not None and service.has_named_answer(request.user, wave)
    context = {"message": str(error), "mine": mine}
    return render(request, "voice/answer_closed.html", context, status=error.status)


def _opened(request: HttpRequest, wave: Wave) -> HttpResponse:
    """The questions, with what was kept under a link (``?kept=``); a word first to who has answered before."""
    if (
        wave.access == Wave.Access.LINK
        and _cookie(wave.token) in request.COOKIES
        and "again" not in request.GET
    ):
        return render(request, "voice/answer_again.html", {"wave": wave, "survey": wave.survey})
    if "kept" not in request.GET:
        return _drawn(request, wave)
    half = halves.opened(wave, request.GET["kept"])
    if half is None:
        gone = _("What was kept under this link is no longer there. Please answer from the beginning.")
        return _drawn(request, wave, message=gone)
    return _drawn(request, wave, {**half, "kept": [request.GET["kept"]]})


def _withdrawn(request: HttpRequest, wave: Wave) -> HttpResponse:
    if not service.withdraw_response(request.user, wave):
        raise NotFound(_("There is no answer with your name here."))
    said = _("Your answer was taken back: nothing of it is kept, and the totals follow.")
    return render(request, "voice/answer_closed.html", {"message": said})


def _kept(request: HttpRequest, wave: Wave) -> HttpResponse:
    """Keep what was entered so far and lead to the link under which it can be finished."""
    given = {name: request.POST.getlist(name) for name in request.POST}
    try:
        KEEPINGS.count(f"{wave.pk}:{source_of(request)}")
        if request.POST.get("address"):
            return _drawn(request, wave, given, message=_hurried(request), status=422)
        code = halves.keep(wave, given, request.POST.get("kept", ""))
    except SekishoError as error:
        return _refused(request, wave, given, error)
    return redirect(f"{request.path}?{urlencode({'kept': code})}")


def _taken(request: HttpRequest, wave: Wave, code: str) -> HttpResponse:
    given = {name: request.POST.getlist(name) for name in request.POST}
    try:
        if wave.access == Wave.Access.LINK:  # the others answer once each
            SENDINGS.count(f"{wave.token}:{source_of(request)}")
        if hurried := _hurried(request):
            return _drawn(request, wave, given, message=hurried, status=422)
        place = request.POST.get("p", "").replace("\x00", "")
        checked = service.submit(
            wave, given, user=request.user, code=code, place=place, language=(get_language() or "ja")[:2]
        )
    except SekishoError as error:
        return _refused(request, wave, given, error)
    if not checked.is_whole:
        return _drawn(request, wave, given, checked, status=422)
    halves.forget(wave, request.POST.get("kept", ""))
    return _thanked(request, wave.token, reverse("voice:answer_thanks", args=[wave.token]))


def _refused(
    request: HttpRequest, wave: Wave, given: dict[str, list[str]], error: SekishoError
) -> HttpResponse:
    return tell_wait(_drawn(request, wave, given, message=str(error), status=error.status), error)


def taken_plainly(request: HttpRequest, token: str) -> HttpResponse | None:
    """Take what a person whom nobody knows sends to a link that everyone may answer, with the fewest steps (ADR 0034).
    None, and nothing is taken, when anything is not plain: the whole way of `answer` then says what is wrong.
    """
    if any(request.POST.get(name) for name in ("keep", "kept", "withdraw")) or _hurried(request):
        return None
    SENDINGS.count(f"{token}:{source_of(request)}")
    given = {name: request.POST.getlist(name) for name in request.POST}
    place = request.POST.get("p", "").replace("\x00", "")
    language = get_language_from_request(request)[:2]
    if not service.take_plainly(token, given, place=place, language=language):
        return None
    response = _thanked(request, token, f"{request.path}thanks/")
    response["Cache-Control"] = "no-store, private"
    response["Content-Length"] = "0"  # without it a server sends the end of the answer in a piece of its own
    return response


def _thanked(request: HttpRequest, token: str, address: str) -> HttpResponse:
    """Lead to the thanks, and remember in the browser alone that it has answered."""
    response = HttpResponseRedirect(address)
    response.set_cookie(
        _cookie(token), "1", max_age=_YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response


def _cookie(token: str) -> str:
    return f"answered-{token}"


def _hurried(request: HttpRequest) -> str:
    """Why this looks like a machine; empty when it does not. A field that people do not see must stay empty."""
    if request.POST.get("address"):
        return _("This could not be sent. Leave the last field empty.")
    try:
        begun = signing.loads(request.POST.get("begun", ""), salt=_SALT, max_age=_OPEN)
    except signing.BadSignature:
        return _("This page was open for too long. Please send it once more.")
    return _("That was very fast. Please send it once more.") if time.time() - begun < LEAST_SECONDS else ""


def _begun(request: HttpRequest) -> str:
    """When this person opened the page, signed: also on a page that came back to be mended, which may be sent at once."""
    said = request.POST.get("begun", "")
    try:
        signing.loads(said, salt=_SALT, max_age=_OPEN)
    except signing.BadSignature:
        return signing.dumps(int(time.time()), salt=_SALT)
    return said


@dataclass(frozen=True)
class Item:
    """One line of controls: its field name, its words, the choices offered, and what is entered."""

    name: str
    words: str
    choices: list[tuple[str, str]] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def is_row(self) -> bool:
        """Whether the choices are short enough to stand in a row: bare numbers."""
        return all(words.isdecimal() for _value, words in self.choices)


@dataclass(frozen=True)
class Asked:
    """A question as the page shows it; ``after`` says when it is asked: the answers of one question
    (``is_one``) or a condition in words; ``when`` says it to the page's script."""

    question: Question
    title: str
    help: str
    items: list[Item]
    error: str
    after: str
    is_one: bool
    when: str

    @property
    def is_group(self) -> bool:
        """Whether it asks several things under one heading."""
        return self.question.kind in (Kind.MATRIX, Kind.RANKING, Kind.KANO, Kind.SUS)

    @property
    def control(self) -> str:
        """The type of its controls."""
        kinds = {Kind.MULTIPLE: "checkbox", Kind.RANKING: "select"}
        return kinds.get(self.question.kind, "radio")


def _drawn(
    request: HttpRequest,
    wave: Wave,
    given: dict[str, list[str]] | None = None,
    checked: Checked | None = None,
    *,
    message: str = "",
    status: int = 200,
) -> HttpResponse:
    definition, given, language = Definition.from_document(wave.document), given or {}, get_language() or "ja"
    problems = {
        name: _(text) % params for name, (text, params) in (checked.problems if checked else {}).items()
    }
    if problems and not message:
        message = _("Something needs mending below. Nothing you entered is lost.")
    context = {
        "wave": wave,
        "survey": wave.survey,
        "intro": definition.intro.get(language),
        "sections": _sections(definition, given, problems, language),
        "message": message,
        "problems": problems,
        "begun": _begun(request),
        "place": given.get("p", [request.GET.get("p", "")])[-1][:100],
        **_keeping(request, given),
    }
    return render(request, "voice/answer.html", context, status=status)


def _sections(
    definition: Definition, given: dict[str, list[str]], problems: dict[str, str], language: str
) -> list[tuple[str, list[Any]]]:
    """Title and questions of each section, with what was entered and what is wrong with it."""
    return [
        (
            section.title.get(language),
            [_asked(definition, question, given, problems, language) for question in section.questions],
        )
        for section in definition.sections
    ]


def _keeping(request: HttpRequest, given: halves.Given) -> dict[str, Any]:
    """What the page says of a half answer: its code, the link that opens it again, and until when."""
    code = given.get("kept", [""])[-1][:100]
    link = request.build_absolute_uri(f"{request.path}?{urlencode({'kept': code})}") if code else ""
    return {"kept": code, "link": link, "until": halves.last_day()}


def _asked(
    definition: Definition,
    question: Question,
    given: dict[str, list[str]],
    problems: dict[str, str],
    language: str,
) -> Asked:
    shown, name = question.show_if, f"q-{question.code}"
    return Asked(
        question=question,
        title=question.title.get(language),
        help=question.help.get(language),
        items=[
            Item(item, words, choices, given.get(item, []), problems.get(item, ""))
            for item, words, choices in _items(question, name, language)
        ],
        error=problems.get(name, ""),
        after=condition_words(definition, shown, language, short=True) if shown else "",
        is_one=isinstance(shown, ShowIf),
        when=json.dumps(to_document(shown)) if shown else "",
    )


def _items(question: Question, name: str, language: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """(field, words, choices) of each line of controls that a question has."""
    choices = [(one.code, one.title.get(language)) for one in question.choices]
    if question.random and question.kind != Kind.MATRIX:
        random.shuffle(choices)
    if question.kind in (Kind.SINGLE, Kind.MULTIPLE):
        return [(name, "", choices)]
    if question.kind == Kind.RANKING:
        places = range(1, question.places + 1)
        return [(f"{name}-{n}", _("Place %(number)d") % {"number": n}, choices) for n in places]
    if question.kind == Kind.MATRIX:
        rows = random.sample(question.rows, len(question.rows)) if question.random else question.rows
        return [(f"{name}-{row.code}", row.title.get(language), choices) for row in rows]
    if question.kind == Kind.SATISFACTION:
        return [(name, "", [(str(n), str(word)) for n, word in enumerate(SATISFACTION, 1)])]
    if question.bounds:
        least, most = question.bounds
        return [(name, "", [(str(n), str(n)) for n in range(least, most + 1)])]
    if question.kind == Kind.SUS:
        five = [(str(n), str(n)) for n in range(1, 6)]
        return [(f"{name}-{n}", str(words), five) for n, words in enumerate(SUS_ITEMS, 1)]
    if question.kind == Kind.KANO:
        return _pairs(question, name, language)
    return [(name, "", [])]


def _pairs(question: Question, name: str, language: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    five = [(str(n), str(word)) for n, word in enumerate(KANO, 1)]
    lines = []
    for feature in question.choices:
        said = {"feature": feature.title.get(language)}
        lines.append(
            (f"{name}-{feature.code}-f", _("“%(feature)s”: how do you feel if it is so?") % said, five)
        )
        lines.append(
            (f"{name}-{feature.code}-d", _("“%(feature)s”: how do you feel if it is not so?") % said, five)
        )
        if question.importance:
            nine = [(str(n), str(n)) for n in range(1, 10)]
            lines.append((f"{name}-{feature.code}-i", _("How important is it? (1 to 9)"), nine))
    return lines


@login_not_required
@never_cache
@require_GET
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """Thank whoever answered."""
    try:
        wave = service.open_wave_of(token)
    except SekishoError as error:
        return render(request, "voice/answer_closed.html", {"message": str(error)}, status=error.status)
    words: Any = Definition.from_document(wave.document).thanks.get(get_language() or "ja")
    return render(request, "voice/answer_thanks.html", {"wave": wave, "survey": wave.survey, "thanks": words})
