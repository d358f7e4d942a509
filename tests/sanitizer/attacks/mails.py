"""Mails that track, deceive, run or hide; with attachments of every bad kind. People see the words of the body."""

import base64
import email
import email.policy
from collections.abc import Callable, Iterator
from email.message import EmailMessage

from tests.sanitizer.compound import attached_file, attached_letter, compound, letter
from tests.sanitizer.compound import text as property_of_text
from tests.sanitizer.wrapping import attribute, compressed, properties, streamed, wrapped

from .archives import package
from .common import MARKER, URL, VISIBLE, Attack
from .pictures import encoded, jpeg_with

_PROGRAM = b"MZ" + bytes(62) + MARKER.encode()
_HEAD = "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: words\r\nMIME-Version: 1.0\r\n"


def raw(body: str, *, head: str = "") -> bytes:
    return f"{_HEAD}{head}{body}".encode()


def plain(head: str = "", words: str = VISIBLE) -> bytes:
    return raw(f"Content-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n", head=head)


def page(inside: str, *, charset: str = "utf-8") -> bytes:
    content = f"<html><body><p>{VISIBLE}</p>{inside}</body></html>"
    return (
        _HEAD.encode()
        + f"Content-Type: text/html; charset={charset}\r\n\r\n".encode()
        + content.encode(charset)
    )


