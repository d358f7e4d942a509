"""``sekisho sanitize`` and ``sekisho verify``: files in, clean files or reasons out."""

import json
import os
import sys
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from sekisho.cli.main import terminal_language
from sekisho.cli.policy import chosen_policy
from sekisho.sanitizer import Policy, Result
from sekisho.sanitizer import sanitize as sanitize_file
from sekisho.sanitizer.inspection import identify_file, verify_file
from sekisho.sanitizer.words import all_words, explain

STANDARD = "-"


@dataclass(frozen=True)
class Task:
    """One file to do: where it is, and the folder below the output folder where its result goes."""

    path: str
    folder: Path = Path()

    def read(self) -> Any:
        return sys.stdin.buffer if self.path == STANDARD else Path(self.path)

    @property
    def name(self) -> str:
        return "stdin" if self.path == STANDARD else Path(self.path).name


@click.command()
@click.argument("files", nargs=-1)
@click.option("-o", "--output", metavar="DIR", help="Folder for the clean files (- for standard output).")
@click.option("--policy", "policy_name", default="inbound", show_default=True, metavar="NAME|FILE")
@click.option("--report", "report_file", metavar="FILE.json", help="Write the full reports as JSON.")
@click.option("--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--jobs", default=1, show_default=True, type=click.IntRange(1, 64), help="Files done at a time."
)
@click.option("--recursive", is_flag=True, help="Go into folders.")
@click.option("--name", help="The name a file on standard input had.")
@click.option("--require-sandbox", is_flag=True, help="Refuse where the kernel cannot lock the work in.")
@click.option("--explain", "code", metavar="CODE", help="Say what a code of a report means.")
@click.option("--identify", "only_identify", is_flag=True, help="Only say what each file is.")
@click.option("--lang", type=click.Choice(["ja", "en"]), help="Language of the words; default: the locale's.")
def sanitize(
    files: tuple[str, ...],
    output: str | None,
    policy_name: str,
    report_file: str | None,
    password_file: Path | None,
    jobs: int,
    recursive: bool,
    name: str | None,
    require_sandbox: bool,
    code: str | None,
    only_identify: bool,
    lang: str | None,
) -> None:
    """Make clean files out of untrusted ones.

    One line a file. Exit code 0: all clean, 1: some refused, 2: misuse.
    """
    language = lang or terminal_language()
    if code:
        return _explain(code, language)
    if not files:
        raise click.UsageError("name the files to sanitize")
    if only_identify:
        return _identify(files, language)
    if output is None and files == (STANDARD,):
        output = STANDARD
    if output is None:
        raise click.UsageError("name the folder for the clean files: -o DIR")
    run = _Run(chosen_policy(policy_name), output, language, _password(password_file), name, require_sandbox)
    results = run.all(list(_tasks(files, recursive=recursive)), jobs)
    if report_file:
        _write_report(report_file, results)
    sys.exit(0 if all(result.is_clean for result in results) else 1)


def _explain(code: str, language: str) -> None:
    if code not in all_words():
        raise click.UsageError(f"there is no code {code!r}; codes look like pdf.javascript")
    words = explain(code)
    click.echo(f"{code}\n{words.short[language]}\n{words.why[language]}")


def _identify(files: tuple[str, ...], language: str) -> None:
    for file in files:
        try:
            kind, rivals = identify_file(sys.stdin.buffer if file == STANDARD else Path(file))
        except OSError as error:
            raise click.UsageError(f"{file}: {error.strerror}") from error
        others = f"\t(also: {', '.join(rivals)})" if rivals else ""
        click.echo(f"{shown(file)}\t{kind.id}\t{kind.mime}\t{getattr(kind, language)}{others}")


def _password(file: Path | None) -> str | None:
    return file.read_text(encoding="utf-8").rstrip("\r\n") if file else None


