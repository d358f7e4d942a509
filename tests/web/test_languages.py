"""Passages in another language than their page are marked, for screen readers."""

import pytest

from sekisho.web.languages import mark_passages


@pytest.mark.parametrize(
    ("given", "marked"),
    [
        ("<td>窓口の混雑</td>", '<td lang="ja">窓口の混雑</td>'),
        ('<th scope="row">第1期（令和5年）</th>', '<th scope="row" lang="ja">第1期（令和5年）</th>'),
        ("<td>LINEで予約を受け付ける</td>", '<td lang="ja">LINEで予約を受け付ける</td>'),
        (
            "<p>Digital services of 関野市 &amp; friends</p>",
            '<p>Digital services of <span lang="ja">関野市</span> &amp; friends</p>',
        ),
        (
            "<p>By <b>A</b> 東京、大阪。 and 京都 <i>x</i></p>",
            '<p>By <b>A</b> <span lang="ja">東京、大阪。</span> and <span lang="ja">京都</span> <i>x</i></p>',
        ),
        ("<text x='1'>予算</text>", "<text x='1' lang=\"ja\">予算</text>"),
        (
            "<title>窓口 – Digital services of Sekino</title>",
            "<title>窓口 – Digital services of Sekino</title>",
        ),
        ("<option>企画</option>", '<option lang="ja">企画</option>'),
        ('<a lang="ja">日本語</a>', '<a lang="ja">日本語</a>'),
        ("<code>予算_yen</code>", "<code>予算_yen</code>"),
        ("<td>Plain English</td>", "<td>Plain English</td>"),
        ("<td>한국어 서비스</td>", "<td>한국어 서비스</td>"),
    ],
)
def test_japanese_on_an_english_page_says_so(given, marked):
    assert mark_passages(f"{given}<hr>", "en") == f"{marked}<hr>"


@pytest.mark.parametrize(
    ("given", "marked"),
    [
        ("<p>Books a place in childcare.</p>", '<p lang="en">Books a place in childcare.</p>'),
        ("<p>Open data API</p>", '<p lang="en">Open data API</p>'),
        ("<p>v1.2 PDF</p>", "<p>v1.2 PDF</p>"),
        ("<p>保育の予約 Booking a place of childcare</p>", "<p>保育の予約 Booking a place of childcare</p>"),
        ('<a lang="en">This is in English</a>', '<a lang="en">This is in English</a>'),
        ("<p>&lt;b&gt; &amp; &quot;</p>", "<p>&lt;b&gt; &amp; &quot;</p>"),
        ("<script>var a = one two three</script>", "<script>var a = one two three</script>"),
    ],
)
def test_english_on_a_japanese_page_says_so(given, marked):
    assert mark_passages(f"{given}<hr>", "ja") == f"{marked}<hr>"
