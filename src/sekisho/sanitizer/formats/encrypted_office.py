"""Office files locked with a password ([MS-OFFCRYPTO]): opened in memory, for the one passage."""

import io
from typing import BinaryIO

import msoffcrypto
from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

from sekisho.sanitizer.results import Refused

# Excel locks a workbook with this when somebody protects its structure ([MS-OFFCRYPTO] 2.4.2.3).
_WELL_KNOWN = "VelvetSweatshop"


def decrypted(source: BinaryIO, password: str | None) -> bytes:
    """The package inside. Raises ``Refused``: a password is missing, wrong, or the method is not supported."""
    source.seek(0)
    try:
        document = msoffcrypto.OfficeFile(source)
    except (FileFormatError, ParseError, OSError, ValueError, KeyError, IndexError) as error:
        raise Refused("input.unsupported_encryption") from error
    for candidate in [password] if password else [_WELL_KNOWN]:
        out = io.BytesIO()
        try:
            document.load_key(password=candidate)
            document.decrypt(out, verify_integrity=getattr(document, "type", "") == "agile")
        except InvalidKeyError:
            continue
        except (DecryptionError, ParseError) as error:
            raise Refused("input.unsupported_encryption") from error
        return out.getvalue()
    raise Refused("input.wrong_password" if password else "input.encrypted")