def _tasks(files: tuple[str, ...], *, recursive: bool) -> Iterator[Task]:
    for file in files:
        path = Path(file)
        if file == STANDARD or not path.is_dir():
            yield Task(file)
        elif not recursive:
            raise click.UsageError(f"{file} is a folder; add --recursive for what it holds")
        else:
            for found in sorted(path.rglob("*")):
                if found.is_file() and not found.is_symlink():
                    yield Task(str(found), found.parent.relative_to(path))


@dataclass
class _Run:
    """One call of the command: same policy and place for every file."""

    policy: Policy
    output: str
    language: str
    password: str | None
    name: str | None
    require_sandbox: bool

    def all(self, tasks: list[Task], jobs: int) -> list[Result]:
        if self.output == STANDARD and len(tasks) != 1:
            raise click.UsageError("standard output takes exactly one file")
        results, taken = [], set[Path]()
        with ThreadPoolExecutor(jobs) as pool:
            for number, (task, result) in enumerate(
                zip(tasks, pool.map(self._one, tasks), strict=True), start=1
            ):
                place = self._write(task, result, taken)
                self._say(f"{number}/{len(tasks)}", task, result, place)
                results.append(result)
        return results

    def _one(self, task: Task) -> Result:
        return sanitize_file(
            task.read(),
            self.policy,
            name=self.name or task.name,
            password=self.password,
            require_sandbox=self.require_sandbox,
        )

    def _write(self, task: Task, result: Result, taken: set[Path]) -> str:
        if result.output is None:
            return ""
        if self.output == STANDARD:
            sys.stdout.buffer.write(result.output)
            sys.stdout.buffer.flush()
            return STANDARD
        place = _free_place(Path(self.output) / task.folder / result.name, task, taken)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(result.output)
        except OSError as error:
            raise click.ClickException(f"{place}: {error.strerror}") from error
        return str(place)

    def _say(self, position: str, task: Task, result: Result, place: str) -> None:
        report = result.report
        if result.is_clean:
            count = sum(removal.count for removal in report.removed)
            said = f"{result.method}\t{shown(place)}\t{_removed_words(count, self.language)}"
        else:
            said = f"{report.refusal}\t{explain(report.refusal).filled(report.refusal_params)[self.language]}"
        click.echo(f"{position}\t{result.status}\t{shown(task.path)}\t{said}", err=self.output == STANDARD)


def shown(path: str) -> str:
    """A path as one line that a terminal only shows: characters that break, turn or command it are spelled out.

    >>> shown("a\\u202etxt.exe")
    'a\\\\u202etxt.exe'
    """
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        else character
        for character in path
    )


def _removed_words(count: int, language: str) -> str:
    if language == "ja":
        return f"{count}件を除去・変更" if count else "除去なし"
    return f"{count} removed or changed" if count else "nothing removed"


def _free_place(wanted: Path, task: Task, taken: set[Path]) -> Path:
    """Two files of one run never share a place, and no source is ever overwritten."""
    place, number = wanted, 1
    source = None if task.path == STANDARD else Path(task.path).resolve()
    while place.resolve() in taken or place.resolve() == source:
        number += 1
        place = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
    taken.add(place.resolve())
    return place


def _write_report(file: str, results: list[Result]) -> None:
    document = {"files": [result.report.as_dict() for result in results]}
    text = json.dumps(document, ensure_ascii=False, indent=2) + os.linesep
    if file == STANDARD:
        click.echo(text, nl=False)
        return
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--lang", type=click.Choice(["ja", "en"]))
def verify(files: tuple[str, ...], lang: str | None) -> None:
    """Check files against the grammar of clean files, and name the first thing that is disliked.

    Exit code 0: all pass, 1: some do not.
    """
    language = lang or terminal_language()
    failed = False
    for file in files:
        complaint = verify_file(sys.stdin.buffer if file == STANDARD else Path(file))
        if complaint is None:
            click.echo(f"{shown(file)}\tclean")
            continue
        failed = True
        words = all_words().get(complaint.code)
        click.echo(f"{shown(file)}\tnot clean\t{complaint}\t{words.short[language] if words else ''}")
    sys.exit(1 if failed else 0)
