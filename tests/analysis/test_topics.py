"""Free texts by topic: what is grouped, how topics are named, and what may come in."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.analysis.topics import MOST, group, terms

WAIT = [
    "窓口の待ち時間が長い",
    "長く待たされた。窓口を増やして",
    "待ち時間を短くしてほしい",
    "二時間待った",
    "行列が長すぎる",
]
UNCLEAR = [
    "説明が分かりにくい",
    "申請書の書き方がわかりづらい",
    "画面の説明がわからない",
    "申請書がわかりにくかった",
    "どこを押すか分かりません",
]
KIND = [
    "職員の方が丁寧でした",
    "とても親切",
    "職員がていねいに教えてくれた",
    "やさしい対応でよかった",
    "親切な職員さん",
]


def by_term(texts, **more):
    return {topic.term: topic for topic in group(texts, **more).topics}


def test_texts_are_grouped_by_what_they_speak_of():
    texts = WAIT + UNCLEAR + KIND
    found = by_term(texts)
    assert {"待つ", "わかりにくい", "丁寧"} <= set(found)
    assert found["わかりにくい"].texts == tuple(range(5, 10))
    assert set(found["丁寧"].texts) == set(range(10, 15))
    assert "申請書" in found["わかりにくい"].words
    assert "職員" in found["丁寧"].words


def test_spellings_of_one_word_are_one():
    assert (
        terms("分かりづらい")
        == terms("わかりにくかった")
        == terms("ﾜｶﾘﾆｸｲ".replace("ﾜｶﾘﾆｸｲ", "判りにくい"))
        == {"わかりにくい"}
    )
    assert terms("パスワードを忘れた") & {"ログイン"}


def test_a_text_of_two_things_stands_in_both_topics():
    both = "説明がわかりにくく、長く待った"
    found = by_term([*WAIT, *UNCLEAR, both])
    place = len(WAIT) + len(UNCLEAR)
    assert place in found["待つ"].texts
    assert place in found["わかりにくい"].texts


def test_every_text_stands_somewhere_and_topics_are_large_enough():
    texts = WAIT + UNCLEAR + KIND + ["よい", "", "zzz", "!!!"]
    found = group(texts, least=4)
    placed = {place for topic in found.topics for place in topic.texts} | set(found.rest)
    assert placed == set(range(len(texts)))
    assert all(len(topic.texts) >= 4 for topic in found.topics)
    assert len(found.topics) <= MOST


def test_english_and_mixed_texts_are_grouped_too():
    texts = [
        "The login page failed",
        "login error again",
        "ログインできない",
        "cannot login",
        "nice staff",
        "staff were kind",
        "kind staff",
    ]
    found = by_term(texts)
    assert "staff" in found
    assert {"login", "ログイン"} & set(found)


@pytest.mark.parametrize(
    "texts", [[], ["一つ"], ["同じ"] * 40, [""] * 10, ["あ" * 50_000] * 8, ["x" * 50_000, "待"]]
)
def test_few_empty_equal_and_endless_texts(texts):
    found = group(texts)
    assert found.n == len(texts)
    assert {p for t in found.topics for p in t.texts} | set(found.rest) == set(range(len(texts)))


def test_the_same_texts_make_the_same_topics_in_any_order():
    texts = WAIT + UNCLEAR + KIND
    mixed = random.Random(1).sample(texts, len(texts))
    assert {t.term: {texts[p] for p in t.texts} for t in group(texts).topics} == {
        t.term: {mixed[p] for p in t.texts} for t in group(mixed).topics
    }


@given(st.lists(st.text(max_size=60), max_size=30), st.integers(1, 6), st.integers(1, 5))
def test_any_texts_are_grouped_without_losing_one(texts, least, most):
    found = group(texts, least=least, most=most)
    placed = {place for topic in found.topics for place in topic.texts}
    assert placed | set(found.rest) == set(range(len(texts)))
    assert not placed & set(found.rest)
    assert len(found.topics) <= most
    assert all(len(topic.texts) >= least for topic in found.topics)


def test_nothing_is_grouped_into_less_than_one():
    with pytest.raises(ValueError, match="at least one"):
        group(["a"], least=0)
