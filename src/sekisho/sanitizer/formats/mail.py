"""Mail: headers people read, a harmless body, attachments that went their own way; written as a new EML.

Outlook's MSG is read by ``msg`` and becomes EML too.
"""

import codecs
import email
import email.policy
import email.utils
import hashlib
import html
import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage, Message

from lxml import etree

from sekisho.sanitizer.formats import cms, mail_words, msg, tnef
from sekisho.sanitizer.formats.html_shape import require_a_page
from sekisho.sanitizer.formats.job import Job
from sekisho.sanitizer.formats.mail_links import plain_id
from sekisho.sanitizer.formats.markup import clean_html, page_tree, visible_text
from sekisho.sanitizer.formats.personal import flowing, warn_of_address, warn_of_personal_numbers
from sekisho.sanitizer.formats.text import clean_text
from sekisho.sanitizer.names import claimed_name
from sekisho.sanitizer.results import Refused

_MAX_PARTS = 1_000
_SMALL = 1 << 20  # below this a high ratio is no bomb
_MAX_OPEN = 150  # containers in one another; what is quoted in a text may look like some
_BOUNDARIES = re.compile(
    rb"""boundary(?:\*[0-9]*\*?)?[ \t]*=[ \t]*"?([^"\s;]{1,200})|^--(\S{1,200})[ \t]*\r?$""",
    re.IGNORECASE | re.MULTILINE,
)
_BLANK_LINE = re.compile(rb"(?<=\n)[ \t]*\r?\n")
# Between name and colon of a header, which mailers of old put there and the library takes for the end of all headers.
_BLANK_BEFORE_COLON = re.compile(rb"^([A-Za-z][A-Za-z0-9-]{0,70})[ \t]+:", re.MULTILINE)
_INLINE_FILE = re.compile(
    r"^[ \t]*(?:begin(?:-base64)?[ \t]+[0-7]{3,4}[ \t]|=ybegin[ \t]|\(This file must be converted)",
    re.MULTILINE | re.IGNORECASE,
)
#: what mail programs show by themselves, by the extension of a clean file
_SHOWN = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "pdf": "application/pdf",
    "ics": "text/calendar",
    "vcf": "text/vcard",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "zip": "application/zip",
}
_ALTERNATIVE = "multipart/alternative"
_WORDS, _PAGE = "text/plain", "text/html"
# What says the same as words and page for other programs.
_OTHER_FORMS = {
    "text/x-amp-html",
    "text/watch-html",
    "text/enriched",
    "text/richtext",
    "text/markdown",
    "text/x-markdown",
}
_AS_PAGE = '<div style="white-space: pre-wrap">{}</div>'
_SIGNED = "multipart/signed"
_RESOURCES = "application/applefile"  # what macOS keeps beside a file
_ENCRYPTED = "multipart/encrypted"
_ENVELOPES = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_WRAPPERS = {"application/ms-tnef", "application/vnd.ms-tnef"}
_MAILS = {"message/rfc822", "message/global"}
_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}


@dataclass
class Letter:
    """A mail taken apart: header values by name, bodies, and attachments as (name, content, content id)."""

    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""
    html: str = ""
    attachments: list[tuple[str, bytes, str]] = field(default_factory=list)
    _words_alone: str = ""  # not in a page yet
    _pages_alone: str = ""  # whose words are not in the text yet

    def add_words(self, words: str, *, is_paired: bool) -> None:
        """Add a text. ``is_paired``: the page that stands beside it says the same.

        What only one of them says, as what a list of mail puts behind a letter, shows in whichever is read.
        """
        before = _words_of(self._pages_alone)
        self.text += (f"{before}\n" if before else "") + words
        self._pages_alone = ""
        if self.html and not is_paired:
            self.html += _AS_PAGE.format(html.escape(words))
        elif not is_paired:
            self._words_alone += words

    def add_page(self, page: str, *, is_paired: bool) -> None:
        """Add a page. ``is_paired``: the text that stands beside it says the same."""
        if self._words_alone:
            self.html += _AS_PAGE.format(html.escape(self._words_alone))
            self._words_alone = ""
        self.html += page
        if self.text and not is_paired:
            self.text += f"\n{_words_of(page)}\n"
        elif not is_paired:
            self._pages_alone += page


