"""Packages (ECMA-376-2): a ZIP archive read strictly and without trust, and a new one written beside it.

A package whose archive two readers could take for different things is refused: names that occur twice or differ
only in case, names that leave the package, local headers that contradict the directory, members that overlap.
"""

import html
import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO
from urllib.parse import unquote

from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.ooxml.xmlparts import parsed
from sekisho.sanitizer.results import Refused

#: how each part begins that is written as text
XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
LINK = f"{RELATIONS}hyperlink"
_STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships/"
_STRICT_PROPERTIES = {
    f"{RELATIONS}{word}Properties": f"{RELATIONS}{word}-properties" for word in ("extended", "custom")
}
_PACKAGE_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_LOCAL = struct.Struct("<4s5H3I2H")
_CHUNK = 1 << 16
_PIECE = 1 << 20
# Ratios above the policy's are normal for small parts (empty styled cells); below this size none can be a bomb.
_BOMB_FLOOR = 64 << 20
_ENCRYPTED, _MASKED = 1, 1 << 13


@dataclass(frozen=True)
class Relation:
    """``target`` is a part name for internal relations, the address for external ones.

    Of internal links that lead to a place in the same file it is ``#`` and the place.
    """

    id: str
    type: str
    target: str
    external: bool


class Source:
    """The package as received."""

    def __init__(self, job: Job) -> None:
        self.job = job
        job.source.seek(0, io.SEEK_END)
        self.size = job.source.tell()
        job.source.seek(0)
        try:
            self.archive = zipfile.ZipFile(job.source)
            checker = _Checker(job, self.archive, self.size)
            self._members, self._begins = checker.members(), checker.begins
        except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError, OSError) as error:
            raise job.broken() from error
        self._expanded = 0
        self._relations: dict[str, tuple[Relation, ...]] = {}
        self.defaults, self.overrides = self._content_types()

    def __contains__(self, part: str) -> bool:
        return part.lower() in self._members

    def names(self) -> list[str]:
        """Part names (lower case), without the packaging's own members."""
        return [name for name in self._members if not name.endswith(".rels") and not name.startswith("[")]

    def content_type(self, part: str) -> str:
        """Declared content type in lower case without parameters, or ''."""
        extension = part.rpartition(".")[2].lower()
        return self.overrides.get("/" + part.lower()) or self.defaults.get(extension, "")

    def size_of(self, part: str) -> int:
        """What a part says it expands to; it is never read any further."""
        return self._members[part.lower()].file_size

    def read(self, part: str) -> bytes:
        """A whole part, within the limits of the policy."""
        info = self._members[part.lower()]
        if info.compress_type != zipfile.ZIP_DEFLATED:
            with self.open(part) as stream:
                return stream.read()
        self.job.source.seek(self._begins[info.header_offset])
        packed = self.job.source.read(info.compress_size)
        try:
            data = b"".join(self._expanded_pieces(packed, info))
        except zlib.error as error:
            raise self.job.broken() from error
        if len(data) != info.file_size or zlib.crc32(data) != info.CRC:
            raise self.job.broken()
        return data

    def _expanded_pieces(self, packed: bytes, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """What a member expands to as far as it says it does, counted piece by piece."""
        inflate, read = zlib.decompressobj(-15), 0
        while read < info.file_size and not inflate.eof:
            piece = inflate.decompress(packed, min(_PIECE, info.file_size - read))
            if not piece and not inflate.unconsumed_tail:
                return
            packed, read = inflate.unconsumed_tail, read + len(piece)
            self.count(len(piece), read, max(info.compress_size, 1))
            yield piece

    def open(self, part: str) -> IO[bytes]:
        """A part as a stream that counts what it expands to. ``KeyError`` when there is none."""
        info = self._members[part.lower()]
        return io.BufferedReader(_Counted(self, self.archive.open(info), info.compress_size), _CHUNK)

    def count(self, amount: int, member: int, compressed: int) -> None:
        """Take account of ``amount`` more expanded bytes; raises the refusal of a bomb."""
        self._expanded += amount
        limits = self.job.limits
        if self._expanded > limits.total_bytes:
            raise Refused("limit.total_bytes", limit=limits.total_bytes)
        if member > _BOMB_FLOOR and member > compressed * limits.ratio:
            raise Refused("limit.ratio", limit=limits.ratio)

    def relations(self, part: str) -> tuple[Relation, ...]:
        """The relations of a part ('' for the package itself), with strict types told as transitional ones.

        Many ask for those of one part, so they are read once.
        """
        if part not in self._relations:
            self._relations[part] = tuple(self._read_relations(part))
        return self._relations[part]

    def _read_relations(self, part: str) -> Iterable[Relation]:
        folder, name = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", name + ".rels")
        if rels.lower() not in self._members:
            return ()
        root = parsed(self.job, self.read(rels))
        found: dict[str, Relation] = {}
        for entry in root.iter(f"{{{_PACKAGE_RELATIONS}}}Relationship"):
            relation = _relation(entry.attrib, folder)
            if relation.id in found:
                raise Refused("ooxml.package_tricks", detail=f"{rels}: {relation.id}")
            found[relation.id] = relation
        return found.values()

    def targets(self, part: str, kind: str) -> dict[str, str]:
        """The parts of the package that relations of this type lead to, by the ids of these."""
        return {
            relation.id: relation.target
            for relation in self.relations(part)
            if relation.type == kind and not relation.external and relation.target in self
        }

    def _content_types(self) -> tuple[dict[str, str], dict[str, str]]:
        if "[content_types].xml" not in self._members:
            raise self.job.broken()
        root = parsed(self.job, self.read("[Content_Types].xml"))
        tables: tuple[dict[str, str], dict[str, str]] = ({}, {})
        for tag, key, table in (("Default", "Extension", tables[0]), ("Override", "PartName", tables[1])):
            for entry in root.iter(f"{{{_CONTENT_TYPES}}}{tag}"):
                name = entry.get(key, "").lower()
                kind = entry.get("ContentType", "").split(";")[0].strip().lower()
                if table.get(name, kind) != kind:
                    raise Refused("ooxml.package_tricks", detail=f"two content types for {name}")
                table[name] = kind
        return tables


def _relation(attributes: "dict[str, str]", folder: str) -> Relation:
    kind = attributes.get("Type", "").replace(_STRICT_RELATIONS, RELATIONS)
    kind = _STRICT_PROPERTIES.get(kind, kind)
    target = attributes.get("Target", "")
    external = attributes.get("TargetMode", "Internal").strip().lower() != "internal"
    if not external and not (kind == LINK and target.startswith("#")):
        target = _part_name(target, folder)
    return Relation(attributes.get("Id", ""), kind, target, external)


def _part_name(target: str, folder: str) -> str:
    """The part a relation points at (ECMA-376-2, 6.4): '' when it leaves the package."""
    path = target.split("#", maxsplit=1)[0]
    path = unquote(path) if "%" in path else path
    if "\\" in path or ":" in path:
        return ""
    joined = posixpath.normpath(posixpath.join("/" + folder, path)).lstrip("/")
    return "" if joined.startswith("..") else joined


class _Counted(io.RawIOBase):
    """A member being expanded, counted against the limits."""

    def __init__(self, source: Source, stream: IO[bytes], compressed: int) -> None:
        self._source, self._stream, self._compressed = source, stream, max(compressed, 1)
        self._read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        try:
            data = self._stream.read(len(buffer))
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise self._source.job.broken() from error
        self._read += len(data)
        self._source.count(len(data), self._read, self._compressed)
        buffer[: len(data)] = data
        return len(data)


class _Checker:
    """The rules an archive must keep before anything in it is read."""

    def __init__(self, job: Job, archive: zipfile.ZipFile, size: int) -> None:
        self.job, self.archive, self.size = job, archive, size
        self.begins: dict[int, int] = {}  # where the content behind each local header begins

    def members(self) -> dict[str, zipfile.ZipInfo]:
        """Members by lower-case name. Raises ``Refused``."""
        found: dict[str, zipfile.ZipInfo] = {}
        self.job.check_limit("files", len(self.archive.infolist()))
        for info in self.archive.infolist():
            self._check_name(info)
            if info.filename.endswith("/"):
                continue
            if info.flag_bits & (_ENCRYPTED | _MASKED):
                raise Refused("input.encrypted")
            if info.filename.lower() in found:
                raise Refused("ooxml.package_tricks", detail=f"{info.filename} is there twice")
            found[info.filename.lower()] = info
        self._check_places()
        return found

    def _check_name(self, info: zipfile.ZipInfo) -> None:
        name = info.orig_filename
        bad = (
            name.startswith("/")
            or "\\" in name
            or ".." in name.split("/")
            or re.search(r"[\x00-\x1f:]", name)
        )
        if bad:
            raise Refused("ooxml.package_tricks", detail=ascii(name)[:80])

    def _check_places(self) -> None:
        """Local headers agree with the directory, members do not overlap, nothing lies before or behind them."""
        stream, end = self.job.source, 0
        for info in sorted(self.archive.infolist(), key=lambda entry: entry.header_offset):
            stream.seek(info.header_offset)
            header = _LOCAL.unpack(stream.read(_LOCAL.size))
            name = stream.read(header[9])
            streamed = header[2] & 8
            agrees = (
                header[0] == b"PK\x03\x04"
                and name == _raw_name(info)
                and header[3] == info.compress_type
                and (
                    streamed
                    or 0xFFFFFFFF in header[7:9]
                    or header[7:9] == (info.compress_size, info.file_size)
                )
            )
            if not agrees:
                raise Refused("ooxml.package_tricks", detail=f"local header of {ascii(info.filename)[:60]}")
            if info.header_offset < end:
                raise Refused(
                    "ooxml.package_tricks", detail=f"{ascii(info.filename)[:60]} overlaps another member"
                )
            if info.header_offset > end + 24:  # a data descriptor takes at most 24 bytes
                self.job.removed("ooxml.hidden_bytes", count=info.header_offset - end)
            begin = self.begins[info.header_offset] = (
                info.header_offset + _LOCAL.size + header[9] + header[10]
            )
            end = begin + info.compress_size
        trailing = self.size - self._directory_end()
        if trailing > 0:
            self.job.removed("ooxml.hidden_bytes", count=trailing)

    def _directory_end(self) -> int:
        stream = self.job.source
        stream.seek(max(0, self.size - 65_557))
        base, tail = stream.tell(), stream.read()
        return base + tail.rfind(b"PK\x05\x06") + 22


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    """The name as it stands in the directory (zipfile decodes UTF-8 by flag 11, else code page 437)."""
    return info.orig_filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")


def content_types_xml(types: dict[str, str]) -> bytes:
    """``[Content_Types].xml`` for ``{part name: content type}``."""
    lines = [
        f'{XML_HEAD}<Types xmlns="{_CONTENT_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    ]
    lines += [f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in types.items()]
    return "".join([*lines, "</Types>"]).encode()


def relations_xml(relations: Iterable[Relation], folder: str = "") -> bytes:
    """A ``.rels`` part. Targets within the package are written as seen from the ``folder`` of the part that they are of, since
    LibreOffice falls over slides of a chosen show that are written from the root.
    """
    lines = [f'{XML_HEAD}<Relationships xmlns="{_PACKAGE_RELATIONS}">']
    for relation in relations:
        within = relation.external or relation.target.startswith("#")
        target = relation.target if within else posixpath.relpath(relation.target, folder or ".")
        mode = ' TargetMode="External"' if relation.external else ""
        lines.append(
            f'<Relationship Id="{relation.id}" Type="{relation.type}" Target="{html.escape(target)}"{mode}/>'
        )
    return "".join([*lines, "</Relationships>"]).encode()
