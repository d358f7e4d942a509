"""Pages of other apps that belong to a book or a gate, or are worth opening after an import. Apps to our right register
them; apps that may not know of each other show where they are.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sekisho.book.models import Gate, Project
from sekisho.errors import Message


@dataclass(frozen=True)
class Neighbour:
    """A page about one book: its ``title`` in words, and its ``address`` for a book."""

    title: Message
    address: Callable[[Project], str]


_neighbours: list[Neighbour] = []


def register_neighbour(neighbour: Neighbour) -> None:
    """Add a page; called from an app's ``ready``."""
    _neighbours.append(neighbour)


def neighbours_of(project: Project) -> list[tuple[str, str]]:
    """(title, address) of every page about this book, in the active language."""
    return [(str(one.title), one.address(project)) for one in _neighbours]


@dataclass(frozen=True)
class GateNeighbour:
    """A page about one gate."""

    title: Message
    address: Callable[[Gate], str]


_gate_neighbours: list[GateNeighbour] = []


def register_gate_neighbour(neighbour: GateNeighbour) -> None:
    """Add a page; called from an app's ``ready``."""
    _gate_neighbours.append(neighbour)


def neighbours_of_gate(gate: Gate) -> list[tuple[str, str]]:
    """(title, address) of every page about this gate, in the active language."""
    return [(str(one.title), one.address(gate)) for one in _gate_neighbours]


@dataclass(frozen=True)
class ImportNeighbour:
    """A page to open after an import. ``address`` is for the fiscal years a source listed; "" while there is nothing to see."""

    title: Message
    address: Callable[[Collection[int]], str]


_import_neighbours: list[ImportNeighbour] = []


def register_import_neighbour(neighbour: ImportNeighbour) -> None:
    """Add a page; called from an app's ``ready``."""
    _import_neighbours.append(neighbour)


def neighbours_of_import(years: Collection[int]) -> list[tuple[str, str]]:
    """(title, address) of every page to open after an import of these fiscal years, in the active language."""
    found = [(one.title, one.address(years)) for one in _import_neighbours]
    return [(str(title), address) for title, address in found if address]
