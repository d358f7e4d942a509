"""Neighbours, reasons, groups and learning over small portfolios, with and without the embedder."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.analysis.similarity.embedding import embed, encoder
from sekisho.analysis.similarity.evaluation import evaluate
from sekisho.analysis.similarity.groups import group
from sekisho.analysis.similarity.learning import ENOUGH, FEATURES, learn, shipped
from sekisho.analysis.similarity.reasons import reasons
from sekisho.analysis.similarity.space import Document, Space, _highest
from sekisho.analysis.similarity.text import bare_title, chunks, terms

TEXTS = [
    (
        "保育所入所申請システム",
        "保育所の入所申請をオンラインで受け付ける",
        "子育て世帯が電子申請できるようにする",
    ),
    (
        "保育園の電子申込サービス",
        "保育所への入所申請をスマートフォンから行えるようにする",
        "オンライン申請と審査",
    ),
    ("道路維持管理システム", "道路の損傷を記録し補修の予定を立てる", "パトロールの結果を地図に残す"),
    ("財務会計システム", "予算の執行と決算を管理する", "会計処理を電子化する"),
    (
        "Online childcare application",
        "Families apply online for a nursery place",
        "Online application portal",
    ),
]


def space(texts: list[tuple[str, str, str]], *, meaning: bool = True) -> Space:
    """A portfolio of (title, purpose, summary)."""
    documents = [Document(at, *text) for at, text in enumerate(texts)]
    model = encoder() if meaning else None
    vectors = embed(model, [one.embedded for one in documents]) if model else None
    return Space(documents, vectors)


def test_the_nearest_is_the_one_that_does_the_same_and_the_reasons_say_so() -> None:
    found = space(TEXTS)
    first = found.neighbours(0)[0]
    assert first.row == 1
    kinds = {reason.kind: reason.values for reason in reasons(found, 0, first)}
    assert "application" in kinds["function"]
    assert "入所申請" in kinds["terms"]


def test_meaning_crosses_languages() -> None:
    assert 4 in [match.row for match in space(TEXTS).neighbours(0, 2)]


@pytest.mark.parametrize("shape", ["even", "few values", "high ones together"])
def test_the_highest_are_the_same_however_they_are_looked_for(shape: str) -> None:
    rng = np.random.default_rng(1)
    scores = rng.random(9000, dtype=np.float32)
    if shape == "few values":
        scores = np.round(scores, 1)
    if shape == "high ones together":
        scores[1:40:8] += 5
    found = _highest(scores, 64)
    assert len(set(found.tolist())) == 64
    assert np.sort(scores[found]).tolist() == np.sort(scores)[-64:].tolist()


def test_the_first_pass_over_many_scores_about_as_whole_vectors_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sekisho.analysis.similarity.space.MANY", 100)
    rng = np.random.default_rng(2)
    vectors = rng.standard_normal((300, 40), dtype=np.float32) @ rng.standard_normal(
        (40, 512), dtype=np.float32
    )
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = Space([Document(row, f"業務{row}") for row in range(300)], vectors)
    assert found.coarse.shape == (300, 256)
    assert np.allclose(found.coarse @ found.coarse[0], vectors @ vectors[0], atol=1e-4)


def test_words_alone_do_without_the_embedder() -> None:
    assert space(TEXTS, meaning=False).neighbours(0)[0].row == 1


def test_a_project_without_text_has_no_neighbours_and_is_nobody_s() -> None:
    found = space([*TEXTS, ("", "", "")])
    assert found.neighbours(5) == []
    assert all(match.row != 5 for match in found.neighbours(0))


def test_five_hundred_same_texts_come_as_one_neighbour_and_one_group() -> None:
    found = space([*TEXTS, *[("端末の更新", "職員の端末を更新する", "")] * 500], meaning=False)
    rows = found.neighbours(3)
    assert sum(match.row >= 5 for match in rows) <= 1
    own = found.neighbours(5)
    assert own[0].row >= 5
    assert len(own[0].copies) == 498
    assert [len(one.rows) for one in group(found) if len(one.rows) > 2] == [500]


def test_what_people_say_of_a_pair_stands_above_its_likeness() -> None:
    copies = [("端末の更新", "職員の端末を更新する", "")] * 2
    found = space([*TEXTS, *copies], meaning=False)
    assert [set(one.rows) for one in group(found)] == [{5, 6}]
    assert group(found, told={(5, 6): False}) == []
    told = group(found, told={(2, 5): True, (5, 6): False})
    assert [(set(one.rows) & {2, 5, 6}) for one in told] == [{2, 5}]


def test_same_texts_under_numbered_names_come_as_one_and_do_not_hide_what_else_is_near() -> None:
    numbered = [(f"端末の更新(第{n}期)", "職員の端末を更新する", "") for n in range(200)]
    found = space([*TEXTS, ("端末の管理", "職員の端末を台帳で管理する", ""), *numbered], meaning=False)
    own, *others = found.neighbours(6)
    assert (own.row >= 6, len(own.copies)) == (True, 198)
    assert others[0].row == 5
    assert max(len(one.rows) for one in group(found)) >= 200


def test_names_alone_are_told_apart_by_their_numbers() -> None:
    found = space([("第1庁舎", "", ""), ("第2庁舎", "", ""), ("第2庁舎", "", "")], meaning=False)
    assert [len(found.copies_of(row)) for row in range(3)] == [1, 2, 2]


def test_copies_of_one_text_change_nothing_between_the_others() -> None:
    template = Document(90, "端末の更新", "職員の端末を更新する", owner=("総務局", "情報課"))
    others = [
        Document(at, *text, owner=("こども局", "保育課" if at < 2 else "道路課"))
        for at, text in enumerate(TEXTS)
    ]
    alone = Space([*others, template])
    among = Space([*others, *(replace(template, key=90 + n) for n in range(500))])
    for row in range(len(others)):
        rows = np.asarray([other for other in range(len(others)) if other != row])
        np.testing.assert_allclose(among.features(row, rows), alone.features(row, rows), rtol=1e-5)


def test_being_named_tells_more_the_fewer_texts_do_it() -> None:
    texts = [
        ("庁内共通認証基盤", "", ""),
        ("旅費精算の窓口", "職員の旅費", ""),
        ("職員の勤怠", "旅費精算の窓口と連携する", ""),
    ]
    many = [(f"業務{n}", f"庁内共通認証基盤を{n}番の窓口で使う", "") for n in range(12)]
    found = space([*texts, *many], meaning=False)
    named = FEATURES.index("named")
    hub, pair = found.features(3, np.asarray([0]))[0, named], found.features(2, np.asarray([1]))[0, named]
    assert 0 < hub < pair == 1


def test_what_is_said_aside_names_but_counts_no_words() -> None:
    texts = [
        Document(0, "道路の傷み通報", aside="関連事業は水位観測システムである"),
        Document(1, "水位観測システム", "川を測る"),
    ]
    found = Space(texts)
    assert found.names(0, 1)
    assert found.words.weight("関連事業") == 0


def test_english_texts_are_likened_by_meaning_more_than_by_words() -> None:
    texts = [
        (
            "Vaccination Booking Service",
            "People arrange an appointment for their jab and receive reminders.",
            "",
        ),
        (
            "Immunisation Information System",
            "Records who was inoculated and where, and invites those due.",
            "",
        ),
        ("Prison Visit Booking Service", "People arrange an appointment to visit someone in prison.", ""),
        *TEXTS[:4],
    ]
    found = space(texts)
    assert found.japanese.tolist() == [False] * 3 + [True] * 4
    assert [match.row for match in found.neighbours(1, 1)] == [0]


def test_a_small_section_that_two_share_tells_more_than_a_large_ministry() -> None:
    owners = [
        ("教育局", "学校課"),
        ("教育局", "学校課"),
        *[("教育局", f"第{n}課") for n in range(6)],
        ("港湾局",),
    ]
    found = Space([Document(at, f"業務{at}", owner=owner) for at, owner in enumerate(owners)])
    section, bureau, none = found.features(0, np.asarray([1, 2, 8]))[:, FEATURES.index("owner")]
    assert section > bureau > none == 0


def test_an_owner_of_half_the_portfolio_is_no_reason() -> None:
    owners = [("本庁",)] * 12 + [("出先", f"第{n}課") for n in range(10)] + [("出先", "港湾課")] * 2
    found = Space(
        [Document(at, f"業務{at}", f"届出を{at}件扱う", owner=owner) for at, owner in enumerate(owners)]
    )

    def kinds(row: int, other: int) -> list[str]:
        (match,) = [match for match in found.neighbours(row, 30) if match.row == other]
        return [reason.kind for reason in reasons(found, row, match)]

    assert "owner" not in kinds(0, 1)
    assert "owner" in kinds(22, 23)


def test_an_office_that_everybody_shares_tells_nothing() -> None:
    found = Space([Document(at, f"業務{at}", owner=("市役所",)) for at in range(5)])
    assert not found.features(0, np.arange(1, 5))[:, FEATURES.index("owner")].any()


def test_abbreviations_and_endings_of_english_words_meet() -> None:
    texts = [
        ("Licensing of taxis", "Drivers apply for licences", ""),
        ("Human Resources Management System", "Staff records", ""),
        ("HRMS upgrade", "A newer release", ""),
        ("Taxi licence renewal", "A driver renews a license", ""),
        ("Financial Modernisation Initiative (FMMI)", "Ledgers", ""),
        ("FMMI deployment 3", "Wave two", ""),
    ]
    found = space(texts, meaning=False)
    nearest = [found.neighbours(row)[0].row for row in range(6)]
    assert nearest == [3, 2, 1, 0, 5, 4]
    (terms_shown,) = [one.values for one in reasons(found, 0, found.neighbours(0)[0]) if one.kind == "terms"]
    assert set(terms_shown) <= {"licensing", "licences", "taxis", "drivers"}


def test_a_third_language_is_compared_too() -> None:
    korean = [
        ("온라인 민원 신청 시스템", "주민이 온라인으로 신청한다", ""),
        ("민원 신청 포털", "온라인 신청", ""),
    ]
    found = space([*TEXTS, *korean])
    assert found.neighbours(5)[0].row == 6


def test_judgements_move_the_weights_only_when_there_are_enough() -> None:
    likes = np.tile(np.eye(len(FEATURES), dtype=np.float32)[4], (ENOUGH, 1))
    few = learn(likes[:3], ["same", "different", "same"])
    assert few == shipped()
    unlike = np.zeros_like(likes)
    learned = learn(np.concatenate([likes, unlike]), ["same"] * ENOUGH + ["different"] * ENOUGH)
    assert learned.source == "learned"
    assert learned.of("facets") > shipped().of("facets")


def test_figures_are_those_of_the_definition() -> None:
    figures = evaluate([("a", "b"), ("c", "a"), ("b", "a")], lambda one: [x for x in "cbda" if x != one])
    assert (figures.queries, figures.pairs) == (3, 2)
    assert figures.recall[1] == pytest.approx((1 / 2 + 0 + 0) / 3)
    assert figures.mrr == pytest.approx((1 + 1 / 3 + 1 / 3) / 3)


def test_titles_lose_budget_prose_but_never_everything() -> None:
    assert bare_title("電子調達システム（情報通信技術調達等適正・効率化推進費）") == "電子調達システム"
    assert bare_title("（仮称）") == "(仮称)"


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=80), st.text(max_size=80)), max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_text_is_ranked_without_error(texts: list[tuple[str, str, str]]) -> None:
    found = space(texts, meaning=False)
    for row in range(len(texts)):
        scores = [match.score for match in found.neighbours(row)]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
    group(found)


@given(st.text(max_size=500))
@settings(max_examples=60, deadline=None)
def test_any_text_is_cut_and_counted(text: str) -> None:
    assert all(count > 0 for count in terms(text).values())
    assert all(len(piece) <= 160 for piece in chunks(text))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("FEDERATED DATA PLATFORM", "Feeds waiting lists into the Federated Data Platform each night."),
        ("Common Claims Ledger Programme", "Awards are posted to the common claims ledger."),
        ("Farm Loans Phase 2", "Interest is worked out by Farm Loans."),
        ("Fire Radio Renewal (FRRX)", "Handsets move once FRRX is live."),
        ("NRMX - Natural Resource Manager", "Reads parcels from NRMX."),
        ("National Law Enforcement Data Programme", "Closed when forces use NLEDP."),
        ("Falcon", "Screens come from Falcon."),
    ],
)
def test_an_english_project_is_named_in_capitals_without_its_kind_and_by_its_abbreviation(title, text):
    space = Space([Document(1, title), Document(2, "Night shift", purpose=text)])
    assert space.names(0, 1)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Hospital Asset Store (HAS)", "The ward has beds."),
        ("Falcon", "A falcon nests on the roof, and falconry is taught."),
        ("Data Platform", "The metadata platforms of others."),
        ("Grain Import Service", "GIS draws maps."),  # its own text never calls it so
    ],
)
def test_an_english_project_is_not_named_by_common_words(title, text):
    space = Space([Document(1, title), Document(2, "Night shift", purpose=text)])
    assert not space.names(0, 1)
