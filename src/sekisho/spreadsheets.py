"""What every table written for a spreadsheet keeps to. Pure, for all apps."""

from typing import Any, Final

#: first characters with which a spreadsheet takes a cell for a formula, full-width ones included
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
