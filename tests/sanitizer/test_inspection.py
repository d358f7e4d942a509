"""Looking at a file again: whatever it comes as, the whole of it is looked at."""

import io

import pytest
from click.testing import CliRunner

from sekisho.cli.sanitize import verify
from sekisho.sanitizer import sanitize
from sekisho.sanitizer.inspection import identify_file, verify_file

from .passing import zipped

SCRIPT = b"<!doctype html><html><body><script>alert(1)</script></body></html>"


class Pipe(io.RawIOBase):
    """A stream that cannot go back, as standard input is."""

    def __init__(self, body):
        self._left = body

    def readable(self):
        return True

    def readinto(self, buffer):
        taken = self._left[: len(buffer)]
        self._left = self._left[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


@pytest.mark.parametrize("kind", [bytes, io.BytesIO, lambda body: io.BufferedReader(Pipe(body))])
def test_a_stream_is_judged_as_its_bytes_are(kind):
    complaint = verify_file(kind(SCRIPT), name="a.html")
    assert complaint is not None
    assert "script" in str(complaint)
    assert verify_file(kind(b"a,b\r\n1,2\r\n"), name="a.csv") is None
    assert identify_file(kind(SCRIPT), name="a.html")[0].id == "html"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "# 例\n\n```html\n<script>x</script>\n```\n"),
        ("a.txt", "<html><script>x</script></html>\n"),
        ("a.csv", '<?xml version="1.0"?><a>x</a>\n'),
    ],
)
def test_what_came_out_clean_is_clean_whatever_its_words_look_like(name, text):
    output = sanitize(text.encode(), name=name).output
    assert output is not None
    assert verify_file(output, name=name) is None


def test_what_is_disliked_is_told_without_commands_for_the_terminal():
    mail = b"From: a@example.jp\r\nX-\x1b[2J\xc2\x9b: x\r\n\r\nwords\r\n"
    package = zipped(**{"\x1b]0;title\x07\u202e__txt": "words"})
    for content in (mail, package):
        told = CliRunner().invoke(verify, ["-"], input=content).output
        assert "not clean" in told
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(told)


def test_standard_input_is_verified_too():
    refused = CliRunner().invoke(verify, ["-"], input=SCRIPT)
    assert refused.exit_code != 0
    assert CliRunner().invoke(verify, ["-"], input=b"only words\r\n").exit_code == 0
