"""Speed and recall of finding alike projects, beside one matrix product.

    python benchmarks/similarity.py [--million]

Texts are drawn from word lists so that 10,000 differ as real ones do; vectors are clustered and random. Prints one
line per figure with the aim. ``--million`` builds 1,000,000 × 128 with faiss, which takes minutes and 2 GB.
"""

import statistics
import sys
import time

import numpy as np

from sekisho.analysis.similarity.groups import group
from sekisho.analysis.similarity.index import Exact, index
from sekisho.analysis.similarity.space import Document, Space

_WHAT = "申請 届出 予約 納税 介護 保育 防災 道路 水道 図書館 給付金 補助金 台帳 統計 会計 人事 文書 調達 免許 年金 医療 学校".split()  # noqa: SIM905
_HOW = "オンライン 電子 共通 統合 次期 広域 クラウド モバイル 自動 遠隔".split()  # noqa: SIM905
_KIND = "システム サービス 基盤 ポータル データベース アプリ 窓口 ネットワーク".split()  # noqa: SIM905
_DO = "受け付ける 管理する 共有する 分析する 公開する 更新する 審査する 通知する".split()  # noqa: SIM905


def documents(count: int, rng: np.random.Generator) -> list[Document]:
    """Projects with titles of three words and two sentences each."""
    made = []
    for key in range(count):
        pick = lambda words, n: [str(word) for word in rng.choice(words, n)]  # noqa: E731
        what, how, kind = pick(_WHAT, 3), pick(_HOW, 2), pick(_KIND, 2)
        title = f"{what[0]}{how[0]}{kind[0]}{key % 97}"
        purpose = f"{what[0]}と{what[1]}の情報を{pick(_DO, 1)[0]}ため、{how[1]}{kind[1]}を整える。番号{key}。"
        summary = f"{what[2]}の担当課が{pick(_DO, 1)[0]}。{kind[0]}と{kind[1]}をつなぎ、{pick(_WHAT, 1)[0]}にも使う。"
        made.append(Document(key, title, purpose, summary, owner=(f"局{key % 20}", f"課{key % 400}")))
    return made


def vectors(count: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Unit vectors around count / 100 centres."""
    centres = rng.standard_normal((max(count // 100, 1), width), dtype=np.float32)
    made = centres[rng.integers(0, len(centres), count)]
    made += 0.7 * rng.standard_normal((count, width), dtype=np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


def timed(act, times: int) -> list[float]:
    """Milliseconds of each run."""
    found = []
    for number in range(times):
        start = time.perf_counter()
        act(number)
        found.append((time.perf_counter() - start) * 1000)
    return found


def calm(times: list[float]) -> float:
    """What a run takes when nothing else is in its way: the tenth percentile."""
    return sorted(times)[len(times) // 10]


def say(what: str, figure: str, aim: str = "") -> None:
    """One line."""
    print(f"{what:<62}{figure:>16}  {aim}")


def portfolio(rng: np.random.Generator) -> None:
    """10,000 projects: a query, beside the product it rests on, and grouping all."""
    count = 10_000
    start = time.perf_counter()
    space = Space(documents(count, rng), vectors(count, 512, rng))
    say("reading 10,000 projects into memory", f"{time.perf_counter() - start:.1f} s")
    products, query = [], []
    for n in range(
        400
    ):  # by turns, so that neither finds the other's memory at hand, and both the same disturbance
        products += timed(lambda _n, at=n: space.vectors @ space.vectors[at], 1)
        query += timed(lambda _n, at=n * 37 % count: space.neighbours(at, 20), 1)
    median, p95 = statistics.median(query), sorted(query)[379]
    say("one product 10,000 × 512, undisturbed", f"{calm(products):.2f} ms")
    say("neighbours of a new project, undisturbed", f"{calm(query):.2f} ms")
    say("the same, median / p95", f"{median:.2f} / {p95:.2f} ms", "aim: at most 10 ms")
    say("undisturbed over one product", f"{calm(query) / calm(products):.2f}", "aim: at most 2")
    exact = Space(space.documents, space.vectors)
    exact.coarse = exact.vectors
    asked = range(0, count, count // 50)
    kept = [len({m.row for m in space.neighbours(n)} & {m.row for m in exact.neighbours(n)}) for n in asked]
    say("of the 20 nearest, found from 256 directions", f"{statistics.mean(kept) / 20:.3f}")
    start = time.perf_counter()
    found = group(space)
    say(f"grouping all ({len(found)} groups)", f"{time.perf_counter() - start:.1f} s", "aim: under 60 s")


def million(rng: np.random.Generator) -> None:
    """1,000,000 vectors with an index: recall at 10 against exact."""
    every = vectors(1_000_000, 128, rng)
    start = time.perf_counter()
    quick, exact = index(every), Exact(every)
    say(f"building {type(quick).__name__} of 1,000,000 × 128", f"{time.perf_counter() - start:.0f} s")
    asked = rng.integers(0, len(every), 200)
    kept = [len(set(quick.search(every[at], 10)) & set(exact.search(every[at], 10))) / 10 for at in asked]
    say("recall at 10 of exact", f"{statistics.mean(kept):.3f}", "aim: at least .95")
    say(
        "search, median",
        f"{statistics.median(timed(lambda n: quick.search(every[asked[n]], 10), 200)):.2f} ms",
    )
    say(
        "exact search, median",
        f"{statistics.median(timed(lambda n: exact.search(every[asked[n]], 10), 20)):.1f} ms",
    )


if __name__ == "__main__":
    random = np.random.default_rng(7)
    portfolio(random)
    if "--million" in sys.argv:
        million(random)
