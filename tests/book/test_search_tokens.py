"""Search finds words of one and two characters, whatever their width or case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.book.search_tokens import index_tokens, query_terms


def found(text, query):
    tokens = " " + index_tokens(text) + " "
    for term in query_terms(query):
        phrase = " " + " ".join(term)
        if phrase.endswith("*"):
            if phrase[:-1] not in tokens:
                return False
        elif phrase + " " not in tokens:
            return False
    return True


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("保育所入所のオンライン申請", "保育"),
        ("保育所入所のオンライン申請", "申請 保育"),
        ("保育所入所のオンライン申請", "所"),
        ("ｵﾝﾗｲﾝ申請", "オンライン"),
        ("ＡＢＣシステム", "abc"),
        ("abcシステム", "ＡＢＣ"),
        ("令和８年度", "8年"),
    ],
)
def test_it_finds(text, query):
    assert found(text, query)


@pytest.mark.parametrize(("text", "query"), [("保育所", "所保"), ("税務", "福祉"), ("申請", "申請書")])
def test_it_does_not_find(text, query):
    assert not found(text, query)


@given(st.text())
def test_any_text_is_found_by_each_of_its_own_words(text):
    for word in text.split()[:8]:
        assert found(text, word)


@given(st.text())
def test_tokens_are_plain_words(text):
    assert all(c in "x0123456789abcdef " for c in index_tokens(text))
