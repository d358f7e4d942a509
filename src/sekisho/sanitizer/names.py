"""Names of files: what they claim to be, and a name that deceives nobody and breaks nothing."""

import os
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sekisho.sanitizer.filetypes import FileType, types_by_extension

MAX_NAME_BYTES = 200  # room for a suffix below the 255 bytes of common file systems
_RESERVED = re.compile(r"^(con|conin\$|conout\$|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])$", re.IGNORECASE)
_COMPRESSED = {"gz", "bz2", "xz"}
_FORBIDDEN = '<>:"/\\|?*'
# Signs of money that Windows turns into a backslash where a program takes names in the local code page: \u00a5 in Japan.
_MONEY = {"\u00a5": "\uffe5", "\u20a9": "\uffe6"}
# Letters and marks that nobody sees.
_UNSEEN = set("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Behind a dot at the end of a folder's name, Windows opens the object that the number stands for instead.
_SHELL_OBJECT = re.compile(r"\.(?=\{[0-9a-f]{8}-)", re.IGNORECASE)
_WIDE_SPACE = "\u3000"  # between the words of a Japanese name, and plain to see
_EDGES = f" .{_WIDE_SPACE}"
# Everything but compatibility ideographs (U+FA19 beside U+795E): names of people differ by them, and composing drops them.
_COMPOSED = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")

_KANA, _HALF_WIDTH_KANA = re.compile("[\u3041-\u30fe]"), re.compile("[\uff61-\uff9f]")


@dataclass(frozen=True)
class ClaimedName:
    """``safe`` has no path, control or direction characters; ``changed`` says that something was mended.

    ``extension`` is lower case without dot, '' when there is none.
    """

    stem: str
    extension: str
    changed: bool

    @property
    def safe(self) -> str:
        return f"{self.stem}.{self.extension}" if self.extension else self.stem

    def types(self) -> tuple[FileType, ...]:
        """The types the extension may stand for."""
        return types_by_extension().get(self.extension, ())

    def as_type(self, kind: FileType) -> str:
        """The name for a clean file of ``kind``, keeping the extension when it fits."""
        if self.extension in kind.extensions:
            return self.safe
        stem = _without_hidden_extensions(self.stem) if self.extension in _COMPRESSED else self.stem
        return f"{stem.removesuffix('.tar')}.{kind.extensions[0]}"


def claimed_name(name: str) -> ClaimedName:
    """Normalise a name as received. Paths lose their folders; a name without anything left is ``file``."""
    bare = re.split(r"[/\\]", name)[-1]
    composed = _COMPOSED.sub(lambda run: unicodedata.normalize("NFC", run[0]), bare)
    cleaned = "".join(_safe_character(character) for character in composed)
    cleaned = _SHELL_OBJECT.sub("_", re.sub(r"(\s)\s+", r"\1", cleaned)).strip(_EDGES)
    stem, dot, extension = cleaned.rpartition(".")
    if not dot or not re.fullmatch(r"[0-9A-Za-z]{1,10}", extension):
        stem, extension = cleaned, ""
    stem = stem.strip(_EDGES)
    if extension.lower() not in _COMPRESSED:  # a compressed file is named after what it holds
        stem = _without_hidden_extensions(stem)
    if _RESERVED.match(stem.split(".")[0].rstrip()):
        stem = f"_{stem}"
    stem = _shortened(stem or "file")
    mended = ClaimedName(stem, extension.lower(), changed=False)
    return ClaimedName(stem, extension.lower(), changed=mended.safe.lower() != name.lower())


def name_on_disk(path: Path) -> str:
    """A file's name as whoever named it read it: on shares of old, in no UTF-8."""
    raw = os.fsencode(path.name)
    return japanese_name(raw) or raw.decode("utf-8", "replace")


def japanese_name(raw: bytes) -> str | None:
    """A name in the encoding of Macs, Windows or the Unix of old; None in another.

    Read as code page 932, kana of EUC become half-width signs, of which people name no files.
    """
    read: dict[str, str] = {}
    for encoding in ("utf-8", "cp932", "euc_jp"):
        with suppress(UnicodeDecodeError):
            read[encoding] = raw.decode(encoding)
    if (
        "utf-8" not in read
        and _HALF_WIDTH_KANA.search(read.get("cp932", ""))
        and _KANA.search(read.get("euc_jp", ""))
    ):
        return read["euc_jp"]
    return next(iter(read.values()), None)


def _safe_character(character: str) -> str:
    """What controls, turns or is nobody to see vanishes; forbidden signs become _."""
    category = unicodedata.category(character)
    if category == "Zs":
        return character if character == _WIDE_SPACE else " "
    if category in {"Cc", "Cf", "Cs", "Zl", "Zp"} or character in _UNSEEN:
        return ""
    return "_" if character in _FORBIDDEN else _MONEY.get(character, character)


def _without_hidden_extensions(stem: str) -> str:
    """``invoice.exe`` before ``.pdf``: an inner known extension loses its dot, so that nothing reads it as one."""
    head, dot, inner = stem.rpartition(".")
    inner_types = types_by_extension().get(inner.strip().lower(), ())
    if not dot or not inner_types or inner.lower() == "tar":
        return stem
    return f"{_without_hidden_extensions(head)}_{inner.strip()}"


def _shortened(stem: str) -> str:
    encoded = stem.encode("utf-8")
    return (
        stem
        if len(encoded) <= MAX_NAME_BYTES
        else encoded[:MAX_NAME_BYTES].decode("utf-8", "ignore").rstrip(_EDGES)
    )
