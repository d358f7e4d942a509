"""What a child may say. One that was taken over says anything, which must neither bring its caller down nor stand in a report."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sekisho.sanitizer.filetypes import TYPES
from sekisho.sanitizer.words import all_words

_NEEDS_A_FILE = {"member", "letter"}
_ACTIONS = {"removed", "changed", "lost", "warned"}


def is_sound(message: Mapping[str, Any], files: Sequence[int] = ()) -> bool:
    """Whether a message has a known kind, the file that this needs, and each of its entries in the form that callers rely on."""
    try:
        kind = message["kind"]
        return (bool(files) or kind not in _NEEDS_A_FILE) and _fits(message, _KINDS[kind])
    except (KeyError, TypeError):  # of what cannot be a key either
        return False


def storable(value: Any) -> Any:
    """What was said, without what neither files nor databases take: zeros in words, and halves of characters."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {storable(name): storable(entry) for name, entry in value.items()}
    return list(map(storable, value)) if isinstance(value, list) else value


def _fits(said: Mapping[str, Any], entries: Mapping[str, Callable[[Any], bool]]) -> bool:
    return all(is_fine(said[name]) for name, is_fine in entries.items())


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind)


def _is_type(value: Any) -> bool:
    return value in TYPES


def _is_code(value: Any) -> bool:
    return value in all_words()


def _is_place(value: Any) -> bool:
    """Where something was, or what a sentence is filled with; its code comes beside it."""
    return isinstance(value, dict) and "code" not in value and "self" not in value


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _are_types(value: Any) -> bool:
    return isinstance(value, list) and all(entry in TYPES for entry in value)


def _are_removals(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_removal, value))


def _is_removal(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == _REMOVAL.keys() and _fits(value, _REMOVAL)


def _is_complaint(value: Any) -> bool:
    if value is None:
        return True
    return isinstance(value, dict) and value.keys() == _COMPLAINT.keys() and _fits(value, _COMPLAINT)


_REMOVAL: dict[str, Callable[[Any], bool]] = {
    "code": _is_code, "action": lambda value: value in _ACTIONS, "where": _is_place, "detail": _is(str), "count": _is(int),
}  # fmt: skip
_COMPLAINT: dict[str, Callable[[Any], bool]] = {"code": _is(str), "place": _is(str)}
_KINDS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "refused": {"code": _is_code, "params": _is_place},
    "identified": {"type": _is_type, "rivals": _are_types, "objection": _is(str)},
    "made": {"type": _is_type, "removed": _are_removals, "fidelity": _is(dict)},
    "verified": {"complaint": _is_complaint},
    "member": {"name": _is(str)},
    "file": {},
    "letter": {},
    "plain": {},
    "prepared": {"removed": _are_removals},
    "stopped": {},
    "drawn": {"pages": _is(int)},
    "indirect": {"type": _is_type, "family": _is(str)},
    "members": {"names": _are_words},
    "unpacked": {"name": _is(str)},
}
