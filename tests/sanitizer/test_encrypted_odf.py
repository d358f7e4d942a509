"""OpenDocument files with a password, in each way that programs lock them."""

import base64
import hashlib
import io
import os
import re
import zipfile
import zlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.formats.encrypted_office import decrypted_legacy
from sekisho.sanitizer.libreoffice import office_program
from sekisho.sanitizer.results import Refused

PASSWORD, VISIBLE = "ひみつ", "見える言葉"
TYPE = "application/vnd.oasis.opendocument.text"
SALT, ROUNDS = b"0123456789abcdef", 1000
SPACES = (
    'xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
    'xmlns:l="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"'
)
CONTENT = (
    '<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" o:version="1.2" '
    'xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body><o:text>'
    f"<t:p>{VISIBLE}</t:p></o:text></o:body></o:document-content>"
).encode()
FILES = {"content.xml": CONTENT, "Pictures/a.bin": bytes(range(256)) * 9}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def stretched(hashed: str, size: int) -> bytes:
    begun = hashlib.new(hashed, PASSWORD.encode()).digest()
    return hashlib.pbkdf2_hmac("sha1", begun, SALT, ROUNDS, size)


def described(algorithm: str, vector: bytes, derivation: str, *, checksum: str = "", begun: str = "") -> str:
    """What the manifest says of a locked member."""
    start = f'<m:start-key-generation m:start-key-generation-name="{begun}"/>' if begun else ""
    return (
        f'<m:encryption-data {checksum}><m:algorithm m:algorithm-name="{algorithm}" m:initialisation-vector="{b64(vector)}"/>'
        f'{start}<m:key-derivation m:salt="{b64(SALT)}" {derivation}/></m:encryption-data>'
    )


def by_blowfish(data: bytes) -> tuple[bytes, str]:
    vector, plain = os.urandom(8), deflated(data)
    sealer = Cipher(Blowfish(stretched("sha1", 16)), CFB(vector)).encryptor()
    checksum = f'm:checksum-type="SHA1/1K" m:checksum="{b64(hashlib.sha1(plain[:1024]).digest())}"'
    derivation = f'm:key-derivation-name="PBKDF2" m:iteration-count="{ROUNDS}"'
    return sealer.update(plain), described("Blowfish CFB", vector, derivation, checksum=checksum)


def by_aes(data: bytes, *, begun: str = "http://www.w3.org/2000/09/xmldsig#sha256") -> tuple[bytes, str]:
    vector, plain = os.urandom(16), deflated(data)
    added = 16 - len(plain) % 16
    sealer = Cipher(AES(stretched("sha256", 32)), CBC(vector)).encryptor()
    checked = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0#sha256-1k"
    checksum = f'm:checksum-type="{checked}" m:checksum="{b64(hashlib.sha256(plain[:1024]).digest())}"'
    derivation = f'm:key-derivation-name="PBKDF2" m:key-size="32" m:iteration-count="{ROUNDS}"'
    method = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
    locked = sealer.update(plain + os.urandom(added - 1) + bytes([added]))
    return locked, described(method, vector, derivation, checksum=checksum, begun=begun)


def by_aes_undeclared(data: bytes) -> tuple[bytes, str]:
    """As some versions of OpenOffice did: how the key begins is not told, and not what it is when it is not told."""
    return by_aes(data, begun="")


def package(files: dict[str, bytes], manifest: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in {"mimetype": TYPE.encode(), **files}.items():
            made.writestr(name, data)
        made.writestr("META-INF/manifest.xml", f"<m:manifest {SPACES}>{manifest}</m:manifest>")
    return out.getvalue()


def entry(name: str, locked: str = "") -> str:
    kind = TYPE if name in {"/", "encrypted-package"} else "text/xml" if name.endswith("xml") else ""
    return f'<m:file-entry m:full-path="{name}" m:media-type="{kind}" m:size="1">{locked}</m:file-entry>'


def member_by_member(lock: Callable[[bytes], tuple[bytes, str]] = by_aes) -> bytes:
    locked = {name: lock(data) for name, data in FILES.items()}
    listed = entry("/") + "".join(entry(name, told) for name, (_, told) in locked.items())
    return package({name: data for name, (data, _) in locked.items()}, listed)


def whole() -> bytes:
    """As LibreOffice locks from 24.2 on."""
    inner = package(FILES, entry("/") + "".join(map(entry, FILES)))
    vector = os.urandom(12)
    begun = hashlib.sha256(PASSWORD.encode()).digest()
    key = Argon2id(salt=SALT, length=32, iterations=1, lanes=1, memory_cost=1024).derive(begun)
    derivation = (
        'm:key-derivation-name="urn:org:documentfoundation:names:experimental:office:manifest:argon2id" m:key-size="32" '
        'l:argon2-iterations="1" l:argon2-memory="1024" l:argon2-lanes="1"'
    )
    told = described(
        "http://www.w3.org/2009/xmlenc11#aes256-gcm", vector, derivation,
        begun="http://www.w3.org/2001/04/xmlenc#sha256",
    )  # fmt: skip
    locked = vector + AESGCM(key).encrypt(vector, deflated(inner), None)
    return package({"encrypted-package": locked}, entry("encrypted-package", told))


WAYS = {
    "blowfish": lambda: member_by_member(by_blowfish),
    "aes": member_by_member,
    "undeclared": lambda: member_by_member(by_aes_undeclared),
    "whole": whole,
}


def opened(data: bytes, password: str | None = PASSWORD) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(decrypted_legacy(io.BytesIO(data), password) or b""))


