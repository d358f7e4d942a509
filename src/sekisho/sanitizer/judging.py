"""What a file is taken for, given what its content shows and what its name claims. Pure rules, no file is read."""

from typing import Final

from sekisho.sanitizer import converters
from sekisho.sanitizer.filetypes import TYPES, FileType
from sekisho.sanitizer.policies import Policy
from sekisho.sanitizer.results import Refused

#: types whose content can run by being opened: they get stronger words than those we merely cannot rebuild
_DANGEROUS: Final = {
    "exe", "elf", "macho", "lnk", "url", "iso", "hta", "chm", "msi", "jar", "script", "swf", "one", "cab",
}  # fmt: skip
_FLAT: Final = {"fodt", "fods", "fodp"}
_READABLE: Final = {
    *_FLAT, "json", "xml", "html", "svg", "eml", "csv", "tsv", "md", "ics", "vcf", "txt", "script",
}  # fmt: skip
_ZIPPED: Final = {"word", "sheet", "slides"}
_PLAIN: Final = {"txt", "csv", "tsv", "md"}
_NO_MACROS: Final = {"docx", "dotx", "xlsx", "xltx", "pptx", "potx", "ppsx"}


def judged(shown: FileType, claimed: tuple[FileType, ...], extension: str, policy: Policy) -> FileType:
    """The type to go on with: ``shown`` by the content, read in the light of the types ``claimed`` by the name.

    Raises ``Refused`` for what is dangerous, unknown, not rebuilt here, or named as what it is not.
    """
    kind = read_as_named(shown, claimed)
    suspicious = next((each for each in claimed if each.id in _DANGEROUS), None)
    if kind.id in _DANGEROUS or suspicious:
        raise Refused("type.dangerous", type=(suspicious or kind).id)
    if kind.family == "refused":
        kind = _convertible(kind, claimed, policy)
    if kind.id == "zip" and any(each.family in _ZIPPED for each in claimed):
        raise Refused("input.broken", type=claimed[0].id)
    lies = claimed and kind not in claimed and not _is_sister(kind, claimed)
    if lies and policy.lying_names == "refuse":
        raise Refused("type.name_lies", claimed=f".{extension}", type=kind.id)
    return kind


def read_as_named(shown: FileType, claimed: tuple[FileType, ...]) -> FileType:
    """The type by the content, read in the light of the types claimed by the name.

    Marks and headers in a file that opens as plain text are just text; a fragment of HTML has no mark of its own.
    """
    plain = next((each for each in claimed if each.id in _PLAIN), None)
    if plain and shown.id in _READABLE:
        return plain
    if shown.id in _FLAT and TYPES["xml"] in claimed:  # it is that too, and its words can be read
        return TYPES["xml"]
    if shown.id == "xml" and TYPES["html"] in claimed:
        return TYPES["html"]
    return shown


def _is_sister(kind: FileType, claimed: tuple[FileType, ...]) -> bool:
    """A template or a show named as a document, without macros on either side, or a page named as the XML that it may be
    too: renamed, not refused.
    """
    if kind.id == "html" and TYPES["xml"] in claimed:
        return True
    alike = any(each.family == kind.family for each in claimed)
    return alike and _NO_MACROS.issuperset({kind.id, claimed[0].id})


def _convertible(kind: FileType, claimed: tuple[FileType, ...], policy: Policy) -> FileType:
    """A type that only a converter of the office reads, if there is one; else the refusal that says most."""
    known = claimed[0] if kind.id in {"unknown", "ole"} and claimed else kind
    if known.id in {"unknown", "ole"}:
        raise Refused("type.unknown")
    if known.family == "text":
        raise Refused("text.undecodable")
    if known.family != "refused":  # the name promises a type we know, the content is not it
        raise Refused("input.broken", type=known.id)
    if converters.target_of(known) and policy.methods_for(known):
        return known
    raise Refused("type.unsupported", type=known.id)