def rebuild(job: Job) -> None:
    """Write a new mail with clean body and clean attachments."""
    letter = _letter(job)
    message = EmailMessage(policy=email.policy.SMTP)
    for name, value in _headers(job, letter):
        message[name] = value
    text = _without_inline_files(job, clean_text(job, letter.text))
    warn_of_personal_numbers(job, letter.headers.get("Subject", ""), object="Subject")
    warn_of_personal_numbers(job, flowing(text))
    kept_ids = _set_body(job, message, letter, text)
    attached = sum(_attach(job, message, *attachment, kept_ids) for attachment in letter.attachments)
    job.produced = "eml"
    job.fidelity = {
        "attachments_before": len(letter.attachments), "attachments_after": attached,
        "characters_before": len(letter.text), "characters_after": len(text),
    }  # fmt: skip
    _name_boundaries(message)
    job.output.write(message.as_bytes())


def _name_boundaries(message: EmailMessage) -> None:
    """By what the mail holds, so that a mail always gives the same one; nothing it holds can know them beforehand."""
    digest = hashlib.sha256()
    for part in message.walk():
        held = part.get_payload(decode=True)  # of what is parted itself, nothing
        digest.update(held if isinstance(held, bytes) else b"")
    for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
        part.set_boundary(f"{digest.hexdigest()[:32]}-{number}")


def write_text(job: Job) -> None:
    """Only headers and words, as plain text; attachments stay behind."""
    letter = _letter(job)
    lines = [f"{name}: {value}" for name, value in _headers(job, letter)]
    body = letter.text or _words_of(letter.html)
    for name, _data, _content_id in letter.attachments:
        job.removed("mail.attachment_refused", member=name, detail="policy.no_method")
    text = clean_text(job, "\n".join([*lines, "", body]))
    warn_of_personal_numbers(job, flowing(text))
    job.produced = "txt"
    job.output.write((text.rstrip("\n") + "\n").encode("utf-8"))


def _letter(job: Job) -> Letter:
    if job.type.id == "msg":
        return _from_outlook(job)
    if job.type.id == "tnef":
        letter = Letter()
        if not _unwrap(job, letter, job.data):
            raise job.broken()
        return letter
    try:
        return _from_mime(job, _parsed(job, job.data))
    except RecursionError as error:  # mails within mails
        raise Refused("limit.depth", limit=job.limits.depth) from error


def _parsed(job: Job, data: bytes) -> EmailMessage:
    """A mail taken apart. Headers of old Japanese mailers are raw bytes in the local encoding."""
    _require_a_mail(job, data)
    data = data.removeprefix(codecs.BOM_UTF8)
    end = blank.start() if (blank := _BLANK_LINE.search(data)) else len(data)
    head = _BLANK_BEFORE_COLON.sub(rb"\1:", data[:end])
    parsed = email.message_from_bytes(head + data[end:], policy=mail_words.POLICY)
    assert isinstance(parsed, EmailMessage)
    return parsed


def _require_a_mail(job: Job, data: bytes) -> None:
    """Raise the refusal of a mail with too many parts, or too many in one another: parsers hold each line against all that are open."""
    opened: list[bytes] = []
    head = _Head(data)
    parts = 0
    for line in _BOUNDARIES.finditer(data):
        if line[1] is not None:
            if head.holds(line.start()):
                opened.append(line[1])
        elif (begun := line[2].removesuffix(b"--")) in opened or (begun := line[2]) in opened:
            ends = begun != line[2]
            del opened[opened.index(begun) + (not ends) :]
            head.begin(line.end())
            parts += 1
        if len(opened) > _MAX_OPEN:
            raise Refused("limit.depth", limit=job.limits.depth)
        if parts > 2 * _MAX_PARTS:
            raise Refused("limit.files", limit=_MAX_PARTS)


