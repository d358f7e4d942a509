"""Remarks on a result: stable codes with parameters. Their words live in `sekisho.analysis.words`."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader of the figures has to know, for example that there are too few of them."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
