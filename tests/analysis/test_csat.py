"""Satisfaction: Tokyo's published staff surveys, weights, change, and the edges. NPS beside it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sekisho.analysis import csat, documents, nps
from sekisho.analysis.problems import AnalysisProblem

#: 職員のデジタル環境満足度, November 2020: 18/36/36/8/2 % of 20,096 answers, 53,162 asked
SHARES, N, ASKED = (18, 36, 36, 8, 2), 20096, 53162
COUNTS = (3617, 7235, 7235, 1608, 401)


def codes(found):
    return [note.code for note in found.notes]


@pytest.mark.parametrize(
    "found", [csat.from_shares(SHARES, N, ASKED), csat.from_counts(COUNTS, ASKED)], ids=["shares", "counts"]
)
def test_tokyos_staff_survey_of_2020_comes_out_as_published(found):
    assert f"{found.dissatisfied.value:.0%}" == "54%"
    assert f"{found.satisfied.value:.0%}" == "10%"
    assert f"{found.mean.value:.1f}" == "2.4"
    assert f"{found.response_rate:.1%}" == "37.8%"
    assert [f"{share.value:.0%}" for share in found.shares] == ["18%", "36%", "36%", "8%", "2%"]
    assert sum(found.counts) == found.n == N


def test_tokyos_change_to_2021_is_significant():
    # December 2021: 14,780 answers, 25 % satisfied, 32 % dissatisfied; the split inside is not published
    before = csat.from_shares(SHARES, N, ASKED)
    after = csat.from_shares((8, 24, 43, 20, 5), 14780, 54046)
    change = csat.compare(before, after)
    assert change.satisfied.value == pytest.approx(0.15)
    assert change.dissatisfied.value == pytest.approx(-0.22)
    assert change.satisfied.low > 0.14
    assert change.satisfied.p < 1e-9


def test_answers_and_counts_say_the_same():
    answers = [5, 4, None, 4, 1, 3]
    found = csat.from_answers(answers)
    assert found == csat.from_counts([1, 0, 1, 2, 1])
    assert (found.satisfied_count, found.dissatisfied_count, found.n) == (3, 1, 5)
    theirs = stats.t.interval(0.95, 4, loc=3.4, scale=stats.sem([5, 4, 4, 1, 3]))
    assert (found.mean.low, found.mean.high) == pytest.approx(theirs)
    wilson = stats.binomtest(3, 5).proportion_ci(method="wilson")
    assert (found.satisfied.low, found.satisfied.high) == pytest.approx((wilson.low, wilson.high))
    assert found.net.value == pytest.approx(0.4)


def test_asking_everyone_leaves_no_uncertainty():
    found = csat.from_counts([1, 2, 3, 4, 5], 15)
    assert found.satisfied.low == found.satisfied.value == found.satisfied.high
    assert found.mean.low == found.mean.high
    assert found.net.low == found.net.high
    half = csat.from_counts([1, 2, 3, 4, 5], 30)
    none = csat.from_counts([1, 2, 3, 4, 5])
    assert none.satisfied.low < half.satisfied.low < found.satisfied.low
    json.dumps(documents.satisfaction(found), allow_nan=False)


def test_more_answers_than_people_are_refused():
    with pytest.raises(AnalysisProblem, match="15 answers came from 14 people"):
        csat.from_counts([1, 2, 3, 4, 5], 14)


@pytest.mark.parametrize("counts", [[1, 2, 3], [1, 2, 3, 4, -5]])
def test_impossible_counts_are_refused(counts):
    with pytest.raises(ValueError, match="five counts"):
        csat.from_counts(counts)


def test_nobody_one_and_everyone_alike_are_said_so():
    nobody = csat.from_counts([0] * 5, 10)
    assert (nobody.n, nobody.satisfied, nobody.response_rate) == (0, None, 0.0)
    assert codes(nobody) == ["csat.no_respondents"]
    one = csat.from_counts([0, 0, 0, 0, 1])
    assert (one.satisfied.value, one.sd) == (1.0, None)
    assert documents.satisfaction(one)["mean_ci95"] is None
    assert codes(csat.from_counts([0, 0, 40, 0, 0], 1000)) == ["csat.all_same", "csat.low_response"]


def test_counts_of_shares_add_up():
    assert csat.counts_of_shares([1 / 3, 1 / 3, 1 / 3], 10) in ([4, 3, 3], [3, 4, 3], [3, 3, 4])
    assert csat.counts_of_shares([s / 100 for s in SHARES], N) in (
        list(COUNTS),
        [3617, 7235, 7234, 1608, 402],
    )


def test_published_shares_that_add_up_to_99_stay_as_published():
    found = csat.from_shares((8, 23, 43, 20, 5), 14780)
    assert (found.satisfied.value, found.dissatisfied.value) == pytest.approx((0.25, 0.31))
    assert found.mean.value == pytest.approx((8 + 46 + 129 + 80 + 25) / 99)
    assert sum(found.counts) == 14780
    fractions = csat.from_shares((0.08, 0.23, 0.43, 0.20, 0.05), 14780)
    assert fractions.mean.value == pytest.approx(found.mean.value)


def test_weights_restore_the_population():
    # head office over-represented: 80 of 100 answers for 200 of 1,000 people
    found = csat.weighted(
        {"本庁": [0, 0, 0, 0, 80], "事業所": [20, 0, 0, 0, 0]}, {"本庁": 200, "事業所": 800}
    )
    assert found.figures.satisfied.value == pytest.approx(0.2)
    assert found.weights == pytest.approx({"本庁": 0.25, "事業所": 4.0})
    # Kish: n Σw² / (Σw)² with 80 weights of 0.25 and 20 of 4
    assert found.design_effect == pytest.approx(100 * (80 * 0.0625 + 20 * 16) / 100**2)
    plain = csat.from_counts([0, 0, 0, 0, 20])
    assert found.figures.satisfied.high - found.figures.satisfied.low > 0
    assert plain.n == 20


def test_weights_of_a_true_sample_change_nothing_but_the_population():
    groups = {"a": [1, 2, 3, 4, 10], "b": [4, 3, 2, 1, 0]}
    found = csat.weighted(groups, {"a": 200, "b": 100})
    plain = csat.from_counts([5, 5, 5, 5, 10], 300)
    assert found.design_effect == pytest.approx(1.0)
    assert found.figures.satisfied.value == pytest.approx(plain.satisfied.value)
    assert found.figures.satisfied.low == pytest.approx(plain.satisfied.low)


def test_a_silent_group_is_left_out_and_named():
    found = csat.weighted({"a": [0, 0, 1, 1, 1]}, {"a": 30, "b": 70})
    assert [(note.code, note.params["group"]) for note in found.notes] == [
        ("csat.group_without_answers", "b")
    ]
    nobody = csat.weighted({"a": [0] * 5}, {"a": 30})
    assert nobody.figures.n == 0


def test_a_group_without_its_population_is_refused():
    with pytest.raises(AnalysisProblem, match="“b”"):
        csat.weighted({"a": [1, 0, 0, 0, 0], "b": [1, 0, 0, 0, 0]}, {"a": 5})


def test_nothing_compares_with_nothing():
    change = csat.compare(csat.from_counts([0] * 5), csat.from_counts([1, 1, 1, 1, 1]))
    assert (change.satisfied, change.mean) == (None, None)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=5, max_size=5),
    st.lists(st.integers(0, 40), min_size=5, max_size=5),
    st.integers(0, 50),
)
def test_any_counts_give_documents_without_nan(one, other, beyond):
    before, after = csat.from_counts(one, sum(one) + beyond), csat.from_counts(other)
    for document in (
        documents.satisfaction(before),
        documents.satisfaction_change(csat.compare(before, after)),
        documents.weighted_satisfaction(
            csat.weighted({"a": one, "b": other}, {"a": sum(one) + beyond, "b": sum(other) + beyond})
        ),
    ):
        json.dumps(document, allow_nan=False)
    for share in before.shares:
        assert 0 <= share.low <= share.value + 1e-12
        assert share.value - 1e-12 <= share.high <= 1


def test_the_net_promoter_score_counts_promoters_minus_detractors():
    found = nps.analyse([10] * 5 + [9] * 2 + [8, 7] + [6, 0, None])
    assert (found.n, found.promoters, found.passives, found.detractors) == (11, 7, 2, 2)
    assert found.score.value == pytest.approx(100 * 5 / 11)
    assert found.score.low < found.score.value < found.score.high


def test_the_net_promoter_interval_is_the_adjusted_wald_of_sauro_and_lewis():
    # by hand: 36 + 3/4 promoters, 14 + 3/4 detractors of 60 + 3
    found = nps.from_counts([14, 0, 0, 0, 0, 0, 0, 0, 10, 0, 36])
    plus, minus = 36.75 / 63, 14.75 / 63
    half = 1.959964 * ((plus + minus - (plus - minus) ** 2) / 63) ** 0.5
    assert found.score.low == pytest.approx(100 * (plus - minus - half), abs=1e-3)
    assert found.score.high == pytest.approx(100 * (plus - minus + half), abs=1e-3)


@pytest.mark.parametrize("answer", [10, 0])
def test_the_net_promoter_score_of_one_answer_lies_in_its_interval(answer):
    score = nps.analyse([answer]).score
    assert score.low <= score.value <= score.high
    assert score.high - score.low > 100


def test_nobody_recommends_nothing():
    found = nps.analyse([None])
    assert (found.score, found.mean) == (None, None)
    json.dumps(documents.nps_figures(found), allow_nan=False)
    with pytest.raises(ValueError, match="0 to 10"):
        nps.analyse([11])
