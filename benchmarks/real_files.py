"""What becomes of a folder of real files: how many of each type come out clean, by which method, and why not.

Run with ``.venv/bin/python benchmarks/real_files.py FOLDER... [--policy NAME] [--list FILE]`` on any collection, such as a
department's shared folder or the test documents of other programs. ``--list`` writes a line of JSON for each file.
"""

import argparse
import json
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from sekisho.sanitizer import Result, sanitize


def files_in(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from (
            sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else [folder]
        )


def outcome(result: Result) -> str:
    return result.method if result.is_clean else result.report.refusal


def line(path: Path, result: Result, seconds: float) -> str:
    report = result.report
    return json.dumps(
        {
            "file": str(path),
            "type": report.input.type,
            "outcome": outcome(result),
            "attempts": [(attempt.method, attempt.outcome) for attempt in report.attempts],
            "removed": Counter(removal.code for removal in report.removed),
            "seconds": round(seconds, 2),
        },
        ensure_ascii=False,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--policy", default="inbound")
    parser.add_argument("--list", type=Path)
    options = parser.parse_args()

    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    clean: Counter[str] = Counter()
    took: dict[str, list[float]] = defaultdict(list)
    listed = options.list.open("w", encoding="utf-8") if options.list else None
    for path in files_in(options.folders):
        begun = time.perf_counter()
        result = sanitize(path, options.policy, name=path.name)
        seconds, kind = time.perf_counter() - begun, result.report.input.type
        outcomes[kind][outcome(result)] += 1
        clean[kind] += result.is_clean
        took[kind].append(seconds)
        if listed:
            print(line(path, result, seconds), file=listed, flush=True)

    print("| type | files | clean | seconds, median and most | outcomes |\n|---|---|---|---|---|")
    for kind, counted in sorted(outcomes.items()):
        total = counted.total()
        said = ", ".join(f"{name} {count}" for name, count in counted.most_common())
        times = f"{statistics.median(took[kind]):.2f}, {max(took[kind]):.1f}"
        print(f"| {kind} | {total} | {clean[kind] / total:.1%} | {times} | {said} |")


if __name__ == "__main__":
    main()
