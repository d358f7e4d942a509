"""Figures from counts are exactly those from single answers, however the answers are grouped."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.analysis import kano, sus
from sekisho.analysis.intervals import mean_and_deviation
from sekisho.analysis.usability import sus_score

CODE = st.one_of(st.none(), st.integers(1, 5))


@given(st.lists(st.tuples(CODE, CODE, st.one_of(st.none(), st.integers(1, 9))), max_size=40))
def test_kano_pairs_may_be_counted_first(answers):
    answered = [one for one in answers if one[0] or one[1]]
    single = kano.analyse(
        [kano.FeatureAnswers("x", *zip(*answered, strict=True))]
        if answered
        else [kano.FeatureAnswers("x", [], [])],
        draws=50,
    )
    pairs = Counter((one[0] or 0, one[1] or 0) for one in answered)
    importance = Counter(one[2] for one in answered if one[2] is not None)
    assert kano.analyse_counts([kano.FeatureCounts("x", pairs, importance)], draws=50) == single


@given(st.lists(st.lists(CODE, min_size=10, max_size=10), max_size=20))
def test_sus_sheets_may_be_counted_first(sheets):
    single = sus.analyse(sheets)
    whole = [sheet for sheet in sheets if None not in sheet]
    counted = sus.SusCounts(
        Counter(map(sus_score, whole)),
        [Counter(sheet[item] for sheet in whole) for item in range(10)],
        sum(1 for sheet in sheets if any(sheet) and None in sheet),
        sum(1 for sheet in whole if len(set(sheet)) == 1),
    )
    found = sus.analyse_counts(counted)
    assert replace(found, notes=()) == replace(single, scores=(), notes=())
    codes = {"sus.incomplete": "sus.incomplete_counted", "sus.straight_lining": "sus.straight_lining_counted"}
    assert [note.code for note in found.notes] == [codes.get(note.code, note.code) for note in single.notes]


def test_features_may_be_answered_by_different_numbers_of_people():
    study = kano.analyse_counts(
        [kano.FeatureCounts("x", {(1, 5): 3, (0, 2): 1}), kano.FeatureCounts("y", {(1, 3): 9})]
    )
    assert study.n == 9
    assert [feature.n for feature in study.features] == [3, 9]


def test_millions_are_summed_without_rounding():
    assert mean_and_deviation({0.1: 10_000_000, 0.3: 0}) == (0.1, 0.0)
    assert mean_and_deviation({1: 1}) == (1.0, None)
    assert mean_and_deviation({}) is None
    with pytest.raises(ValueError, match="1 to 5"):
        kano.analyse_counts([kano.FeatureCounts("x", {(6, 1): 1})])
