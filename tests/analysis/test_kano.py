"""Kano's figures: by hand, by an independent count over real answers, and at the edges."""

import json
import math
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sekisho.analysis import documents
from sekisho.analysis.kano import (
    FeatureAnswers,
    analyse,
    drift,
    fong_threshold,
    segments,
    summarise,
    table_named,
)
from tests.analysis.shared import real_rows

CODES = st.one_of(st.none(), st.integers(1, 5))


def counts(**given_counts):
    return {letter: given_counts.get(letter, 0) for letter in "MOAIRQ"}


def codes(feature):
    return {note.code for note in feature.notes}


def test_it_counts_as_an_independent_loop_over_the_real_smart_bed_answers():
    rows = real_rows("kano_smart_bed", "responses.csv")
    table = {
        "1": "QAAAO",
        "2": "RIIIM",
        "3": "RIIIM",
        "4": "RIIIM",
        "5": "RRRRQ",
    }  # written again on purpose
    study = analyse(
        [
            FeatureAnswers(str(k), [int(r[f"F{k}"]) for r in rows], [int(r[f"D{k}"]) for r in rows])
            for k in range(1, 12)
        ]
    )
    assert (study.n, len(study.features)) == (29, 11)
    for k, feature in enumerate(study.features, start=1):
        expected = Counter(table[row[f"F{k}"]][int(row[f"D{k}"]) - 1] for row in rows)
        assert {letter: n for letter, n in feature.counts.items() if n} == dict(expected)
        base = sum(expected[letter] for letter in "AOMI")
        assert feature.better.value == pytest.approx((expected["A"] + expected["O"]) / base)
        assert feature.worse.value == pytest.approx(-(expected["O"] + expected["M"]) / base)
        first, second = (n for _letter, n in (expected + Counter()).most_common(2))
        limit = 1.65 * math.sqrt((first + second) * (58 - first - second) / 58)
        assert feature.fong_significant == (first - second >= limit)
    assert "".join(feature.category for feature in study.features) == "RAAAIIAAAIA"


def test_a_tie_goes_to_the_first_of_m_o_a_i():
    feature = summarise("x", counts(I=5, A=5, R=5))
    assert feature.category == "A"
    assert feature.tied == ("A", "I", "R")
    assert "kano.tie" in codes(feature)


def test_blauth_may_say_otherwise_than_the_mode():
    # 10 I against 6 M + 5 O + 4 A: the speaking categories outnumber
    feature = summarise("x", counts(I=10, M=6, O=5, A=4))
    assert (feature.category, feature.blauth) == ("I", "M")
    assert "kano.blauth_differs" in codes(feature)


def test_fongs_threshold_is_the_printed_formula():
    # a = 20, b = 10, N = 40: 1.65 * sqrt(30 * 50 / 80)
    assert fong_threshold(20, 10, 40) == pytest.approx(1.65 * math.sqrt(18.75))
    assert summarise("x", counts(A=20, I=10, M=10)).fong_significant
    assert not summarise("x", counts(A=15, I=12, M=13)).fong_significant


def test_strengths_are_those_of_lee_and_newcomb():
    feature = summarise("x", counts(M=50, O=20, A=10, I=20))
    assert feature.category_strength == pytest.approx(0.30)
    assert feature.total_strength == pytest.approx(0.80)


def test_the_continuous_analysis_is_dumouchels():
    found = analyse([FeatureAnswers("x", [1, 2, 3, 4, 5], [5, 4, 3, 2, 1])]).features[0].continuous
    assert found.functional == pytest.approx((4 + 2 + 0 - 1 - 2) / 5)
    assert found.dysfunctional == pytest.approx((4 + 2 + 0 - 1 - 2) / 5)
    assert found.functional_sd == pytest.approx(math.sqrt(stats.tvar([4, 2, 0, -1, -2])))
    assert analyse([FeatureAnswers("x", [1], [5])]).features[0].continuous.quadrant == "O"
    assert analyse([FeatureAnswers("x", [1], [3])]).features[0].continuous.quadrant == "A"
    assert analyse([FeatureAnswers("x", [2], [5])]).features[0].continuous.quadrant == "O"
    assert analyse([FeatureAnswers("x", [3], [5])]).features[0].continuous.quadrant == "M"
    assert analyse([FeatureAnswers("x", [3], [3])]).features[0].continuous.quadrant == "I"


def test_half_and_missing_pairs_are_counted_apart():
    feature = analyse(
        [
            FeatureAnswers("x", [1, 1, None, None, 2], [5, None, 3, None, 5]),
            FeatureAnswers("y", [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]),
        ]
    ).features[0]
    assert (feature.n, feature.half, feature.missing) == (2, 2, 1)
    assert "kano.half_pairs" in codes(feature)


def test_someone_who_answered_nothing_is_no_respondent():
    study = analyse([FeatureAnswers("x", [1, None], [5, None])])
    assert study.n == 1
    assert study.features[0].missing == 0


def test_importance_is_averaged_over_those_who_gave_it():
    feature = analyse([FeatureAnswers("x", [1, 1, 1], [5, 5, 5], importance=[9, None, 6])]).features[0]
    assert (feature.importance, feature.importance_n) == (7.5, 2)


def test_no_answers_give_nothing_and_say_so():
    feature = analyse([FeatureAnswers("x", [], [])]).features[0]
    assert feature.category is None
    assert feature.better is None
    assert codes(feature) == {"kano.no_respondents"}


