"""Kano's model: what a feature is to its users, from pairs of a functional and a dysfunctional question.

Sources: Kano et al. (1984); Berger et al. (1993), which holds Timko's coefficients, Blauth's rule and DuMouchel's
continuous analysis; Lee and Newcomb (1997); Fong (1996).
"""

from sekisho.analysis.kano.drift import Change, drift
from sekisho.analysis.kano.features import (
    CATEGORIES,
    Continuous,
    Counts,
    Feature,
    FeatureAnswers,
    FeatureCounts,
    Study,
    analyse,
    analyse_counts,
    fong_threshold,
    segments,
    summarise,
)
from sekisho.analysis.kano.tables import (
    STANDARD,
    EvaluationTable,
    read_table_file,
    shipped_tables,
    table_named,
)

__all__ = [
    "CATEGORIES",
    "STANDARD",
    "Change",
    "Continuous",
    "Counts",
    "EvaluationTable",
    "Feature",
    "FeatureAnswers",
    "FeatureCounts",
    "Study",
    "analyse",
    "analyse_counts",
    "drift",
    "fong_threshold",
    "read_table_file",
    "segments",
    "shipped_tables",
    "summarise",
    "table_named",
]
