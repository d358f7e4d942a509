"""Workbooks of old (xls) without their embedded objects, for the program that converts them: the picture of each stays.

An object lies in a storage beside the workbook, named by a number that the workbook tells. Under another name nobody finds
it: its readers are not reached, and LibreOffice draws the picture that people saw, which it leaves out where it has read one.

Sources: [MS-XLS] 2.1.7.1 (names); [MS-CFB] 2.2 and 2.6.1: entries of 128 bytes in sectors of 512 or 4,096, which begin with a name.
"""

import re
from typing import BinaryIO

from sekisho.sanitizer.results import Refused

_ENTRY = 128
_NAME = re.compile(rb"(?i:M\0B\0D\0|L\0N\0K\0)(?:[0-9A-Fa-f]\0){8}")
_SECTOR_SHIFT, _SECTOR_SHIFTS = slice(30, 32), {b"\t\0", b"\x0c\0"}
_NOBODYS = b"X"  # for the first letter


def hide(data: bytes, new: BinaryIO) -> int:
    """Write the workbook to ``new`` with its objects out of reach, and say how many there are; nothing where there is none.

    Not the tree is followed but every entry looked at, so that two readers of it may differ. Raises ``Refused``
    (``input.broken``) for sectors of other sizes, in which entries could begin anywhere.
    """
    found = [name.start() for name in _NAME.finditer(data) if name.start() % _ENTRY == 0]
    if data[_SECTOR_SHIFT] not in _SECTOR_SHIFTS:
        raise Refused("input.broken", type="xls")
    if found:
        new.write(data)
    for place in found:
        new.seek(place)
        new.write(_NOBODYS)
    return len(found)