class _Head:
    """Where the headers of a part end: what is quoted behind them opens nothing. A message within goes on with headers of its own."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.begin(0)

    def begin(self, at: int) -> None:
        self._begin = self._seen = at
        self._is_over = False

    def holds(self, place: int) -> bool:
        """Whether the place, which is behind those asked for before, is within headers."""
        while not self._is_over and (blank := _BLANK_LINE.search(self._data, self._seen, place)):
            self._is_over = b"message/" not in self._data[self._begin : blank.start()].lower()
            self._begin = self._seen = blank.end()
        self._seen = max(self._seen, place - 4)
        return not self._is_over


# -- reading ------------------------------------------------------------------------------------------------------


def _from_mime(job: Job, parsed: EmailMessage) -> Letter:
    for name in mail_words.HEADERS:
        if mail_words.is_too_long(parsed, name):
            job.changed("mail.header", object=name)
    if others := mail_words.others(parsed):
        job.removed("mail.other_headers", count=others)
    letter = Letter(
        {name: mail_words.header(parsed, name) for name in mail_words.HEADERS if parsed.get(name) is not None}
    )
    for number, part in enumerate(_leaves(job, parsed)):
        if number >= _MAX_PARTS:
            raise Refused("limit.files", limit=_MAX_PARTS)
        _take_part(job, letter, *part)
    return letter


def _leaves(
    job: Job, part: EmailMessage, depth: int = 0, choice: frozenset[str] = frozenset()
) -> Iterator[tuple[EmailMessage, frozenset[str]]]:
    """Every part that is not a container, and the types among which a reader chooses one; attached mails count as leaves."""
    job.check_limit("depth", depth // 4)  # multipart nests without being a file of its own
    kind = part.get_content_type()
    if kind == _ENCRYPTED:
        raise Refused("mail.encrypted")
    if kind in _ENVELOPES or mail_words.filename(part).lower().endswith(".p7m"):
        held = _within_envelope(job, mail_words.filename(part), _part_bytes(part))
        if held is not None:
            yield from _leaves(job, held, depth + 1, choice)
        return
    if kind == _SIGNED or kind in _SIGNATURES:
        job.lost("mail.signature")
    if part.is_multipart() and not kind.startswith("message/"):
        if kind == _ALTERNATIVE:
            choice = frozenset(each.get_content_type() for each in part.walk())
        for inner in part.get_payload():
            if isinstance(inner, EmailMessage):
                yield from _leaves(job, inner, depth + 1, choice)
    elif kind == _RESOURCES:
        job.removed("archive.litter")
    elif kind not in _SIGNATURES:
        yield part, choice


def _within_envelope(job: Job, name: str, data: bytes) -> EmailMessage | None:
    """What was signed and sent in one piece with its signature: a mail, or a file (``a.pdf.p7m``); None where nothing was."""
    try:
        envelope = cms.opened(data)
    except cms.CmsError as error:
        raise Refused("mail.smime", kind="?") from error
    if envelope.kind == "encrypted":
        raise Refused("mail.encrypted")
    if envelope.kind == "compressed":
        return _parsed(job, _unpacked(job, envelope.content or b""))
    if envelope.kind != "signed":
        raise Refused("mail.smime", kind=envelope.kind)
    job.lost("mail.signature")
    if envelope.content is None:  # certificates alone
        return None
    file = name[: -len(".p7m")] if name.lower().endswith(".p7m") else ""
    if "." not in file:
        return _parsed(job, envelope.content)
    attached = EmailMessage()
    attached.set_content(
        envelope.content, "application", "octet-stream", disposition="attachment", filename=file
    )
    return attached


def _unpacked(job: Job, packed: bytes) -> bytes:
    most = min(job.limits.total_bytes, len(packed) * job.limits.ratio + _SMALL)
    unpacking = zlib.decompressobj()
    try:
        data = unpacking.decompress(packed, most)
    except zlib.error as error:
        raise Refused("mail.smime", kind="compressed") from error
    if unpacking.unconsumed_tail:
        raise Refused("limit.ratio", limit=job.limits.ratio)
    return data


def _take_part(job: Job, letter: Letter, part: EmailMessage, choice: frozenset[str]) -> None:
    """Take what a part holds into the letter. ``choice``: the types among which a reader chooses one."""
    kind = part.get_content_type()
    if (kind in _WRAPPERS or mail_words.filename(part).lower() == "winmail.dat") and _unwrap(
        job, letter, _part_bytes(part)
    ):
        return
    attached = part.get_content_disposition() == "attachment" or bool(mail_words.filename(part))
    if kind == _WORDS and not attached:
        letter.add_words(_part_words(part), is_paired=_PAGE in choice)
    elif kind == _PAGE and not attached:
        letter.add_page(_part_text(part), is_paired=_WORDS in choice)
    elif kind in _OTHER_FORMS and not attached and choice & {_WORDS, _PAGE}:
        job.lost("mail.alternative", detail=kind)
    else:
        attachment = (_part_name(part), _part_bytes(part), _content_id(part))
        if not _is_invitation_again(letter, *attachment):
            letter.attachments.append(attachment)


def _unwrap(job: Job, letter: Letter, data: bytes) -> bool:
    """Take body and attachments out of Outlook's wrapper. False where it cannot be read: it is an attachment like others."""
    try:
        found = tnef.read(data)
    except tnef.TnefError:
        return False
    job.changed("mail.tnef")
    if not letter.text and not letter.html:
        letter.text, letter.html = found.text, found.html
    for attachment in found.attachments:
        name = attachment.name or "attachment"
        if attachment.data is None:  # an object of another program
            job.removed("mail.attachment_refused", member=name, detail="type.unknown")
        else:
            if attachment.is_message:
                name = f"{name}.tnef"
            letter.attachments.append((name, attachment.data, plain_id(attachment.content_id)))
    return True