def test_one_respondent_gives_a_category_and_a_warning():
    feature = analyse([FeatureAnswers("x", [1], [5])]).features[0]
    assert feature.category == "O"
    assert (feature.better.low, feature.better.high) == (0.0, 1.0)
    assert not feature.fong_significant
    assert "kano.few_respondents" in codes(feature)


def test_everyone_alike_is_noted():
    feature = analyse([FeatureAnswers("x", [1] * 30, [3] * 30)]).features[0]
    assert codes(feature) == {"kano.all_same"}
    assert feature.fong_significant


def test_only_reverse_answers_have_no_coefficients():
    feature = summarise("x", counts(R=25))
    assert (feature.category, feature.better, feature.worse) == ("R", None, None)
    assert "kano.many_reverse" in codes(feature)
    assert "kano.many_questionable" in codes(summarise("x", counts(Q=10, A=20)))


def test_the_bootstrap_repeats_itself_and_nears_the_binomial():
    one, two = summarise("x", counts(A=60, I=40)), summarise("x", counts(A=60, I=40))
    assert one == two
    exact = stats.binom.interval(0.95, 100, 0.6)
    assert one.better.low == pytest.approx(exact[0] / 100, abs=0.02)
    assert one.better.high == pytest.approx(exact[1] / 100, abs=0.02)


def test_the_table_used_is_part_of_the_result():
    table = table_named("pouliot-1993")
    study = analyse([FeatureAnswers("x", [2], [2])], table)
    assert study.table is table
    assert study.features[0].category == "Q"


def test_a_transposed_table_is_noted():
    study = analyse([FeatureAnswers("x", [1], [5])], table_named("standard").transposed())
    assert study.features[0].category == "R"
    assert [note.code for note in study.notes] == ["kano.table_transposed"]


def test_groups_are_analysed_apart():
    answers = FeatureAnswers("x", [1, 2, 1, 2], [3, 5, 3, 5])
    found = segments([answers], ["若", "老", "若", "老"])
    assert {name: study.features[0].category for name, study in found.items()} == {"若": "A", "老": "M"}
    assert all(study.n == 2 for study in found.values())


def wave(functional, dysfunctional, n):
    return analyse([FeatureAnswers("x", [functional] * n + [3], [dysfunctional] * n + [3])])


def test_attractive_quality_becomes_must_be_with_time():
    change = drift(wave(1, 3, 40), wave(2, 5, 40))[0]
    assert (change.before, change.after, change.verdict) == ("A", "M", "moved")
    assert change.better.value < 0
    assert change.better.high < 0
    assert change.p < 0.001


def test_a_small_difference_is_left_to_chance():
    change = drift(wave(1, 3, 2), wave(2, 5, 2))[0]
    assert (change.verdict, change.method) == ("unclear", "permutation")
    assert drift(wave(1, 3, 20), wave(1, 3, 20))[0].verdict == "unchanged"


def test_answers_may_shift_within_a_category():
    one = analyse([FeatureAnswers("x", [1] * 90 + [3] * 10, [3] * 100)])
    other = analyse([FeatureAnswers("x", [1] * 60 + [3] * 40, [3] * 100)])
    change = drift(one, other)[0]
    assert (change.verdict, change.method) == ("shifted", "chi-square")
    assert change.p == pytest.approx(stats.chi2_contingency([[90, 10], [60, 40]], correction=False).pvalue)


def test_waves_share_some_features_only():
    one = analyse([FeatureAnswers("x", [1], [3]), FeatureAnswers("gone", [1], [3])])
    other = analyse([FeatureAnswers("new", [1], [3]), FeatureAnswers("x", [None], [None])])
    assert [(change.feature, change.verdict) for change in drift(one, other)] == [("x", "unknown")]


def test_the_permutation_test_is_close_to_fishers_exact_one():
    one = analyse([FeatureAnswers("x", [1] * 8 + [3] * 2, [3] * 10)])
    other = analyse([FeatureAnswers("x", [1] * 1 + [3] * 5, [3] * 6)])
    exact = stats.fisher_exact([[8, 2], [1, 5]]).pvalue
    change = drift(one, other)[0]
    assert change.method == "permutation"
    assert change.p == pytest.approx(exact, abs=0.01)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CODES, CODES), max_size=25))
def test_any_answers_give_a_document_without_nan(pairs):
    study = analyse([FeatureAnswers("x", [f for f, _d in pairs], [d for _f, d in pairs])], draws=200)
    feature = study.features[0]
    json.dumps(documents.kano_study(study), allow_nan=False)
    assert sum(feature.counts.values()) == feature.n
    assert feature.n + feature.half + feature.missing == study.n
    if feature.better:
        assert 0 <= feature.better.low <= feature.better.high <= 1
        assert -1 <= feature.worse.low <= feature.worse.high <= 0


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=25), st.randoms())
def test_the_order_of_respondents_does_not_matter(pairs, random):
    shuffled = pairs[:]
    random.shuffle(shuffled)
    one, other = (
        analyse([FeatureAnswers("x", [f for f, _d in rows], [d for _f, d in rows])], draws=50)
        for rows in (pairs, shuffled)
    )
    assert one.features[0].counts == other.features[0].counts
    assert one.features[0].better == other.features[0].better


def test_an_answer_outside_the_scale_is_refused():
    with pytest.raises(ValueError, match="1 to 5"):
        analyse([FeatureAnswers("x", [6], [1])])
