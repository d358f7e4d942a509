"""Pages of other apps that belong to a book or a gate. Apps to our right register them; ours show where they are."""

from collections.abc import Callable
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