def _is_invitation_again(letter: Letter, name: str, data: bytes, content_id: str) -> bool:
    """Calendars send an invitation twice: beside the words of the body, and attached."""
    return name.lower().endswith(".ics") and any(
        kept.split() == data.split()
        for other, kept, _id in letter.attachments
        if other.lower().endswith(".ics")
    )


def _part_bytes(part: EmailMessage) -> bytes:
    kind, inner = part.get_content_type(), part.get_payload()
    if not kind.startswith("message/") or not isinstance(inner, list):
        return mail_words.body_bytes(part)
    held = [one for one in inner if isinstance(one, Message)]
    if kind in _MAILS and held and not held[0].keys():  # encoded as a whole, which the standard forbids
        held[0]["Content-Transfer-Encoding"] = str(part.get("Content-Transfer-Encoding", "7bit"))
        return mail_words.body_bytes(held[0])
    return b"\n".join(map(_as_it_came, held))


def _as_it_came(mail: Message) -> bytes:
    """A mail within another one. A container in which no boundary stands is text: the library cannot write it."""
    for part in mail.walk():
        if part.get_content_maintype() == "multipart" and not part.is_multipart():
            del part["Content-Type"]
    return mail.as_bytes(policy=email.policy.compat32)


def _part_text(part: EmailMessage) -> str:
    return mail_words.decoded(_part_bytes(part), part.get_content_charset() or "")


def _part_words(part: EmailMessage) -> str:
    words = _part_text(part)
    if str(part.get_param("format", "")).lower() != "flowed":
        return words
    return mail_words.unflowed(words, deletes_blanks=str(part.get_param("delsp", "")).lower() == "yes")


def _part_name(part: EmailMessage) -> str:
    if name := mail_words.filename(part):
        return name
    kind = part.get_content_type()
    if kind.startswith("message/"):
        return "mail.eml" if kind in _MAILS else f"{part.get_content_subtype()}.txt"
    endings = {
        "image/png": "image.png", "image/jpeg": "image.jpg", "image/gif": "image.gif", "text/calendar": "invite.ics",
    }  # fmt: skip
    return endings.get(kind, "attachment")


def _content_id(part: EmailMessage) -> str:
    return plain_id(str(part.get("Content-ID", "")))


def _from_outlook(job: Job) -> Letter:
    try:
        outlook = msg.read(job.data)
    except msg.MsgError as error:
        raise job.broken() from error
    for name in outlook.unreadable:
        job.removed("mail.attachment_refused", member=name, detail="input.broken")
    letter = Letter(dict(outlook.headers), outlook.text, outlook.html)
    for name, data in _outlook_attachments(outlook):
        if name.lower() != "smime.p7m":
            letter.attachments.append((name, data, ""))
            continue
        inner = _within_envelope(job, name, data) if data[:1] == b"0" else _parsed(job, data)
        for part in _leaves(job, inner) if inner else ():
            _take_part(job, letter, *part)
    return letter


def _outlook_attachments(outlook: msg.Outlook) -> list[tuple[str, bytes]]:
    """Attachments as they are, attached messages as mails: they take the passage of a mail like any other."""
    mails = [(f"{inner.headers.get('Subject') or 'mail'}.eml", _as_mail(inner)) for inner in outlook.messages]
    return [*outlook.attachments, *mails]