def refusal(data: bytes, password: str | None = PASSWORD) -> str:
    with pytest.raises(Refused) as refused:
        decrypted_legacy(io.BytesIO(data), password)
    return refused.value.code


@pytest.mark.parametrize("way", WAYS)
def test_the_password_opens_it(way: str) -> None:
    plain = opened(WAYS[way]())
    assert {name: plain.read(name) for name in FILES} == FILES
    assert plain.read("mimetype").decode() == TYPE
    assert plain.infolist()[0].filename == "mimetype"
    assert b"encryption-data" not in plain.read("META-INF/manifest.xml")


@pytest.mark.parametrize("way", WAYS)
def test_no_other_password_does(way: str) -> None:
    assert refusal(WAYS[way](), None) == "input.encrypted"
    assert refusal(WAYS[way](), "違う") == "input.wrong_password"


def test_one_that_is_not_locked_stays_as_it_is() -> None:
    assert decrypted_legacy(io.BytesIO(package(FILES, entry("content.xml"))), None) is None
    assert decrypted_legacy(io.BytesIO(package(FILES, "<")), None) is None


@pytest.mark.parametrize(
    "told",
    [
        "<m:encryption-data/>",
        by_aes(b"x")[1].replace("aes256-cbc", "rot13"),
        by_aes(b"x")[1].replace("PBKDF2", "PGP"),
        by_aes(b"x")[1].replace(f'count="{ROUNDS}"', 'count="99999999999"'),
        by_aes(b"x")[1].replace('key-size="32"', 'key-size="999999999"'),
    ],
)
def test_a_method_that_nobody_knows_is_said_so(told: str) -> None:
    data = package({"content.xml": by_aes(CONTENT)[0]}, entry("content.xml", told))
    assert refusal(data) in {"input.unsupported_encryption", "input.broken"}


@pytest.mark.parametrize("bound", ['memory="99999999"', 'iterations="99999"', 'memory="0"', 'lanes="0"'])
def test_a_key_that_would_take_hours_or_all_memory_is_not_made(bound: str) -> None:
    name = bound.partition("=")[0]
    data = whole()
    with zipfile.ZipFile(io.BytesIO(data)) as made:
        files = {entry: made.read(entry) for entry in made.namelist() if not entry.startswith("META-INF")}
        manifest = re.sub(f'{name}="[0-9]+"', bound, made.read("META-INF/manifest.xml").decode())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as changed:
        for entry, content in {**files, "META-INF/manifest.xml": manifest.encode()}.items():
            changed.writestr(entry, content)
    assert refusal(out.getvalue()) in {"input.unsupported_encryption", "input.broken"}


def test_a_damaged_member_is_not_handed_on() -> None:
    data, told = by_aes(CONTENT)
    other, second = by_aes(CONTENT * 9)
    listed = entry("content.xml", told) + entry("styles.xml", second)
    broken = package({"content.xml": data, "styles.xml": bytes(len(other))}, listed)
    assert refusal(broken) == "input.broken"


@pytest.mark.skipif(office_program() is None, reason="needs LibreOffice")
def test_a_locked_letter_passes_with_its_password() -> None:
    for make in (member_by_member, whole):
        result = sanitize(make(), name="手紙.odt", password=PASSWORD)
        assert result.status == "clean", result.report.refusal
        with zipfile.ZipFile(io.BytesIO(result.output or b"")) as made:
            assert VISIBLE in made.read("word/document.xml").decode()
    assert sanitize(whole(), name="手紙.odt").report.refusal == "input.encrypted"