def parts(*pieces: str, kind: str = "mixed", boundary: str = "edge") -> bytes:
    """A multipart mail; each piece holds its own headers."""
    first = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{VISIBLE}\r\n"
    body = "".join(f"--{boundary}\r\n{piece}\r\n" for piece in (first, *pieces))
    return raw(f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n{body}--{boundary}--\r\n')


def attached(
    name: str, content: bytes, *, kind: str = "application/octet-stream", disposition: str = "attachment"
) -> str:
    packed = base64.b64encode(content).decode()
    return (
        f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: {disposition}; {name}\r\n\r\n{packed}\r\n"
    )


def inner_mail(content: bytes) -> str:
    return f"Content-Type: message/rfc822\r\n\r\n{content.decode()}\r\n"


def _deep(levels: int) -> bytes:
    data = plain(words=MARKER)
    for _level in range(levels):
        outer = EmailMessage()
        outer["From"], outer["Subject"] = "a@example.jp", "words"
        outer.set_content(VISIBLE)
        outer.add_attachment(email.message_from_bytes(data, policy=email.policy.default))
        data = bytes(outer)
    return data


def _many_multiparts() -> bytes:
    body = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{VISIBLE}\r\n"
    for level in range(60):
        body = f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n{body}\r\n--b{level}--\r\n'
    return raw(body)


_PAGES = {
    "script": f"<script>{MARKER}</script>",
    "handler": f"<p onmouseover='{MARKER}'>x</p>",
    "tracking picture": f"<img src='{URL}.gif' width=1 height=1>",
    "tracking style": f"<div style=\"background:url('{URL}')\">x</div>",
    "style sheet": f"<style>@import '{URL}';</style><link rel=stylesheet href='{URL}'>",
    "form": f"<form action='{URL}'><input name=password></form>",
    "frame": f"<iframe src='{URL}'></iframe>",
    "frame with a page": f"<iframe srcdoc='<script>{MARKER}</script>'></iframe>",
    "refresh": f"<meta http-equiv=refresh content='0;url={URL}'>",
    "base": f"<base href='{URL}'>",
    "script link": f"<a href='javascript:{MARKER}'>x</a>",
    "file link": f"<a href='file://127.0.0.1/{MARKER}'>x</a>",
    "network picture": f"<img src='\\\\127.0.0.1\\{MARKER}.png'>",
    "office link": f"<a href='ms-word:ofe|u|{URL}'>x</a>",
    "search link": f"<a href='search-ms:query=a&crumb=location:\\\\127.0.0.1\\{MARKER}'>x</a>",
    "conditional comment": f"<!--[if mso]><v:rect><v:fill src='{URL}'/></v:rect><![endif]-->",
    "vector markup": f"<v:image xmlns:v='urn:schemas-microsoft-com:vml' src='{URL}'/>",
    "hidden words": f"<script type='application/ld+json'>{{\"potentialAction\": \"{MARKER}\"}}</script>",
    "sound": f"<bgsound src='{URL}'><audio src='{URL}' autoplay></audio>",
    "object": f"<object data='{URL}'><embed src='{URL}'></object>",
    "picture of a drawing": "<img src=\"data:image/svg+xml;base64," + base64.b64encode(f"<svg onload='{MARKER}'/>".encode()).decode() + "\">",
    "moniker": f"<a href='mk:@MSITStore:{MARKER}'>x</a>",
}  # fmt: skip

_HEADERS = {
    "tracking header": f"X-Tracking: {MARKER}\r\n",
    "blind copy": f"Bcc: {MARKER}@example.jp\r\n",
    "read receipt": f"Disposition-Notification-To: {MARKER}@example.jp\r\nReturn-Receipt-To: {MARKER}@example.jp\r\n",
    "unsubscribe": f"List-Unsubscribe: <{URL}>\r\nList-Unsubscribe-Post: {MARKER}\r\n",
    "route": f"Received: from {MARKER} by example.jp; Thu, 1 Jan 2026 00:00:00 +0900\r\n",
    "return path": f"Return-Path: <{MARKER}@example.jp>\r\n",
    "autocrypt": f"Autocrypt: addr=a@example.jp; keydata={MARKER}\r\n",
    "calendar class": f"Content-Class: urn:content-classes:{MARKER}\r\n",
    "face": f"X-Face: {MARKER}\r\nX-Image-URL: {URL}\r\n",
    "very long header": "X-Long: " + f"{MARKER} " * 5000 + "\r\n",
    "header in an odd encoding": f"X-A: =?utf-7?Q?{MARKER}?=\r\n",
}  # fmt: skip

_ATTACHED: dict[str, Callable[[], bytes]] = {
    "program": lambda: parts(attached('filename="a.exe"', _PROGRAM)),
    "program with two endings": lambda: parts(attached('filename="a.pdf.exe"', _PROGRAM)),
    "program named pdf": lambda: parts(attached('filename="a.pdf"', _PROGRAM)),
    "program in a split name": lambda: parts(attached("filename*0=\"a.e\"; filename*1=\"xe\"", _PROGRAM)),
    "program in an encoded name": lambda: parts(attached("filename*=utf-8''a%2Eexe", _PROGRAM)),
    "program in a mime word name": lambda: parts(attached('filename="=?utf-8?B?YS5leGU=?="', _PROGRAM)),
    "program with a name in its type": lambda: parts(attached("x=y", _PROGRAM, kind='application/octet-stream; name="a.exe"')),
    "program shown inline": lambda: parts(attached('filename="a.exe"', _PROGRAM, disposition="inline")),
    "program as picture": lambda: parts(attached('filename="a.png"', _PROGRAM, kind="image/png")),
    "program with a turned name": lambda: parts(attached("filename*=utf-8''a%E2%80%AEfdp.exe", _PROGRAM)),
    "program without a name": lambda: parts(f"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64.b64encode(_PROGRAM).decode()}\r\n"),
    "path in a name": lambda: parts(attached(f'filename="../../{MARKER}.exe"', _PROGRAM)),
    "archive with a program": lambda: parts(attached('filename="a.zip"', package(("a.exe", _PROGRAM)))),
    "picture with a comment": lambda: parts(attached('filename="a.jpg"', jpeg_with(0xFE, MARKER.encode()))),
    "picture with an archive": lambda: parts(attached('filename="a.gif"', encoded("GIF") + package(("a.exe", _PROGRAM)))),
    "page": lambda: parts(attached('filename="a.html"', f"<p>x</p><script>{MARKER}</script>".encode())),
    "page that rebuilds a file": lambda: parts(attached('filename="a.htm"', f"<p>x</p><script>saveAs(atob('{MARKER}'),'a.zip')</script>".encode())),
    "drawing": lambda: parts(attached('filename="a.svg"', f"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><script>{MARKER}</script></svg>".encode())),
    "shortcut": lambda: parts(attached('filename="a.url"', f"[InternetShortcut]\nURL={URL}".encode())),
    "calendar": lambda: parts(f"Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nATTACH:{URL}\r\nX-A:file://127.0.0.1/{MARKER}\r\nEND:VCALENDAR\r\n"),
    "external body": lambda: parts(f'Content-Type: message/external-body; access-type=URL; URL="{URL}"\r\n\r\nContent-Type: application/octet-stream\r\n\r\n'),
    "outlook package": lambda: parts(attached('filename="winmail.dat"', b"\x78\x9f\x3e\x22" + MARKER.encode(), kind="application/ms-tnef")),
    "signed in one piece": lambda: raw(base64.encodebytes(streamed(page(f"<script>{MARKER}</script>"))).decode(), head="Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n"),
    "compressed in one piece": lambda: raw(base64.encodebytes(compressed(page(f"<script>{MARKER}</script>"))).decode(), head="Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n"),
    "program in a name over two words": lambda: parts(attached('filename="=?utf-8?B?YS5l?= =?utf-8?B?eGU=?="', _PROGRAM)),
    "program in a name in disorder": lambda: parts(attached('filename*1="xe"; filename*0="a.e"', _PROGRAM)),
    "program in one of two names": lambda: parts(attached("filename=\"a.txt\"; filename*=utf-8''a.exe", _PROGRAM)),
    "program in a uuencoded part": lambda: parts("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: x-uuencode\r\nContent-Disposition: attachment; filename=a.exe\r\n\r\nbegin 644 a.exe\r\n#86)C\r\n`\r\nend\r\n"),
    "page for newer programs": lambda: parts(f"Content-Type: text/x-amp-html\r\n\r\n<html amp4email><script>{MARKER}</script>", kind="alternative"),
    "page for watches": lambda: parts(f"Content-Type: text/watch-html\r\n\r\n<script>{MARKER}</script>", kind="alternative"),
    "boundary in pieces": lambda: parts(attached('filename="a.exe"', _PROGRAM)).replace(b'boundary="edge"', b'boundary*0="ed"; boundary*1="ge"'),
    "boundary with blanks behind": lambda: parts(attached('filename="a.exe"', _PROGRAM)).replace(b"--edge\r\n", b"--edge \t\r\n"),
    "mail in base64": lambda: parts(f"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64.b64encode(page(f'<script>{MARKER}</script>')).decode()}"),
    "body on this machine": lambda: parts(f'Content-Type: message/external-body; access-type=local-file; name="/etc/{MARKER}"\r\n\r\nContent-Type: text/plain\r\n\r\n'),
    "place of a part": lambda: parts(f"Content-Type: image/png\r\nContent-Location: {URL}\r\n\r\nxx", kind="related"),
    "outlook package with a page": lambda: parts(attached('filename="winmail.dat"', wrapped(f"<p>x</p><script>{MARKER}</script><img src='{URL}'>"), kind="application/ms-tnef")),
    "words before the first part": lambda: parts().replace(b"\r\n\r\n--edge", f"\r\n\r\n{MARKER}\r\n--edge".encode(), 1),
    "words behind the last part": lambda: parts() + f"\r\n{MARKER}\r\n--edge\r\nContent-Type: application/x-msdownload\r\n\r\n{MARKER}".encode(),
    "two boundaries": lambda: parts(attached('filename="a.exe"', _PROGRAM)).replace(b'boundary="edge"', b'boundary="edge"; boundary="other"'),
    "no last boundary": lambda: parts(attached('filename="a.exe"', _PROGRAM)).replace(b"--edge--", b""),
    "rubbish in base64": lambda: parts(attached('filename="a.exe"', _PROGRAM).replace("TVo", "T!V\r\n o")),
    "two encodings": lambda: parts(attached('filename="a.exe"', _PROGRAM).replace("Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64")),
    "unknown encoding": lambda: parts(attached('filename="a.exe"', _PROGRAM).replace("Encoding: base64", f"Encoding: x-{MARKER}")),
    "mail with a program": lambda: parts(inner_mail(parts(attached('filename="a.exe"', _PROGRAM), boundary="inner"))),
    "mail with a page": lambda: parts(inner_mail(page(f"<iframe src='{URL}'></iframe>"))),
    "mail as a file": lambda: parts(attached('filename="a.eml"', page(f"<script>{MARKER}</script>"))),
    "mail of mails": lambda: _deep(9),
    "sixty multiparts": _many_multiparts,
    "letter after letter": lambda: parts("Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n" + f"<p>{VISIBLE}</p><object data='{URL}'></object>" + "\r\n--x--\r\n"),
    "program written with tabs": lambda: plain(words=f"{VISIBLE}\r\nbegin\t644\ta.exe\r\n#86)C\r\n`\r\nend"),
    "uuencoded program": lambda: plain(words=f"{VISIBLE}\r\nbegin 644 a.exe\r\n#86)C\r\n`\r\nend"),
    "program in BinHex": lambda: plain(words=f"{VISIBLE}\r\n(This file must be converted with BinHex 4.0)\r\n:#86):"),
    "page behind a line that is none": lambda: raw(f"Content-Type: text/html\n\nSubject:<script>{MARKER}</script>\r\n\r\n<p>{VISIBLE}</p>\r\n", head="").replace(b"Subject: words\r\n", b""),
    "header behind a return": lambda: plain().replace(b"Subject: words", f"Subject: words\rX-A: {MARKER}".encode()),
    "rubbish behind base64": lambda: raw(f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64.b64encode(VISIBLE.encode()).decode()}=\r\n<script>{MARKER}</script>\r\n"),
    "page behind the last part": lambda: parts() + f"--edge\r\nContent-Type: text/html\r\n\r\n<script>{MARKER}</script>\r\n--edge--\r\n".encode(),
    "words turned and coloured": lambda: raw(f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{VISIBLE} \u202e\u009b31m\U000e0041\r\n"),
    "header of quotes": lambda: plain().replace(b"Subject:", b"Cc: " + b'"' * 50_001 + MARKER.encode() + b"\r\nSubject:"),
}  # fmt: skip


_SHARE = f"\\\\127.0.0.1\\{MARKER}"
_OLE = bytes.fromhex("0b00000000000000c000000000000046")  # IID_IStorage
_IN_PIECES = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 {\*\htmltag64 <p>}Visible words{\*\htmltag <scr}\htmlrtf x\htmlrtf0 {\*\htmltag ipt>}"
    + MARKER.encode() + rb"{\*\htmltag \'3c/script>}{\*\htmltag <im}{\*\htmltag g src=" + URL.encode() + rb">}}"
)  # fmt: skip


def _held(*entries: tuple[int, int, bytes]) -> bytes:
    """An attachment of a winmail.dat."""
    return attribute(0x00069002, bytes(14)) + attribute(0x00069005, properties(*entries))


def _outlook() -> Iterator[Attack]:
    """[MS-OXCMSG] 2.2.2 (attachments), [MS-OXORMDR] 2.2.1 (reminders), [MS-OXRTFEX] (pages in RTF)."""
    by_reference = {
        "__properties_version1.0": bytes(8),
        **property_of_text(0x3707, "a.txt"),
        **property_of_text(0x370D, _SHARE),
    }
    program = {
        "__properties_version1.0": bytes(8),
        "__substg1.0_3701000D": {"\x01Ole10Native": MARKER.encode()},
    }
    reminder = {**property_of_text(0x001A, "IPM.Task"), **property_of_text(0x8000, _SHARE)}
    wide_share = f"{_SHARE}\0".encode("utf-16-le")
    for name, message in {
        "attachment by reference": letter(body=VISIBLE, attachments=(by_reference,)),
        "object as attachment": letter(body=VISIBLE, attachments=(program,)),
        "reminder with the sound of a share": {**letter(body=VISIBLE), **reminder},
    }.items():
        yield Attack(f"msg {name}", lambda message=message: compound(message), "msg")
    yield Attack(
        "msg page in pieces of rich text",
        lambda: compound(letter(rich=_IN_PIECES)),
        "msg",
        shows=lambda output: b"Visible words" in output,
    )
    yield Attack(
        "msg subject that adds headers",
        lambda: compound(letter(subject=f"a\r\nX-{MARKER}: 1\r\n\r\nb", body=VISIBLE)),
        "msg",
        gone=(f"\nX-{MARKER}",),
    )
    for name, entries in {
        "attachment by reference": ((0x3707, 0x1F, "a\0".encode("utf-16-le")), (0x370D, 0x1F, wide_share)),
        "object as attachment": ((0x3701, 0x0D, _OLE + MARKER.encode()),),
    }.items():
        content = wrapped("<p>x</p>", _held(*entries))
        inside = attached('filename="winmail.dat"', content, kind="application/ms-tnef")
        yield Attack(f"eml outlook package, {name}", lambda inside=inside: parts(inside), "eml")


def _attacks() -> Iterator[Attack]:
    gone = (MARKER, "MZ\0", ".exe", "javascript:")
    for name, inside in _PAGES.items():
        yield Attack(f"eml page with {name}", lambda inside=inside: page(inside), "eml", gone=gone)
    for name, head in _HEADERS.items():
        yield Attack(f"eml {name}", lambda head=head: plain(head), "eml")
    for name, build in _ATTACHED.items():
        marks = {
            "uuencoded program": ("\nbegin 644",), "program written with tabs": ("\nbegin\t644",), "program in BinHex": ("\n(This file",),
        }.get(name, gone)  # fmt: skip
        yield Attack(f"eml {name}", build, "eml", gone=marks, refused=name == "sixty multiparts")
    yield Attack(
        "eml line feed in the subject",
        lambda: plain().replace(
            b"Subject: words", b"Subject: =?utf-8?Q?a=0D=0ABcc=3A_x=40example.jp=0D=0A=0D=0A?="
        ),
        "eml",
        gone=("\nBcc",),
    )
    yield Attack(
        "eml control characters in a name",
        lambda: (
            plain()
            .replace(b"From: a@", b"From: =?utf-8?Q?boss=40example.jp=00=E2=80=AE?= <a@")
            .replace(b"example.jp\r\nTo", b"example.jp>\r\nTo")
        ),
        "eml",
        gone=("\0", "\u202e"),
    )
    yield Attack(
        "eml page in utf-7",
        lambda: page(f"+ADw-script+AD4-{MARKER}+ADw-/script+AD4-", charset="utf-8").replace(
            b"charset=utf-8", b"charset=utf-7"
        ),
        "eml",
        gone=("<script",),
    )
    yield Attack(
        "eml page in utf-16",
        lambda: page(f"<script>{MARKER}</script>", charset="utf-16"),
        "eml",
    )
    yield Attack(
        "eml page in iso-2022-jp", lambda: page(f"<script>{MARKER}</script>", charset="iso2022_jp"), "eml"
    )
    yield Attack(
        "msg with a program",
        lambda: compound(letter(body=VISIBLE, attachments=(attached_file("a.exe", _PROGRAM),))),
        "msg",
        gone=gone,
    )
    yield Attack(
        "msg page with a script",
        lambda: compound(letter(page=f"<p>{VISIBLE}</p><script>{MARKER}</script>".encode())),
        "msg",
    )
    yield Attack(
        "msg in a msg",
        lambda: compound(
            letter(
                body=VISIBLE,
                attachments=(
                    attached_letter(letter(page=f"<p>x<img src='{URL}'></p>".encode(), inner=True)),
                ),
            )
        ),
        "msg",
    )
    yield Attack(
        "msg with properties of its own",
        lambda: compound(
            {
                **letter(body=VISIBLE),
                "__substg1.0_8001001F": MARKER.encode("utf-16-le"),
                "Macros": {"VBA": MARKER.encode()},
            }
        ),
        "msg",
    )
    yield Attack(
        "msg rich text with an object",
        lambda: compound(
            letter(
                rich=rb"{\rtf1\ansi\ansicpg932 Visible words {\object\objdata "
                + MARKER.encode().hex().encode()
                + rb"}{\field{\*\fldinst DDEAUTO "
                + MARKER.encode()
                + rb"}}}"
            )
        ),
        "msg",
        shows=lambda output: b"Visible words" in output,
    )
    yield from _outlook()
    yield Attack(
        "eml encrypted",
        lambda: raw(f"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\n{MARKER}"),
        "eml",
        refused=True,
    )


ATTACKS = tuple(_attacks())
