"""Long runs of usual instructions: matched whole by one typed grammar, and put in their own form, by compiled code.

What the grammar matches has been parsed: operators out of a list, each with as many operands of the kinds as it takes
(annex A). Numbers become plain decimals, strings hexadecimal, blanks one blank; marks that can say nothing go; what
names a resource or tells something of what it marks is worked out by the caller. Whatever is odd is not matched and is read one by one
(``tokens``). No group gives back what it has matched (possessive), so that time grows as the length of the data does.
"""

import re
from binascii import hexlify
from codecs import escape_decode
from collections.abc import Callable, Iterable

_LONGEST = 20_000  # instructions in one run: memory stays flat, however long the content is
_PIECES = {
    b"s": rb"[ \t\r\n]++",
    b"w": rb"[ \t\r\n]*+",
    b"end": rb"(?=[ \t\r\n/\[<(]|\Z)",  # behind an operator
    b"number": rb"(?>-?+(?>\d{1,9}+(?>\.\d*+)?+|\.\d++))",
    # Escapes that Python's own strings have with the same meaning; brackets are made such.
    b"literal": rb"\((?>[^()\\\r]++|\\(?![4-7][0-7]{2})[0-7nrtbf\\()])*+\)",
    b"hex": rb"<(?>[0-9A-Fa-f]{2})*+>",
    b"name": rb"/[A-Za-z0-9_.,:+-]++",
    # of a mark that names no layer and no ornament; of what may be spelled oddly, only blanks are
    b"tag": rb"/(?!(?>OC|Artifact)[ \t\r\n</])(?>[A-Za-z0-9]++|\#20)++[ \t\r\n]*+",
}
# of a mark, but its replacement text and its number in the structure
_PROPERTIES = (
    rb"(?>/(?!ActualText|MCID)[A-Za-z0-9]++|true|false|null|[-0-9.\[\] \t\r\n]++|%(literal)s|%(hex)s)*+"
    % _PIECES
)
_PIECES[b"properties"] = _PROPERTIES
_PIECES[b"said"] = rb"/ActualText%(w)s(?>%(literal)s|%(hex)s)%(properties)s" % _PIECES
_PIECES[b"counted"] = rb"/MCID%(s)s\d{1,9}+%(properties)s" % _PIECES
#: an instruction that names a resource, or a colour space or way of rendering
_NAMING = rb"%(name)s%(s)s(?>%(number)s%(s)sTf|cs|CS|gs|Do|sh|ri|scn|SCN)%(end)s" % _PIECES
_USUAL = rb"""
    %(number)s%(s)s(?>[wJjMigG]|T[cwzLrs]|scn?|SCN?
      |%(number)s%(s)s(?>[ml]|T[dD]|scn?|SCN?
        |%(number)s%(s)s(?>rg|RG|scn?|SCN?
          |%(number)s%(s)s(?>re|[vykK]|scn?|SCN?
            |%(number)s%(s)s%(number)s%(s)s(?>cm?|Tm)))))%(end)s
    |(?>[fBbW]\*?+|[hnSs]|T\*)%(end)s
    |\[(?>%(w)s(?>%(number)s(?=[ \t\r\n<(\]])|%(literal)s|%(hex)s))*+%(w)s\]%(w)sTJ%(end)s
    |(?>%(literal)s|%(hex)s)%(w)sTj%(end)s
    |\[(?>%(w)s(?!-)%(number)s(?=[ \t\r\n\]])){0,20}+%(w)s\]%(w)s(?!-)%(number)s%(s)sd%(end)s
    |""" % _PIECES + _NAMING  # fmt: skip
_MARKING = rb"EMC%(end)s|%(tag)s(?>BMC|MP|<<%(properties)s>>%(w)s(?>BDC|DP))%(end)s" % _PIECES
_TELLING = (
    rb"(?>/Artifact%(w)s(?>BMC|<<%(properties)s>>%(w)sBDC)"
    rb"|%(tag)s<<%(properties)s(?>%(said)s(?>%(counted)s)?+|%(counted)s(?>%(said)s)?+)>>%(w)sBDC)%(end)s"
    % _PIECES
)


def _instructions(*, marking: bool, in_text: bool) -> bytes:
    """The grammar of instructions one after another; see ``run_at``."""
    kinds = [_USUAL]
    if not in_text:
        text = _instructions(marking=marking, in_text=True)
        kinds += [rb"[qQ]%(end)s" % _PIECES, rb"BT%(end)s" % _PIECES + text + rb"%(w)sET%(end)s" % _PIECES]
    if marking:
        marked = _instructions(marking=False, in_text=in_text)
        kinds += [_MARKING, _TELLING + marked + rb"%(w)sEMC%(end)s" % _PIECES]
    return rb"(?>%s(?>%s)){0,%d}+" % (_PIECES[b"w"], rb"|".join(kinds), _LONGEST)


