"""What a wave came to as plain values, in the standard terms of each field, for programs."""

import datetime as dt
from typing import Any

from sekisho.analysis import documents
from sekisho.voice.definition import Kind
from sekisho.voice.models import Wave
from sekisho.voice.queries.surveys import ChoiceLine, QuestionResult, wave_results


def results_document(wave: Wave) -> dict[str, Any]:
    """Figures of a wave, as far as they may be shown. Words that people wrote are not among them."""
    found = wave_results(wave)
    return {
        "received": found.received,
        "counted": found.counted,
        "response_rate": found.rate.value if found.rate else None,
        "response_rate_ci95": documents.interval(found.rate),
        "threshold": wave.threshold,
        "questions": [_question(one) for one in found.results],
    }


def _question(one: QuestionResult) -> dict[str, Any]:
    question = one.question
    said: dict[str, Any] = {
        "code": question.code,
        "kind": str(question.kind),
        "title": question.title.to_document(),
        "withheld": one.withheld,
    }
    if one.withheld:
        return said
    said["n"] = one.n
    if one.satisfaction:
        said["satisfaction"] = documents.satisfaction(one.satisfaction)
    elif one.nps:
        said["nps"] = documents.nps_figures(one.nps)
    elif one.sus:
        said["sus"] = documents.sus_figures(one.sus)
    elif one.kano:
        said["kano"] = documents.kano_study(one.kano)
    elif question.kind == Kind.MATRIX:
        codes = [choice.code for choice in question.choices]
        said["rows"] = [
            {"row": row.code, "n": line.n, "counts": _counts(codes, line.lines)}
            for row, line in zip(question.rows, one.matrix, strict=True)
        ]
    elif question.kind == Kind.RANKING:
        said["ranking"] = [
            {"choice": choice.code, "ranked": line.ranked, "first": line.first, "mean": line.mean}
            for choice, line in zip(question.choices, one.ranking, strict=True)
        ]
    elif question.choices:
        said["counts"] = _counts([choice.code for choice in question.choices], one.lines)
    else:
        said["mean"] = one.mean and one.mean.value
        said["counts"] = {_plain(line.title): line.count for line in one.lines}
    return said


def _plain(title: Any) -> str:
    """A number, a year, or a month such as 2026-04."""
    return f"{title:%Y-%m}" if isinstance(title, dt.date) else str(title)


def _counts(codes: list[str], lines: Any) -> dict[str, int]:
    found: list[ChoiceLine] = list(lines)
    return {code: line.count for code, line in zip(codes, found, strict=bool(found))}
