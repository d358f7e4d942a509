"""What content paints with (8.6.8), where no space comes through that shows it: palettes and profiles.

The number of a colour of a palette, and amounts that a profile shows otherwise than the device does, give way to the
colour itself in the space below. Which is meant is told by what stands before, so content is followed as it goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pikepdf

from sekisho.sanitizer.formats.pdf_parts.colors import is_indexed
from sekisho.sanitizer.formats.pdf_parts.context import Context
from sekisho.sanitizer.formats.pdf_parts.palettes import Colour, colours_of
from sekisho.sanitizer.formats.pdf_parts.profiles import Profile, profile_of
from sekisho.sanitizer.formats.pdf_parts.values import name, number
from sekisho.sanitizer.formats.pdf_writer import number_bytes

# What sets a colour of another space: of what is filled, and of strokes.
_DEVICE_COLOURS = {"g": "cs", "rg": "cs", "k": "cs", "G": "CS", "RG": "CS", "K": "CS"}
_COLOURS = {"sc": "cs", "scn": "cs", "SC": "CS", "SCN": "CS"}

_Change = Callable[[list[Any]], list[Any]]


@dataclass
class Painting:
    """What the operands of colours give way to as content goes on, by the operators that choose spaces: ``cs`` and ``CS``."""

    context: Context
    _chosen: dict[str, _Change] = field(default_factory=dict)
    _saved: list[dict[str, _Change]] = field(default_factory=list)

    def follow(self, operator: str, operands: list[Any]) -> list[Any]:
        """The operands of an instruction, with the colour itself where they are those of a palette or profile."""
        if operator == "q":
            self._saved.append(dict(self._chosen))
        elif operator == "Q" and self._saved:
            self._chosen = self._saved.pop()
        elif operator in _DEVICE_COLOURS:
            self._chosen.pop(_DEVICE_COLOURS[operator], None)
        elif change := self._chosen.get(_COLOURS.get(operator, "")):
            return change(operands)
        return operands

    def line(self, line: bytes) -> bytes:
        """The same for an instruction of numbers alone, as it is written."""
        *said, operator = line.split()
        amounts = list(map(float, said))
        followed = self.follow(operator.decode("ascii"), amounts)
        return line if followed is amounts else b" ".join([*map(number_bytes, followed), operator])

    def choose(self, operator: str, space: Any) -> Colour:
        """Note the space that is painted with from now on; its first colour where it is a palette, else nothing.

        Raises ``Unreadable``.
        """
        self._chosen.pop(operator, None)
        under = _under(space)
        if is_indexed(under):
            colours = colours_of(self.context, under)
            self._chosen[operator] = _by_number(colours)
            return colours[0] if under is space else []
        if profile := profile_of(self.context, under):
            self._chosen[operator] = _by_profile(profile)
        return []


def is_followed(context: Context, spaces: Any) -> bool:
    """Whether one of these colour spaces, by name, is a palette or shows colours otherwise than the device does."""
    return isinstance(spaces, pikepdf.Dictionary) and any(
        is_indexed(_under(space)) or profile_of(context, _under(space)) for _name, space in spaces.items()
    )


def _under(space: Any) -> Any:
    """The space itself, or that of the colours of patterns without some of their own (8.7.3.3)."""
    is_pattern = isinstance(space, pikepdf.Array) and len(space) > 1 and name(space[0]) == "Pattern"
    return space[1] if is_pattern else space


def _by_number(colours: list[Colour]) -> _Change:
    def changed(operands: list[Any]) -> list[Any]:
        at = number(operands[0]) if operands else None
        if at is None:
            return operands
        return [*colours[max(0, min(round(at), len(colours) - 1))], *operands[1:]]

    return changed


def _by_profile(profile: Profile) -> _Change:
    def changed(operands: list[Any]) -> list[Any]:
        amounts = [found for value in operands[: profile.components] if (found := number(value)) is not None]
        if len(amounts) < profile.components:
            return operands
        return [*profile.colour(amounts), *operands[profile.components :]]

    return changed
