"""Where imported books belong: organisations found by their names, or created below a root of the source."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from sekisho.book.services.bulk import BulkLedger, update_rows
from sekisho.people.models import Organisation
from sekisho.values import name_key

Path = tuple[str, ...]

#: names of the roots; other schemes are called as they are
_ROOTS = {"rs": "行政事業レビュー（RSシステム）", "judgit": "行政事業レビュー（JUDGIT!）"}
#: sources that list the whole state: their ministries are not matched with organisations of this government
_OFFICIAL = frozenset(_ROOTS)


def _key(path: Path) -> Path:
    """A path without differences of width, case and spaces."""
    return tuple(map(name_key, path))


class Organisations:
    """Resolves organisation paths of one source. ``missing`` has the paths that would have to be created."""

    def __init__(self, scheme: str) -> None:
        self.scheme = scheme
        self.by_code: dict[str, Organisation] = {}
        self.children: dict[int | None, dict[str, Organisation]] = defaultdict(dict)
        self.named: dict[str, list[Organisation]] = defaultdict(list)
        self.missing: set[Path] = set()
        for organisation in Organisation.objects.order_by("path"):
            self._know(organisation)

    def _know(self, organisation: Organisation) -> None:
        self.by_code[organisation.code] = organisation
        if organisation.closed_on is None:
            key = name_key(organisation.name)
            self.children[organisation.parent_id].setdefault(key, organisation)
            self.named[key].append(organisation)

    @property
    def root_code(self) -> str:
        """Code of the organisation above all that this source created."""
        return f"{self.scheme}:root"

    def code_of(self, path: Path) -> str:
        """The lasting code of a path: renaming or moving the organisation here does not lose it."""
        if not path:
            return self.root_code
        return f"{self.scheme}:{hashlib.sha256('/'.join(path).encode()).hexdigest()[:16]}"

    def find(self, path: Path) -> Organisation | None:
        """The organisation of a path, when it is there."""
        return self.by_code.get(self.code_of(path)) or (self._by_names(path) if path else None)

    def _by_names(self, path: Path) -> Organisation | None:
        """Walk down from the root of an official source, or from the one organisation that has the first name."""
        if self.scheme in _OFFICIAL:
            here, rest = self.by_code.get(self.root_code), path
        else:
            starts = self.named.get(name_key(path[0]), [])
            here, rest = starts[0] if len(starts) == 1 else None, path[1:]
        for name in rest:
            here = self._below(here, name_key(name)) if here else None
        return here

    def _below(self, above: Organisation, key: str) -> Organisation | None:
        """The child of this name. Tables of an office's own may leave out divisions: else the only one further down."""
        if (child := self.children[above.pk].get(key)) or self.scheme in _OFFICIAL:
            return child
        below = [one for one in self.named.get(key, []) if one.path.startswith(above.path)]
        return below[0] if len(below) == 1 else None

    def note(self, path: Path) -> None:
        """Remember a path that `create` would have to make, with all above it."""
        self.missing |= {_key(lacking) for lacking in self._lacking(path)}

    def _lacking(self, path: Path) -> set[Path]:
        """The path and those above it that are not there; the root only when something stands on it."""
        if self.find(path) is not None:
            return set()
        lacking = {path[:length] for length in range(1, len(path) + 1) if self.find(path[:length]) is None}
        needs_root = not path or path[:1] in lacking
        return lacking | ({()} if needs_root and self.find(()) is None else set())

    def create(self, paths: Iterable[Path], acts: BulkLedger) -> None:
        """Make all organisations that these paths lack, the upper ones first."""
        lacking: set[Path] = set().union(*(self._lacking(path) for path in set(paths)))
        once = {_key(path): path for path in sorted(lacking, reverse=True)}
        for depth in sorted({len(path) for path in once}):
            self._create_level(sorted(path for path in once.values() if len(path) == depth), acts)

    def _create_level(self, paths: list[Path], acts: BulkLedger) -> None:
        made = [self._draft(path) for path in paths]
        Organisation.objects.bulk_create(made)
        for organisation in made:
            above = organisation.parent.path if organisation.parent else "/"
            organisation.path = f"{above}{organisation.pk}/"
        update_rows(Organisation, made, ["path"])
        for organisation in made:
            after = {"code": organisation.code, "name": organisation.name, "parent": organisation.parent_id}
            acts.add(None, "organisation.created", {"name": organisation.name}, after=after)
            self._know(organisation)

    def _draft(self, path: Path) -> Organisation:
        name = path[-1] if path else _ROOTS.get(self.scheme, self.scheme)
        parent = self.find(path[:-1]) if path else None
        return Organisation(code=self.code_of(path), name=name, parent=parent, path="")
