"""What a letter says in several parts shows in each form of it; what is the same again is left out and told."""

import base64
import email
import email.policy
from email.message import EmailMessage

import pytest

from sekisho.sanitizer import Policy

from .passing import clean, codes

_HEAD = "From: a@example.lg.jp\r\nTo: b@example.lg.jp\r\nSubject: 件名\r\nMIME-Version: 1.0\r\n"


def part(kind: str, said: str, **more: str) -> str:
    headers = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in more.items())
    return (
        f"Content-Type: {kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n{headers}\r\n{said}\r\n"
    )


def parts(kind: str, *inner: str, border: str = "B") -> str:
    return f'Content-Type: multipart/{kind}; boundary="{border}"\r\n\r\n' + "".join(
        f"--{border}\r\n{each}" for each in inner
    ) + f"--{border}--\r\n"  # fmt: skip


def page(said: str) -> str:
    return part("text/html", f"<html><head><title>t</title></head><body><p>{said}</p></body></html>")


def bodies(rest: str) -> tuple[str, str, set[str]]:
    """The words and the page of the clean letter, and what its report tells."""
    output, result = clean((_HEAD + rest).encode(), "a.eml")
    made = email.message_from_bytes(output, policy=email.policy.default)
    assert isinstance(made, EmailMessage)
    words, shown = made.get_body(("plain",)), made.get_body(("html",))
    assert words is not None
    return words.get_content(), shown.get_content() if shown else "", codes(result)


_FOOT = part("text/plain", "末尾の<注意>")
_BOTH = parts("alternative", part("text/plain", "本文"), page("本文のページ"), border="C")


@pytest.mark.parametrize("first", [page("本文のページ"), _BOTH], ids=["page alone", "words and page"])
def test_what_follows_a_page_as_words_shows_in_both(first: str) -> None:
    words, shown, told = bodies(parts("mixed", first, _FOOT))
    assert "本文" in words
    assert "末尾の<注意>" in words
    assert shown.index("本文のページ") < shown.index("末尾の&lt;注意&gt;")
    assert not told


def test_what_stands_before_a_page_as_words_shows_before_it() -> None:
    words, shown, _told = bodies(parts("mixed", _FOOT, page("本文のページ")))
    assert words.index("末尾の<注意>") < words.index("本文のページ")
    assert shown.index("末尾の&lt;注意&gt;") < shown.index("本文のページ")


def test_two_pages_around_a_picture_are_both_in_the_words() -> None:
    words, shown, _told = bodies(parts("mixed", page("前"), page("後")))
    assert words.split() == ["前", "後"]
    assert shown.index("前") < shown.index("後")


def test_words_and_page_that_say_the_same_are_not_doubled() -> None:
    words, shown, _told = bodies(_BOTH)
    assert words.strip() == "本文"
    assert shown.count("本文") == 1


@pytest.mark.parametrize("kind", ["text/x-amp-html", "text/watch-html", "text/enriched"])
def test_a_third_form_of_the_same_is_left_out_and_told(kind: str) -> None:
    output, result = clean(
        (_HEAD + parts("alternative", part("text/plain", "本文"), part(kind, "<b>OTHER</b>"), page("本文"))).encode(), "a.eml"
    )  # fmt: skip
    made = email.message_from_bytes(output)
    assert [each.get_content_type() for each in made.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert codes(result) == {"mail.alternative"}


def test_an_invitation_among_the_forms_is_attached() -> None:
    invitation = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261201T000000Z\r\nDTSTART:20261202T010000Z\r\nSUMMARY:会議\r\nEND:VEVENT\r\nEND:VCALENDAR"
    output, _result = clean(
        (_HEAD + parts("alternative", part("text/plain", "本文"), part("text/calendar", invitation))).encode(), "a.eml"
    )  # fmt: skip
    assert "text/calendar" in [each.get_content_type() for each in email.message_from_bytes(output).walk()]


@pytest.mark.parametrize(
    ("marks", "said", "shown"),
    [
        ("format=flowed", "long \r\nline\r\nnext", "long line\nnext"),
        ("format=flowed; delsp=yes", "これは長い \r\n段落です\r\n次", "これは長い段落です\n次"),
        ("format=flowed", "> quoted \r\n> on\r\n>> deeper \r\n> back", "> quoted on\n>> deeper \n> back"),
        ("format=flowed", "words \r\n-- \r\nname", "words \n-- \nname"),
        ("format=flowed", "  indented\r\n >no quote", " indented\n>no quote"),
        ("format=fixed", "long \r\nline", "long \nline"),
    ],
)
def test_paragraphs_broken_at_the_width_of_a_window_are_whole_again(
    marks: str, said: str, shown: str
) -> None:
    words, _shown, _told = bodies(part(f"text/plain; {marks}", said))
    assert words.replace("\r\n", "\n").rstrip("\n") == shown.rstrip("\n")


def test_a_file_within_a_text_stays_quoted_however_the_lines_are_broken() -> None:
    words, _shown, told = bodies(
        part("text/plain; format=flowed; delsp=yes", "beg \r\nin 644 a.exe\r\n#0V%T\r\n`\r\nend")
    )
    assert words.startswith("> begin 644")
    assert "mail.inline_file" in told


def test_a_subject_parted_in_the_middle_of_a_character_is_whole_again() -> None:
    said = "会議の開催について".encode("iso2022_jp")
    pieces = [said[:10] + b"\x1b(B", b"\x1b$B" + said[10:]]
    coded = "\r\n ".join(f"=?ISO-2022-JP?B?{base64.b64encode(piece).decode()}?=" for piece in pieces)
    letter = f"From: a@example.lg.jp\r\nSubject: {coded}\r\n{part('text/plain', 'x')}"
    output, result = clean(letter.encode(), "a.eml")
    assert email.message_from_bytes(output, policy=email.policy.default)["Subject"] == "会議の開催について"
    assert not codes(result)


def test_what_stands_behind_the_end_of_a_page_is_read_as_text_too() -> None:
    source = "<html><body><p>前</p></body></html>\n<p>後</p>".encode()
    text = Policy.from_dict({"name": "t", "methods": {"html": "text"}})
    assert clean(source, "a.html", text)[0].decode().split() == ["前", "後"]
    assert "後" in clean(source, "a.html")[0].decode()
