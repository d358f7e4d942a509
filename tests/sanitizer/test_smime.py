"""S/MIME in one piece: what was only signed is taken out and goes its way, what is encrypted is refused as that."""

import base64
import datetime
import email
import email.policy
import random
from email.message import EmailMessage

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from sekisho.sanitizer import sanitize
from sekisho.sanitizer.formats import cms

from .passing import clean, codes
from .wrapping import compressed, streamed

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
CERTIFICATE = (
    x509.CertificateBuilder()
    .subject_name(NAME)
    .issuer_name(NAME)
    .public_key(KEY.public_key())
    .serial_number(1)
    .not_valid_before(datetime.datetime(2026, 1, 1))
    .not_valid_after(datetime.datetime(2036, 1, 1))
    .sign(KEY, hashes.SHA256())
)


def signed(content: bytes) -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(CERTIFICATE, KEY, hashes.SHA256())
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def encrypted(content: bytes) -> bytes:
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content).add_recipient(CERTIFICATE)
    return builder.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def mail(
    envelope: bytes, name: str = "smime.p7m", kind: str = "application/pkcs7-mime; smime-type=signed-data"
) -> bytes:
    head = "From: a@example.jp\r\nSubject: s\r\nMIME-Version: 1.0\r\n"
    rest = f'Content-Type: {kind}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    return (head + rest).encode() + base64.encodebytes(envelope)


def letter() -> bytes:
    message = EmailMessage()
    message.set_content("本文です")
    message.add_alternative("<p>本文です<script>MARKER</script></p>", subtype="html")
    message.add_attachment("名,=1+1\n".encode(), maintype="text", subtype="csv", filename="表.csv")
    return bytes(message)


@pytest.mark.parametrize("wrap", [signed, streamed])
@pytest.mark.parametrize(
    "kind", ["application/pkcs7-mime; smime-type=signed-data", "application/octet-stream"]
)
def test_a_mail_that_is_only_signed_is_taken_out_and_disarmed(wrap, kind):
    output, result = clean(mail(wrap(letter()), kind=kind), "a.eml")
    read = email.message_from_bytes(output, policy=email.policy.default)
    assert read["Subject"] == "s"
    assert "本文です" in read.get_body(("plain",)).get_content()
    assert "MARKER" not in read.as_string()
    assert b"'=1+1" in next(read.iter_attachments()).get_content()
    assert "mail.signature" in codes(result)


def test_what_is_only_compressed_is_unpacked_and_disarmed():
    output, result = clean(
        mail(compressed(letter()), kind="application/pkcs7-mime; smime-type=compressed-data"), "a.eml"
    )
    read = email.message_from_bytes(output, policy=email.policy.default)
    assert "本文です" in read.get_body(("plain",)).get_content()
    assert "MARKER" not in read.as_string()
    assert "mail.signature" not in codes(result)


def test_what_is_compressed_to_burst_or_wrongly_is_refused_as_that():
    burst = compressed(b"Subject: s\n\n" + bytes(40_000_000))
    assert sanitize(mail(burst), name="a.eml").report.refusal == "limit.ratio"
    broken = compressed(b"x").replace(b"\x78\x9c", b"\x79\x9c")
    assert sanitize(mail(broken), name="a.eml").report.refusal == "mail.smime"


def test_what_is_encrypted_is_called_that_whatever_its_label_says():
    assert sanitize(mail(encrypted(letter())), name="a.eml").report.refusal == "mail.encrypted"
    within = mail(signed(mail(encrypted(letter()))))
    assert sanitize(within, name="a.eml").report.refusal == "mail.encrypted"


def test_an_envelope_that_is_neither_is_said_to_be_so():
    digested = (
        b"\x30\x18\x06\x09" + bytes.fromhex("2a864886f70d010705") + b"\xa0\x0b" + b"\x30\x09" + b"\0" * 9
    )
    for envelope, kind in ((digested, "unknown"), (b"x", "?")):
        report = sanitize(mail(envelope), name="a.eml").report
        assert (report.refusal, report.refusal_params) == ("mail.smime", {"kind": kind})


def test_a_signed_file_is_an_attachment():
    message = EmailMessage()
    message["From"], message["Subject"] = "a@example.jp", "s"
    message.set_content("添付します")
    message.add_attachment(
        signed("名,=1+1\n".encode()), maintype="application", subtype="pkcs7-mime", filename="表.csv.p7m"
    )
    output, _result = clean(bytes(message), "a.eml")
    (attached,) = email.message_from_bytes(output, policy=email.policy.default).iter_attachments()
    assert attached.get_filename() == "表.csv"
    assert b"'=1+1" in attached.get_content()


def test_envelopes_within_envelopes_end():
    data = letter()
    for _ in range(25):
        data = mail(signed(data))
    assert sanitize(data, name="a.eml").report.refusal == "limit.depth"


def test_no_bent_envelope_crashes():
    chance = random.Random(7)
    for source in (signed(letter()), streamed(letter()), encrypted(letter())):
        for _ in range(1_500):
            bent = bytearray(source[: chance.randrange(1, len(source) + 1)])
            for _ in range(chance.randrange(4)):
                bent[chance.randrange(min(len(bent), 80))] = chance.randrange(256)
            try:
                cms.opened(bytes(bent))
            except cms.CmsError:
                continue
