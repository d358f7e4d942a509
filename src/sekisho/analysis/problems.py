"""Refusals of the statistics: one sentence that says what is wrong, one that says how to mend it. No Django."""

from sekisho.values import Problem, gettext_noop, shown

_ = gettext_noop


class AnalysisProblem(Problem, ValueError):
    """Figures cannot be taken from this input; both sentences are gettext msgids with named places."""


class CellProblem(AnalysisProblem):
    """One cell cannot be understood. ``line``, ``column`` and ``value`` say which."""

    def __init__(
        self, line: int, column: str, value: object, expected: str, mend: str, **params: object
    ) -> None:
        self.line, self.column, self.value = line, column, value
        place = {"line": line, "column": shown(column), "value": shown(value)}
        super().__init__(expected, {**place, **params}, mend)


def out_of_scale(line: int, column: str, value: object, low: int, high: int, more: int = 0) -> CellProblem:
    """A number outside the scale, or a word that is none of it; ``more`` further cells have the same fault."""
    return CellProblem(
        line,
        column,
        value,
        _(
            "Line %(line)s, column “%(column)s”: “%(value)s” is not an answer on the scale %(low)s to %(high)s."
        ),
        _MEND if not more else _MEND_MANY,
        low=low,
        high=high,
        more=more,
    )


_MEND = _("Write a number from %(low)s to %(high)s or the words of the answer; leave a missing answer blank.")
_MEND_MANY = _(
    "Write a number from %(low)s to %(high)s or the words of the answer; leave a missing answer blank. "
    "The same fault in further cells: %(more)s."
)
