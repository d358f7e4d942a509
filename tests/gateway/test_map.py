"""The map as SVG, without a database."""

import re
import xml.etree.ElementTree as ET

from sekisho.gateway.networkmap import Box, Line, cut, draw


def test_300_systems_never_lie_over_one_another():
    boxes = [Box(n, f"システム{n}", n % 4, n % 7) for n in range(300)]
    lines = [
        Line(n, (n * 7 + 1) % 300, f"流れ{n}", bad=n % 9 == 0) for n in range(300) if n != (n * 7 + 1) % 300
    ]
    picture = draw(["a", "b", "c", "d"], [f"局{n}" for n in range(7)], boxes, lines, "図")
    root = ET.fromstring(picture.svg)
    space = "{http://www.w3.org/2000/svg}"
    found = [
        g.find(f"{space}rect") for g in root.iter(f"{space}g") if g.get("class", "").startswith("net-box")
    ]
    corners = [(int(r.get("x")), int(r.get("y")), int(r.get("width")), int(r.get("height"))) for r in found]
    assert len(corners) == 300
    for index, (x, y, w, h) in enumerate(corners):
        assert 0 < x < x + w < picture.width
        assert y + h < picture.height
        for x2, y2, w2, h2 in corners[index + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
    assert not re.search(r"style=|<script", picture.svg)


def test_names_are_escaped_and_cut_by_width():
    svg = draw(["<z>"], ["<r>"], [Box(1, "<script>", 0, 0)], [Line(1, 9, "nowhere")], "t").svg
    assert "<script>" not in svg
    assert cut("あいうえお", 6) == "あいう…"
    assert cut("abc", 6) == "abc"
    assert draw([], [], [], [], "t").svg.endswith("</svg>")
