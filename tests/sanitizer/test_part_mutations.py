"""Office files under mutation, part by part: of every damaged file comes a verified one or a refusal with a code.

What `test_promise` does to bytes is done here to the meaning: elements and attributes of a package that still opens.
`make fuzz` tries many more.
"""

import copy
import io
import os
import random
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.verify import find_complaint
from sekisho.sanitizer.words import all_words

from .test_promise import SEEDS as WHOLE

_EXAMPLES = int(os.environ.get("SEKISHO_FUZZ_EXAMPLES", "12"))
_REBUILT = Policy.from_dict(
    {"name": "objects", "methods": {"word": "rebuilt", "sheet": "rebuilt", "slides": "rebuilt"}}
)
MARKER = "urn:never-seen-before"
_VALUES = (
    "", "0", "-1", "99999999999999999999", "NaN", "1e309", "true", "#REF!", "../x", "javascript:alert(1)",
    "\\\\evil\\share", "A1:XFD1048576", "ZZZZ99999", "٣", "x" * 5000, "=cmd|'/c'!A0", "rId1", "FFFFFFFF",
)  # fmt: skip


def _workbook() -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet, form = book.add_worksheet("一覧"), book.add_format({"num_format": "#,##0;[Red]△#,##0"})
        for row in range(5):
            sheet.write(row, 0, f"項目{row}")
            sheet.write_number(row, 1, row * 1234.5, form)
            sheet.write_formula(row, 2, f"=SUM(B1:B{row + 1})", form, row)
        sheet.merge_range("F1:H2", "結合", form)
        sheet.conditional_format("B1:B5", {"type": "data_bar"})
        sheet.data_validation("E1:E5", {"validate": "list", "source": ["可", "否"]})
        sheet.write_comment("A1", "注")
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=一覧!$B$1:$B$5"})
        sheet.insert_chart("J10", chart)
    return out.getvalue()


SEEDS: dict[str, Callable[[], bytes]] = {kind: WHOLE[kind] for kind in ("docx", "xlsx", "pptx")} | {
    "workbook.xlsx": _workbook
}


def _changed(root: Any, source: random.Random) -> None:
    """One change of what the part says. ``ValueError`` and ``TypeError`` where XML cannot say it."""
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    element, other = source.choice(elements), source.choice(elements)
    parent = element.getparent()
    match source.randrange(10):
        case 0 if element.attrib:
            element.set(source.choice(list(element.attrib)), source.choice(_VALUES))
        case 1 if element.attrib:
            del element.attrib[source.choice(list(element.attrib))]
        case 2 if parent is not None:
            parent.remove(element)
        case 3 if parent is not None:
            for _time in range(source.choice((1, 50))):
                element.addnext(copy.deepcopy(element))
        case 4:
            element.append(copy.deepcopy(other))
        case 5:
            element.tag = other.tag
        case 6:
            for _depth in range(source.choice((5, 300))):
                element = etree.SubElement(element, other.tag)
        case 7:
            element.tag = f"{{{MARKER}}}x"
        case 8:
            element.set(f"{{{MARKER}}}a", "v")
            element.set("onLoad", MARKER)
        case _:
            element.text = source.choice(_VALUES)


def _damaged(data: bytes, source: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _time in range(source.choice((1, 1, 2, 3, 6))):
        name = source.choice([name for name in parts if name.endswith((".xml", ".rels", ".vml"))])
        root = etree.fromstring(parts[name], etree.XMLParser(huge_tree=True))
        _changed(root, source)
        parts[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    if source.random() < 0.1:
        parts[source.choice(list(parts))] = parts[source.choice(list(parts))]
    if source.random() < 0.1:
        del parts[source.choice(list(parts))]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


@pytest.mark.parametrize("name", SEEDS)
@settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_whatever_a_part_says_the_answer_is_clean_or_a_code(name: str, seed: int) -> None:
    kind = name.rpartition(".")[2]
    result = sanitize(_damaged(SEEDS[name](), random.Random(seed)), _REBUILT, name=f"a.{kind}")
    tried = {attempt.outcome for attempt in result.report.attempts} | {result.report.refusal}
    assert [code for code in tried if code and code.startswith(("engine.crashed", "verify."))] == []
    if result.output is None:
        assert result.report.refusal in all_words()
        return
    assert find_complaint(io.BytesIO(result.output), kind) is None
    with zipfile.ZipFile(io.BytesIO(result.output)) as archive:
        assert [part for part in archive.namelist() if MARKER.encode() in archive.read(part)] == []
