"""How well projects are followed from one year to the next, and the weights fitted to it.

    python benchmarks/succession.py FOLDER

FOLDER holds JUDGIT!'s tables. Ids are held out; truth is described in docs/years.md. Fitted to every second pair of
years, measured on the others. Each year is embedded once, which takes most of the two minutes; how far it is stands on
stderr.
"""

import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from sekisho.analysis.similarity.embedding import embed, encoder
from sekisho.analysis.succession.pairing import FEATURES, Pairing
from sekisho.analysis.succession.records import YearRecord
from sekisho.intake.judgit import read_judgit

#: pairs of years by their first: fitted to, and measured on
FITTED, MEASURED = (2015, 2017, 2019), (2016, 2018)
MONEY = ("past_money", "size")


def read(folder: Path) -> dict[int, list[tuple[YearRecord, str]]]:
    """(record, id of the source) by year."""
    found = defaultdict(list)
    for key, sheet in enumerate(read_judgit(folder).records):
        money = {year.fiscal_year: year.approved for year in sheet.years if year.approved}
        spent = {year.fiscal_year: year.executed for year in sheet.years if year.executed}
        record = YearRecord(
            key, sheet.name, sheet.purpose, sheet.summary, sheet.organisation_path, frozenset(), money, spent
        )
        identity = next((one for one in (sheet.external_id, *sheet.previous_ids) if one.isdecimal()), "")
        found[sheet.source_year or 0].append((record, identity))
    return found


def fingerprint(old: YearRecord, new: YearRecord) -> bool:
    """Four past amounts or more are the same, at most one differs."""
    same = differ = 0
    for mine, theirs in ((old.money, new.money), (old.spent, new.spent)):
        for year in mine.keys() & theirs.keys():
            same += mine[year] == theirs[year]
            differ += mine[year] != theirs[year]
    return same >= 4 and differ <= 1


class Pairs:
    """Candidates of two years with features, what is true, and what cannot be said (``unknown``)."""

    def __init__(
        self,
        old: list[tuple[YearRecord, str]],
        new: list[tuple[YearRecord, str]],
        vectors: np.ndarray | None,
    ) -> None:
        records = [[one for one, _id in side] for side in (old, new)]
        pairing = Pairing(records[0], records[1], vectors)
        pairing.pairs()  # learns which section followed which
        self.places = sorted(pairing._candidates())
        self.x = pairing.features(self.places)
        prints = [fingerprint(records[0][i], records[1][j]) for i, j in self.places]
        ends = Counter(("old", i) for (i, _j), on in zip(self.places, prints, strict=True) if on)
        ends += Counter(("new", j) for (_i, j), on in zip(self.places, prints, strict=True) if on)
        self.money = np.asarray(
            [
                on and ends["old", i] == ends["new", j] == 1
                for (i, j), on in zip(self.places, prints, strict=True)
            ]
        )
        column = {name: self.x[:, at] for at, name in enumerate(FEATURES)}
        ids = np.asarray([bool(old[i][1]) and old[i][1] == new[j][1] for i, j in self.places])
        named = (column["name"] > 0) & (column["ministry"] > 0)
        self.true = self.money | named | (ids & (column["title"] + column["text"] > 0.3))
        self.unknown = ~self.true & (column["past_money"] >= 0.5)
        self.renamed = self.money & (column["name"] == 0)


def embedded(side: list[tuple[YearRecord, str]]) -> np.ndarray | None:
    """One vector a record; None without the embedder."""
    model = encoder()
    texts = [(one.name, (one.purpose, one.summary)) for one, _id in side]
    return embed(model, texts) if model else None


def both_years(years: dict[int, list[tuple[YearRecord, str]]]) -> dict[int, Pairs]:
    """Pairs of years that follow each other, by the first."""
    found, last = {}, None
    for year in sorted(years):
        print(f"{year}: {len(years[year])} records", file=sys.stderr, flush=True)
        vectors = embedded(years[year])
        if year - 1 in years:
            joined = None if vectors is None or last is None else np.concatenate([last, vectors])
            found[year - 1] = Pairs(years[year - 1], years[year], joined)
        last = vectors
    return found


def fit(pairs: list[Pairs], without: tuple[str, ...] = ()) -> np.ndarray:
    """Weights and bias: logistic regression with a ridge, weights never negative."""
    x = np.concatenate([one.x[~one.unknown] for one in pairs])
    y = np.concatenate([one.true[~one.unknown] for one in pairs])
    x = np.column_stack([x, np.ones(len(x))])
    x[:, [FEATURES.index(name) for name in without]] = 0

    def loss(b: np.ndarray) -> tuple[float, np.ndarray]:
        z = x @ b
        worth = np.logaddexp(0, -z)[y].sum() + np.logaddexp(0, z)[~y].sum() + 0.5 * (b[:-1] ** 2).sum()
        return worth, x.T @ (1 / (1 + np.exp(-z)) - y) + np.append(b[:-1], 0)

    bounds = [(0, None)] * len(FEATURES) + [(None, None)]
    return minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds).x


def measure(b: np.ndarray, pairs: list[Pairs]) -> str:
    """Recall, precision and new names found, each record taken once."""
    told: Counter[str] = Counter()
    for one in pairs:
        chances = 1 / (1 + np.exp(-(one.x @ b[:-1] + b[-1])))
        old, new, taken = set(), set(), np.zeros(len(chances), dtype=bool)
        for at in np.argsort(-chances):
            i, j = one.places[at]
            if chances[at] >= 0.5 and i not in old and j not in new:
                old.add(i)
                new.add(j)
                taken[at] = True
        told["true"] += int(one.true.sum())
        told["hit"] += int((one.true & taken).sum())
        told["wrong"] += int((taken & ~one.true & ~one.unknown).sum())
        told["renamed"] += int(one.renamed.sum())
        told["renamed hit"] += int((one.renamed & taken).sum())
    recall, precision = told["hit"] / told["true"], told["hit"] / (told["hit"] + told["wrong"])
    return (
        f"recall {recall:.3f}  precision {precision:.3f}  renamed {told['renamed hit']} of {told['renamed']}"
    )


if __name__ == "__main__":
    started = time.perf_counter()
    wanted = {year + step for year in (*FITTED, *MEASURED) for step in (0, 1)}
    both = both_years({year: side for year, side in read(Path(sys.argv[1])).items() if year in wanted})
    fitted, measured = [both[year] for year in FITTED], [both[year] for year in MEASURED]
    for label, without in (("all", ()), ("without money", MONEY), ("without meaning", ("meaning",))):
        weights = fit(fitted, without)
        print(f"{label:<18}", measure(weights, measured))
        print("  ", dict(zip((*FEATURES, "bias"), weights.round(1).tolist(), strict=True)), flush=True)
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)
