"""Answers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.analysis.problems import AnalysisProblem
from sekisho.analysis.scales import Reader, is_missing


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1", 1),
        (" ５ ", 5),
        (4, 4),
        (3.0, 3),
        ("2.0", 2),
        ("I like it that way", 1),
        ("I LIKE IT", 1),
        ("It must be that way.", 2),
        ("I expect it", 2),
        ("I am neutral", 3),
        ("I’m neutral", 3),
        ("I can live with it that way", 4),
        ("I can tolerate it", 4),
        ("I dislike it that way", 5),
        ("気に入る", 1),
        ("嬉しい", 1),
        ("当然である", 2),
        ("当たり前", 2),
        ("何とも感じない", 3),
        ("どちらでもない", 3),
        ("仕方　ない", 4),
        ("しかたない", 4),
        ("仕方がない。", 4),
        ("気に入らない", 5),
        ("困る", 5),
        ("1: 気に入る", 1),
        ("5 = dislike", 5),
        ("4．仕方ない", 4),
        ("2) something of their own", 2),
        ("気に入る（1）", 1),
        ("気に入らない [5]", 5),
        ("①", 1),
        ("当然です", 2),
        ("必要だ", 2),
        ("どちらでも構わない", 3),
        ("しょうがない", 4),
        ("大嫌い", 5),
        ("I expect it to be that way", 2),
        ("I don't care", 3),
        ("can accept it", 4),
        ("I hate it", 5),
        ("", None),
        ("-", None),
        ("無回答", None),
        ("N/A", None),
        (None, None),
    ],
)
def test_a_kano_answer_is_read_in_either_language(written, code):
    assert Reader([written], "kano").code(written) == code


@pytest.mark.parametrize(
    "written",
    [
        "6",
        "0",
        "-1",
        "1.5",
        2.5,
        "like?? maybe",
        "5: 気に入る",
        True,
        "12",
        "1e3",
        "3-4",
        "3 1/2",
        "4,5",
        "2/5",
    ],
)
def test_what_is_no_answer_is_refused(written):
    with pytest.raises(ValueError, match=r".*"):
        Reader([written], "kano").code(written)


@pytest.mark.parametrize(
    "words",
    [
        ["大いに不満", "やや不満", "普通", "やや満足", "大いに満足"],
        ["非常に不満", "不満", "どちらともいえない", "満足", "非常に満足"],
        ["不満", "やや不満", "普通", "やや満足", "満足"],
        ["とても不満", "やや不満", "どちらでもない", "やや満足", "とても満足"],
        ["Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"],
        ["very poor", "poor", "fair", "good", "very good"],
    ],
)
def test_a_file_is_read_with_the_scale_that_knows_all_its_words(words):
    reader = Reader(words, "satisfaction")
    assert [reader.code(word) for word in words] == [1, 2, 3, 4, 5]


def test_words_that_mean_two_things_are_refused():
    with pytest.raises(AnalysisProblem, match="different points"):
        Reader(["満足", "不満"], "satisfaction")
    assert Reader(["満足", "不満", "やや不満"], "satisfaction").code("満足") == 5
    assert Reader(["満足", "不満", "非常に満足"], "satisfaction").code("満足") == 4


@given(st.one_of(st.text(max_size=20), st.integers(), st.floats(), st.none(), st.booleans()))
def test_any_cell_is_read_or_refused(cell):
    reader = Reader([], "kano")
    try:
        code = reader.code(cell)
    except ValueError:
        return
    assert code is None or 1 <= code <= 5
    assert (code is None) == is_missing(cell)


@pytest.mark.parametrize(
    ("words", "family"),
    [
        (("そう思わない", "ややそう思わない", "どちらとも言えない", "ややそう思う", "そう思う"), "agreement"),
        (
            ("全く当てはまらない", "当てはまらない", "どちらでもない", "当てはまる", "とても当てはまる"),
            "agreement",
        ),
        (
            ("Definitely disagree", "Mostly disagree", "Neither", "Mostly agree", "Definitely agree"),
            "agreement",
        ),
        (("かなり不満", "やや不満", "どちらでもない", "やや満足", "かなり満足"), "satisfaction"),
        (("悪い", "やや悪い", "普通", "やや良い", "良い"), "satisfaction"),
        (("とても悪い", "悪い", "普通", "良い", "とても良い"), "satisfaction"),
        (
            ("大いに不満である", "やや不満である", "普通である", "やや満足です", "大いに満足です"),
            "satisfaction",
        ),
        (("★", "★★☆☆☆", "★★★", "★★★★☆", "★★★★★"), "satisfaction"),
    ],
)
def test_five_words_of_a_usual_scale_are_its_five_points(words, family):
    reader = Reader(words, family)
    assert [reader.code(word) for word in words] == [1, 2, 3, 4, 5]