_RUNS = {
    (marking, in_text): re.compile(_instructions(marking=marking, in_text=in_text), re.VERBOSE)
    for marking in (False, True)
    for in_text in (False, True)
}
# What is left of marks once strings are hexadecimal.
_MARKS = re.compile(
    rb"(?>(/Artifact)%(w)s(?>BMC|<<[^<>]*+(?><[0-9A-Fa-f]*+>[^<>]*+)*+>>%(w)sBDC)"
    rb"|%(tag)s(?>BMC|MP|(<<[^<>]*+(?><[0-9A-Fa-f]*+>[^<>]*+)*+>>)%(w)s(?>BDC|DP)))%(end)s" % _PIECES
)
_TELLS = re.compile(rb"ActualText|MCID|/Artifact")
# Bytes that no run has outside its literal strings stand for what is put in last.
_TOLD, _ENDS = b"\x01", b"\x02"
_NAMED = re.compile(rb"(%s)" % _NAMING)
_HEX_IN_CAPITALS = re.compile(rb"<[0-9a-f]*+[A-F]")
_HEX = re.compile(rb"(<[0-9A-Fa-f]++>)")
_LONG = re.compile(rb"(\.\d{12})\d++")
_BETWEEN = b"\x1f"
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"qQ"))
_DEEPEST = 40


def run_at(data: bytes, at: int, *, marking: bool, in_text: bool) -> bytes:
    """As many usual instructions as follow one another from ``at`` on; none is an answer too.

    ``marking``: marks may be among them. ``in_text``: ``BT`` stands open, and no bracket may be among them; otherwise
    every ``BT`` of a run has its ``ET``, with neither ``q`` nor ``Q`` between.
    """
    match = _RUNS[marking, in_text].match(data, at)
    return match[0] if match else b""


def tidied(
    run: bytes, named: Callable[[list[bytes]], Iterable[bytes]], told: Callable[[bytes], bytes]
) -> bytes:
    """The instructions of a run in their own form, with one blank between any two pieces.

    ``named`` answers what is to stand for each of those that name something, ``told`` what for a mark that tells
    something of what it marks: its properties, or ``/Artifact``. A mark for which nothing is to stand goes with its end.
    """
    text = _without_literals(run) if b"(" in run else run
    if b"/" in text:
        pieces = _NAMED.split(text)
        pieces[1::2] = named(pieces[1::2])
        text = b" ".join(pieces)
    text, marks = _without_marks(text)
    if b"<" in text:
        if _HEX_IN_CAPITALS.search(text):
            pieces = _HEX.split(text)
            pieces[1::2] = map(bytes.lower, pieces[1::2])
            text = b"".join(pieces)
        text = text.replace(b"<", b" <").replace(b">", b"> ")
    if b"[" in text:
        text = text.replace(b"[", b" [ ").replace(b"]", b" ] ")
    text = b" %s " % b" ".join(text.split())
    if b"." in text:
        text = _plain_decimals(text)
    if marks:
        first, *pieces = text.split(_TOLD)
        text = first + b"".join(
            [_marked(told(mark), piece) for mark, piece in zip(marks, pieces, strict=True)]
        )
    return text[1:-1]


def _marked(mark: bytes, piece: bytes) -> bytes:
    """What follows the place of a mark up to that of the next, under the mark."""
    if mark:
        return mark + piece.replace(_ENDS, b"EMC")
    return piece[1:].replace(b"%s " % _ENDS, b"")


def _without_marks(text: bytes) -> tuple[bytes, list[bytes]]:
    """Places are kept for those that tell something, and for their ends, before which there are no others."""
    if not _TELLS.search(text):
        return _MARKS.sub(b" ", text).replace(b"EMC", b" "), []
    marks: list[bytes] = []

    def place(match: re.Match[bytes]) -> bytes:
        if not (mark := match[1] or match[2]) or not _TELLS.search(mark):
            return b" "
        marks.append(mark)
        return b" %s " % _TOLD

    first, *pieces = _MARKS.sub(place, text).split(_TOLD)
    text = _TOLD.join([first, *(piece.replace(b"EMC", b" %s " % _ENDS, 1) for piece in pieces)])
    return text.replace(b"EMC", b" "), marks


def brackets(text: bytes) -> tuple[int, int] | None:
    """How many ``Q`` of a tidied run close what stands open before it, and how many ``q`` stay open behind it.

    None where they lie too deep to be told quickly. No other piece of a tidied run has these letters.
    """
    left = text.translate(None, _ALL_BUT_BRACKETS)
    for _level in range(_DEEPEST):
        if b"qQ" not in left:
            return left.count(b"Q"), left.count(b"q")
        left = left.replace(b"qQ", b"")
    return None


def _without_literals(run: bytes) -> bytes:
    """Every literal string (7.3.4.2) in hexadecimal."""
    if b"\\" in run:
        run = run.replace(b"\\\\", rb"\134").replace(rb"\(", rb"\050").replace(rb"\)", rb"\051")
    pieces = run.replace(b"(", b"<(").replace(b")", b"(>").split(b"(")
    said = pieces[1::2]
    pieces[1::2] = map(hexlify, _unescaped(said) if b"\\" in run else said)
    return b"".join(pieces)


def _unescaped(said: list[bytes]) -> list[bytes]:
    """Strings without escapes: all at once, unless one of them holds the byte that is put between them."""
    found = escape_decode(_BETWEEN.join(said))[0].split(_BETWEEN)
    return found if len(found) == len(said) else [escape_decode(each)[0] for each in said]


def _plain_decimals(text: bytes) -> bytes:
    """Digits before and behind every point; at most twelve behind."""
    text = text.replace(b" .", b" 0.").replace(b"-.", b"-0.").replace(b". ", b" ")
    return _LONG.sub(rb"\1", text) if _LONG.search(text) else text
