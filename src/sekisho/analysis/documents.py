"""Results as JSON documents: plain values, no NaN and no infinity (None instead), keys in the field's terms."""

import math
from collections.abc import Mapping
from typing import Any

from sekisho.analysis import csat, kano, nps, sus
from sekisho.analysis.intervals import Difference, Estimate
from sekisho.analysis.notes import Note


def number(value: float | None) -> float | int | None:
    """A finite number, or None."""
    return value if value is not None and math.isfinite(value) else None


def interval(estimate: Estimate | Difference | None) -> list[float | None] | None:
    """[low, high]; None where nothing is known of the spread."""
    if estimate is None or not (math.isfinite(estimate.low) and math.isfinite(estimate.high)):
        return None
    return [estimate.low, estimate.high]


def _value(estimate: Estimate | None) -> float | None:
    return None if estimate is None else number(estimate.value)


def _notes(notes: tuple[Note, ...]) -> list[dict[str, Any]]:
    return [{"code": note.code, "params": dict(note.params)} for note in notes]


def _difference(difference: Difference | None) -> dict[str, Any] | None:
    if difference is None:
        return None
    return {
        "difference": number(difference.value),
        "ci95": interval(difference),
        "p": number(difference.p),
        "significant": difference.significant,
    }


# --------------------------------------------------------------------------------------------------- kano


def kano_study(study: kano.Study) -> dict[str, Any]:
    """A study: ``table``, ``n``, ``features`` with ``counts``, ``category``, ``better``, ``worse``, …"""
    return {
        "table": study.table.name,
        "table_rows": [" ".join(row) for row in study.table.rows],
        "n": study.n,
        "features": [kano_feature(feature) for feature in study.features],
        "warnings": _notes(study.notes),
    }


def kano_feature(feature: kano.Feature) -> dict[str, Any]:
    """One feature of a study."""
    return {
        "feature": feature.feature,
        "number": feature.number,
        "n": feature.n,
        "missing": feature.missing,
        "half": feature.half,
        "counts": dict(feature.counts),
        "category": feature.category,
        "tied": list(feature.tied),
        "category_blauth": feature.blauth,
        "better": _value(feature.better),
        "better_ci95": interval(feature.better),
        "worse": _value(feature.worse),
        "worse_ci95": interval(feature.worse),
        "fong_difference": feature.fong_difference,
        "fong_threshold": number(feature.fong_threshold),
        "fong_significant": feature.fong_significant,
        "category_strength": number(feature.category_strength),
        "total_strength": number(feature.total_strength),
        "continuous": _continuous(feature.continuous),
        "importance": number(feature.importance),
        "importance_sd": number(feature.importance_sd),
        "importance_n": feature.importance_n,
        "warnings": _notes(feature.notes),
    }


def _continuous(continuous: kano.Continuous | None) -> dict[str, Any] | None:
    if continuous is None:
        return None
    return {
        "functional": continuous.functional,
        "functional_sd": continuous.functional_sd,
        "dysfunctional": continuous.dysfunctional,
        "dysfunctional_sd": continuous.dysfunctional_sd,
        "n": continuous.n,
        "quadrant": continuous.quadrant,
    }


def kano_change(change: kano.Change) -> dict[str, Any]:
    """One feature's change between two waves."""
    return {
        "feature": change.feature,
        "number": change.number,
        "before": change.before,
        "after": change.after,
        "better_change": _value(change.better),
        "better_change_ci95": interval(change.better),
        "worse_change": _value(change.worse),
        "worse_change_ci95": interval(change.worse),
        "p": number(change.p),
        "method": change.method,
        "significant": change.significant,
        "verdict": change.verdict,
    }


# ---------------------------------------------------------------------------------------------------- sus


def sus_figures(found: sus.Sus) -> dict[str, Any]:
    """``mean``, ``sd``, ``ci95``, ``n``, ``median``, ``grade``, ``percentile``, ``adjective``, …"""
    return {
        "n": found.n,
        "incomplete": found.incomplete,
        "mean": number(found.mean),
        "sd": number(found.sd),
        "median": number(found.median),
        "ci95": interval(found.interval),
        "min": number(found.minimum),
        "max": number(found.maximum),
        "grade": found.grade,
        "percentile": number(found.percentile),
        "adjective": found.adjective,
        "acceptability": found.acceptability,
        "usability": number(found.usability),
        "learnability": number(found.learnability),
        "items": [number(item) for item in found.item_means],
        "benchmark": sus.BENCHMARK,
        "from_benchmark": number(found.from_benchmark),
        "p_of_benchmark": number(found.p_of_benchmark),
        "scores": list(found.scores),
        "warnings": _notes(found.notes),
    }


def sus_change(change: Difference | None) -> dict[str, Any] | None:
    """Change of the mean score between two waves."""
    return _difference(change)


# --------------------------------------------------------------------------------------------------- csat


def satisfaction(found: csat.Satisfaction) -> dict[str, Any]:
    """``satisfied`` and ``dissatisfied`` are shares 0…1, ``satisfied_count`` and ``counts`` are people."""
    return {
        "n": found.n,
        "counts": {str(point): count for point, count in enumerate(found.counts, start=1)},
        "shares": {str(point): share.value for point, share in enumerate(found.shares, start=1)} or None,
        "shares_ci95": {str(point): interval(share) for point, share in enumerate(found.shares, start=1)}
        or None,
        "satisfied": _value(found.satisfied),
        "satisfied_ci95": interval(found.satisfied),
        "satisfied_count": found.satisfied_count,
        "dissatisfied": _value(found.dissatisfied),
        "dissatisfied_ci95": interval(found.dissatisfied),
        "dissatisfied_count": found.dissatisfied_count,
        "neutral": _value(found.neutral),
        "net": _value(found.net),
        "net_ci95": interval(found.net),
        "mean": _value(found.mean),
        "mean_ci95": interval(found.mean),
        "sd": number(found.sd),
        "population": found.population,
        "response_rate": number(found.response_rate),
        "warnings": _notes(found.notes),
    }


def weighted_satisfaction(found: csat.Weighted) -> dict[str, Any]:
    """Weighted figures with the design effect and the weights."""
    document = satisfaction(found.figures)
    document["design_effect"] = found.design_effect
    document["effective_n"] = number(found.figures.n / found.design_effect)
    document["weights"] = dict(found.weights)
    document["warnings"] = [*_notes(found.notes), *document["warnings"]]
    return document


def satisfaction_change(change: csat.Change) -> dict[str, Any]:
    """Change of shares and mean between two waves."""
    return {
        "satisfied": _difference(change.satisfied),
        "dissatisfied": _difference(change.dissatisfied),
        "mean": _difference(change.mean),
    }


def nps_figures(found: nps.Nps) -> dict[str, Any]:
    """``nps`` is −100…100; the groups are counts."""
    return {
        "n": found.n,
        "nps": _value(found.score),
        "nps_ci95": interval(found.score),
        "promoters": found.promoters,
        "passives": found.passives,
        "detractors": found.detractors,
        "mean": number(found.mean),
        "counts": {str(answer): count for answer, count in enumerate(found.counts)},
        "warnings": _notes(found.notes),
    }


def with_key(document: Mapping[str, Any], **first: Any) -> dict[str, Any]:
    """The document with further entries in front."""
    return {**first, **document}
