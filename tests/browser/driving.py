"""Driving a real browser: one Chromium, signed-in contexts, accessibility checks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, Page, sync_playwright

#: playwright keeps an event loop in this thread, which Django would take for asynchronous code
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The Chromium named by SEKISHO_TEST_BROWSER."""
    path = os.environ.get("SEKISHO_TEST_BROWSER", "/usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def session_of(person: Any) -> str:
    """A session in which the person is signed in."""
    store = SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return store.session_key


def open_page(
    browser: Browser, base: str, person: Any, *, language: str = "en", width: int = 1280, dark: bool = False
) -> Page:
    """A page of a person in a language and width. What its console complains about is kept in ``page.complaints``."""
    context = browser.new_context(
        base_url=base,
        locale=language,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
    )
    cookies = [{"name": "django_language", "value": language, "url": base}]
    if person is not None:
        cookies.append({"name": settings.SESSION_COOKIE_NAME, "value": session_of(person), "url": base})
    context.add_cookies(cookies)
    page = context.new_page()
    page.complaints = []
    page.on(
        "console", lambda message: page.complaints.append(message.text) if message.type == "error" else None
    )
    return page


def faults(page: Page) -> list[str]:
    """What is wrong with a page as shown: axe violations, sideways scrolling, complaints of the console."""
    found = [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in Axe().run(page).response["violations"]]
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if overflow > 0:
        found.append(f"scrolls sideways by {overflow} px")
    return found + list(page.complaints)
