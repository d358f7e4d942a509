"""Whom a list speaks for: where each bureau sends its own, a list says nothing of the other bureaus' projects."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sekisho.values import name_key

#: where a project stands, from the top down
Path = Sequence[str]


@dataclass(frozen=True)
class Coverage:
    """``level``: the first at which paths differ. ``bureaus`` by year: keys of those that a list of some bureaus speaks
    for; a year that is not there speaks for all.
    """

    level: int = 0
    bureaus: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def speaks_for(self, path: Path, year: int | None) -> bool:
        """Whether a project that stood here would be in the list of that year."""
        only = self.bureaus.get(year) if year is not None else None
        return only is None or _bureau(path, self.level) in only


def coverage(known: Iterable[Path], listed: Mapping[int, Iterable[Path]]) -> Coverage:
    """``known``: where projects were listed before; ``listed``: where those of each year's list stand. A list that names
    half of the known bureaus or fewer is one of some bureaus; any other is of all, so that a bureau that was dissolved
    ends with its projects.
    """
    before = {tuple(path) for path in known if path}
    paths = {year: {tuple(path) for path in found} for year, found in listed.items()}
    level = _level([path for path in before.union(*paths.values()) if path])
    bureaus = {_bureau(path, level) for path in before}
    if len(bureaus) < 2:
        return Coverage(level)
    named = {year: frozenset(_bureau(path, level) for path in found) for year, found in paths.items()}
    return Coverage(
        level, {year: some for year, some in named.items() if 2 * len(bureaus & some) <= len(bureaus)}
    )


def _level(paths: Sequence[Path]) -> int:
    """How many levels all paths share: a city at the top of every path tells no bureaus apart."""
    shared = 0
    for names in zip(*paths, strict=False):
        if len({name_key(name) for name in names}) > 1:
            break
        shared += 1
    return shared


def _bureau(path: Path, level: int) -> str:
    return name_key(path[level]) if len(path) > level else ""