def _as_mail(outlook: msg.Outlook) -> bytes:
    message = EmailMessage(policy=email.policy.SMTP)
    for name, value in outlook.headers.items():
        line = " ".join(value.split())
        if line and _well_formed(name, line):
            message[name] = line
    message.set_content(outlook.text)
    if outlook.html:
        message.add_alternative(outlook.html, subtype="html")
    for name, data in _outlook_attachments(outlook):
        message.add_attachment(
            data, maintype="application", subtype="octet-stream", filename=claimed_name(name).safe
        )
    for name in outlook.unreadable:  # said there, as it would be said here
        message.add_attachment(
            b"", maintype="application", subtype="octet-stream", filename=claimed_name(name).safe
        )
    return message.as_bytes()


# -- writing ------------------------------------------------------------------------------------------------------


def _headers(job: Job, letter: Letter) -> Iterator[tuple[str, str]]:
    """Allow-listed headers on one line each, without control or direction characters."""
    for name in mail_words.HEADERS:
        value = letter.headers.get(name, "")
        cleaned = "".join(" " if c in "\r\n\t" else c for c in value)
        cleaned = "".join(c for c in cleaned if unicodedata.category(c) not in {"Cc", "Cf", "Cs"}).strip()
        if cleaned != " ".join(value.split()) and cleaned != value.strip():
            job.changed("mail.header", object=name)
        if cleaned and _well_formed(name, cleaned):
            yield name, cleaned
        elif cleaned:
            job.removed("mail.header", object=name)


def _well_formed(name: str, value: str) -> bool:
    """Whether the mail library can write the header, in time; one that it cannot is dropped."""
    if value.count('"') > mail_words.MOST_QUOTES:
        return False
    try:
        probe = EmailMessage(policy=email.policy.SMTP)
        probe[name] = value
        return bool(probe.as_bytes().partition(b":")[2].strip())  # a date that is none is written as nothing
    except (ValueError, IndexError, AttributeError, TypeError, UnicodeError):
        return False


def _set_body(job: Job, message: EmailMessage, letter: Letter, text: str) -> set[str]:
    """Set the body and return the content ids that the page refers to."""
    message.set_content(text or _without_inline_files(job, clean_text(job, _words_of(letter.html))))
    if not letter.html:
        return set()
    try:
        require_a_page(letter.html)
    except Refused as refusal:
        job.removed("mail.body_text", detail=refusal.code)
        return set()
    warn_of_personal_numbers(job, _words_of(letter.html))
    page = clean_html(job, clean_text(job, letter.html), schemes=frozenset({"cid"})).strip("\r\n")
    message.add_alternative(f'<!doctype html>\n<html><head><meta charset="utf-8"></head><body>{page}</body></html>\n',
                            subtype="html")  # fmt: skip
    return set(re.findall(r'src="cid:([^"]+)"', page))


def _without_inline_files(job: Job, text: str) -> str:
    """Quote the lines that mail programs take for the beginning of a file within the text (uuencode, yEnc, BinHex)."""
    quoted, count = _INLINE_FILE.subn(r"> \g<0>", text)
    if count:
        job.changed("mail.inline_file", count=count)
    return quoted


def _words_of(page: str) -> str:
    if not page.strip():
        return ""
    try:
        require_a_page(page)
        return visible_text(page_tree(page))
    except (Refused, ValueError, etree.ParserError):
        return html.unescape(re.sub(r"<[^>]*>", " ", page))


def _attach(job: Job, message: EmailMessage, name: str, data: bytes, content_id: str, kept: set[str]) -> int:
    """Send one attachment its own way and attach what came out. Returns how many were attached."""
    member = job.member(name, data)
    if member.data is None:
        job.leave_out(member, "mail.attachment_refused", name)
        return 0
    warn_of_address(job, member.name, member=name)
    kind, _slash, subtype = _SHOWN.get(member.name.rpartition(".")[2], "application/octet-stream").partition(
        "/"
    )
    page = message.get_body(("html",)) if content_id in kept and kind == "image" else None
    if page is None:
        words = {"charset": "utf-8"} if kind == "text" else None
        message.add_attachment(
            member.data, maintype=kind, subtype=subtype, filename=member.name, params=words
        )
    else:  # a picture within the page: programs look for it beside the page only
        page.add_related(
            member.data, maintype=kind, subtype=subtype, filename=member.name, disposition="inline",
            cid=f"<{content_id}>",
        )  # fmt: skip
    return 1
