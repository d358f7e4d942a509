"""Drawings within web pages are drawn to pictures; what acts or loads in them never happens."""

import base64
import io
import re

import pytest
from PIL import Image

from sekisho.sanitizer import sanitize

NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'
CHART = '<svg width="200" height="100" aria-label="棒&quot;グラフ"><rect width="100" height="100" fill="#f00"/></svg>'


def rebuilt(body, policy="inbound"):
    result = sanitize(f"<!doctype html><p>前</p>{body}<p>後</p>".encode(), policy, name="a.html")
    assert (result.status, result.method) == ("clean", "rebuilt")
    page = result.output.decode()
    assert "<p>前</p>" in page
    assert "<p>後</p>" in page
    return page, {removal.code for removal in result.report.removed}


def pictures(page):
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    return [Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA") for data in found]


def test_a_drawing_is_seen_where_it_stood_in_its_size_and_under_its_name():
    page, codes = rebuilt(CHART)
    (picture,) = pictures(page)
    across, down = picture.size
    assert across == 2 * down
    assert picture.getpixel((across // 4, down // 2)) == (255, 0, 0, 255)
    assert picture.getpixel((across * 3 // 4, down // 2))[3] == 0
    assert 'width="200" height="100" alt="棒&quot;グラフ"' in page
    assert page.index("前") < page.index("<img") < page.index("後")
    assert codes == {"html.drawing_drawn"}
    assert sanitize(page.encode(), "inbound", name="a.html").output.decode() == page


@pytest.mark.parametrize(
    "address",
    [
        "data:image/svg+xml;base64," + base64.b64encode(CHART.replace("<svg", f"<svg {NAMESPACE}").encode()).decode(),
        "data:image/svg+xml;charset=utf-8,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'%3E"
        "%3Crect width='9' height='9' fill='%23f00'/%3E%3C/svg%3E",
    ],
)  # fmt: skip
def test_a_picture_that_is_a_drawing_is_drawn_too(address):
    page, _codes = rebuilt(f'<img src="{address}">')
    (picture,) = pictures(page)
    assert picture.getpixel((2, 2)) == (255, 0, 0, 255)


@pytest.mark.parametrize(
    "body",
    [
        f"<!-- <svg> -->{CHART}",
        f"<script>'<svg>'</script>{CHART}",
        f"<svg width=9><p>no XML</svg>{CHART}",
        CHART.replace("<rect", "<title>売上&nbsp;&amp;&nbsp;利益</title><rect"),
        CHART.replace("<rect", "<svg><path/></svg><rect")
        .replace("<svg", "<SVG", 1)
        .replace("</svg>", "</SVG>"),
    ],
)
def test_what_stands_around_and_within_does_not_matter(body):
    page, _codes = rebuilt(body)
    assert len(pictures(page)) == (0 if "<SVG" in body else 1)


@pytest.mark.parametrize(
    "body",
    [
        '<svg style="display:none"><symbol id="a"><path d="M0 0h9v9z"/></symbol></svg>',
        '<svg viewBox="0 0 24 24"><use xlink:href="#elsewhere"/></svg>',
        "<svg></svg>",
        "<svg>",
        "</svg>",
        '<img src="data:image/svg+xml;base64,%%%">',
        '<img src="data:image/svg+xml,&lt;svg">',
    ],
)
def test_what_shows_nothing_leaves_no_picture(body):
    page, _codes = rebuilt(body)
    assert "<img src" not in page


@pytest.mark.parametrize(
    "inside",
    [
        '<script>MARKER</script>',
        '<image href="http://127.0.0.1/MARKER.png" width="9" height="9"/>',
        '<image xlink:href="file:///etc/passwd#MARKER" width="9" height="9"/>',
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="MARKER"/></foreignObject>',
        '<a href="javascript:MARKER"><text>x</text></a>',
        '<style>@import url(http://127.0.0.1/MARKER.css);</style>',
        '<rect onclick="MARKER" width="5" height="5"/>',
        '<set attributeName="href" to="javascript:MARKER"/>',
        '"><img src=x onerror=MARKER>',
    ],
)  # fmt: skip
def test_nothing_of_what_acts_or_loads_is_left(inside):
    page, _codes = rebuilt(CHART.replace("</svg>", f"{inside}</svg>"))
    assert "MARKER" not in page
    assert "127.0.0.1" not in page


def test_the_pixels_of_all_drawings_of_a_page_have_one_limit():
    huge = '<svg width="30000" height="30000"><rect width="30000" height="30000" fill="#00f"/></svg>'
    page, _codes = rebuilt(huge * 3)
    assert sum(width * height for width, height in (one.size for one in pictures(page))) <= 16_100_000


def test_a_letter_shows_its_drawings():
    letter = f"From: a@example.jp\nTo: b@example.jp\nSubject: a\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<p>前</p>{CHART}".encode()
    result = sanitize(letter, "inbound", name="a.eml")
    assert result.status == "clean"
    assert "html.drawing_drawn" in {removal.code for removal in result.report.removed}


def test_the_pictures_of_a_page_that_are_drawings_are_not_drawn_without_end():
    drawing = base64.b64encode(CHART.replace("<svg", f"<svg {NAMESPACE}").encode()).decode()
    page, _codes = rebuilt(f"<img src='data:image/svg+xml;base64,{drawing}'>" * 300)
    assert len(pictures(page)) == 200
