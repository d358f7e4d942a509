"""What the tests of every family share."""

import io
import zipfile

from sekisho.sanitizer import Policy, Result, sanitize
from sekisho.sanitizer.formats.ooxml.target import Target


def clean(data: bytes, name: str, policy: Policy | str = "inbound", **rest: str) -> tuple[bytes, Result]:
    """The output and the whole result of a file that must come out clean."""
    result = sanitize(data, policy, name=name, **rest)  # type: ignore[arg-type]
    assert result.is_clean, (result.report.refusal, result.report.refusal_params, result.report.attempts)
    assert result.output is not None
    return result.output, result


def codes(result: Result) -> set[str]:
    """The codes of everything the report says was removed or changed."""
    return {removal.code for removal in result.report.removed}


def zipped(**members: bytes | str) -> bytes:
    """A ZIP of files whose names are given with ``__`` for the dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name.replace("__", "."), content)
    return out.getvalue()


def names_in(package: bytes) -> list[str]:
    """The names of a ZIP's members."""
    return zipfile.ZipFile(io.BytesIO(package)).namelist()


def replaced(package: bytes, old: str, new: str) -> bytes:
    """A clean Office file with other words in its parts, written as we write them."""
    out = io.BytesIO()
    target = Target(out)
    with zipfile.ZipFile(io.BytesIO(package)) as source:
        for name in source.namelist():
            target.write(name, source.read(name).replace(old.encode(), new.encode()))
    target.close()
    return out.getvalue()
