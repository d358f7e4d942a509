"""What the sanitizer makes of Word, Excel and PowerPoint files, held against the schemas of the standard.

Run with ``.venv/bin/python benchmarks/schemas.py SCHEMAS FOLDER...``. ``SCHEMAS`` is a folder with the XSD files of ECMA-376
(transitional), as the standard or Apache POI's sources bring them. Told are the errors of the new file that its source has
not, most frequent first: an element out of its order or an empty list makes Office call a file damaged.
"""

import argparse
import io
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from lxml import etree

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.formats.ooxml.kinds import FOLDERS

_XSD, _XML = "http://www.w3.org/2001/XMLSchema", "http://www.w3.org/XML/1998/namespace"
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_TYPES = ("docx", "docm", "dotx", "xlsx", "xlsm", "xltx", "pptx", "pptm", "potx", "ppsx")
#: those that bring the vocabulary of others (Dublin Core, XML signatures) along
_LEFT_OUT = ("coreProperties", "digSig")
_NUMBER = re.compile(r"'-?[\d.]+'|\d+")


def schema(folder: Path) -> etree.XMLSchema:
    """All schemas as one. libxml2 reads one file a namespace, and the standard has many: these are joined first."""
    roots: dict[str, list[Any]] = defaultdict(list)
    for path in sorted(folder.glob("*.xsd")):
        if not any(part in path.name for part in _LEFT_OUT):
            root = etree.parse(path).getroot()
            roots[root.get("targetNamespace")].append(root)
    names = {namespace: f"{number}.xsd" for number, namespace in enumerate(roots)}
    with TemporaryDirectory() as joined:
        for namespace, parts in roots.items():
            etree.ElementTree(_joined(namespace, parts, names)).write(Path(joined, names[namespace]))
        types = "".join(f'<attribute name="{name}" type="string"/>' for name in ("lang", "space"))
        Path(joined, "xml.xsd").write_text(
            f'<schema xmlns="{_XSD}" targetNamespace="{_XML}">{types}</schema>', encoding="utf-8"
        )
        whole = etree.Element(f"{{{_XSD}}}schema")
        for namespace, name in names.items():
            etree.SubElement(whole, f"{{{_XSD}}}import", namespace=namespace, schemaLocation=name)
        place = Path(joined, "all.xsd")
        etree.ElementTree(whole).write(place)
        return etree.XMLSchema(file=place)


def _joined(namespace: str, parts: list[Any], names: dict[str, str]) -> Any:
    prefixes = {prefix: uri for part in parts for prefix, uri in part.nsmap.items()}
    whole = etree.Element(f"{{{_XSD}}}schema", nsmap=prefixes, targetNamespace=namespace)
    whole.attrib.update({name: value for part in parts for name, value in part.attrib.items()})
    needed = {entry.get("namespace") for part in parts for entry in part.findall(f"{{{_XSD}}}import")}
    for other in sorted(needed - {namespace}):
        location = names.get(other, "xml.xsd")
        etree.SubElement(whole, f"{{{_XSD}}}import", namespace=other, schemaLocation=location)
    brought = {f"{{{_XSD}}}import", f"{{{_XSD}}}include"}
    whole.extend(
        [
            entry
            for part in parts
            for entry in part.iter("*")
            if entry.getparent() is part and entry.tag not in brought
        ]
    )
    return whole


def errors(data: bytes, wanted: etree.XMLSchema) -> Iterator[str]:
    """What the schemas object to, the figures left out so that the same errors count as one."""
    # a source may be damaged where ours is not
    parser = etree.XMLParser(resolve_entities=False, huge_tree=True, recover=True)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if not name.endswith(".xml") or name.partition("/")[0] not in FOLDERS.values():
                continue
            root = etree.fromstring(package.read(name), parser)
            _settle_compatibility(root)
            wanted.validate(etree.fromstring(etree.tostring(root), parser))
            kind = _NUMBER.sub("", name.rpartition("/")[2])
            yield from (f"{kind}: {_NUMBER.sub('#', error.message)[:300]}" for error in wanted.error_log)


def _settle_compatibility(root: Any) -> None:
    """Read it as a program of the first edition does: without what it may ignore, and by the fallbacks."""
    ignored = set()
    for element in root.iter("*"):
        told = element.attrib.pop(f"{{{_COMPATIBILITY}}}Ignorable", "")
        ignored |= {element.nsmap.get(prefix) for prefix in told.split()}
    for choice in list(root.iter(f"{{{_COMPATIBILITY}}}AlternateContent")):
        parent, fallback = choice.getparent(), choice.find(f"{{{_COMPATIBILITY}}}Fallback")
        place = parent.index(choice)
        parent[place : place + 1] = [] if fallback is None else list(fallback)
    for element in list(root.iter("*")):
        if etree.QName(element).namespace in ignored and element.getparent() is not None:
            element.getparent().remove(element)
        for attribute in [name for name in element.attrib if etree.QName(name).namespace in ignored]:
            del element.attrib[attribute]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("schemas", type=Path)
    parser.add_argument("folders", nargs="+", type=Path)
    options = parser.parse_args()
    wanted = schema(options.schemas)
    found: Counter[str] = Counter()
    example: dict[str, str] = {}
    files = with_new = 0
    for path in (path for folder in options.folders for path in sorted(folder.rglob("*"))):
        if path.suffix[1:].lower() not in _TYPES:
            continue
        result = sanitize(path, name=path.name)
        if not result.is_clean or result.method != "rebuilt" or not zipfile.is_zipfile(path):
            continue  # a locked one is no package
        new = set(errors(result.output or b"", wanted))
        new -= set(errors(path.read_bytes(), wanted)) if new else set()
        files, with_new = files + 1, with_new + bool(new)
        found.update(new)
        example |= dict.fromkeys(new, path.name)
    print(f"{files} files, {with_new} with an error that the source has not")
    for error, count in found.most_common():
        print(f"{count:5} {error} | {example[error]}")


if __name__ == "__main__":
    main()
