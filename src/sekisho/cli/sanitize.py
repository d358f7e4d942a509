"""``sekisho sanitize`` and ``sekisho verify``: files in, clean files or reasons out."""

import json
import os
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click

from sekisho.cli.main import in_language, misuse, terminal_language
from sekisho.cli.policy import chosen_policy
from sekisho.sanitizer import Policy, Report, Result
from sekisho.sanitizer import sanitize as sanitize_file
from sekisho.sanitizer.encodings import as_declared
from sekisho.sanitizer.inspection import identify_file, verify_file
from sekisho.sanitizer.names import name_on_disk
from sekisho.sanitizer.words import all_words, explain

STANDARD = "-"
_BY_MEMBERS = {"archive.nothing_left", "archive.member_refused", "mail.attachment_refused"}


@dataclass(frozen=True)
class Task:
    """One file to do: where it is, and the folder below the output folder where its result goes."""

    path: str
    folder: Path = Path()

    def read(self) -> Any:
        return sys.stdin.buffer if self.path == STANDARD else Path(self.path)

    @property
    def name(self) -> str:
        return "stdin" if self.path == STANDARD else name_on_disk(Path(self.path))


def _option(*names: str, ja: str, en: str, **rest: Any) -> Callable[[Any], Any]:
    """An option whose help speaks the language of the terminal."""
    return click.option(*names, help=in_language(ja, en), **rest)


_LANG = _option(
    "--lang",
    type=click.Choice(["ja", "en"]),
    ja="表示の言語（既定はロケールの言語）",
    en="Language of the words; default: the locale's.",
)


@click.command(
    help=in_language(
        "外部から届いたファイルから、安全なファイルを作り直します。\n\n"
        "ファイルごとに1行を表示します。終了コードは、0がすべて無害化、1が一部を拒否、2が使い方の誤りです。",
        "Make clean files out of untrusted ones.\n\n"
        "One line a file. Exit code 0: all clean, 1: some refused, 2: misuse.",
    )
)
@click.argument("files", nargs=-1)
@_option(
    "-o",
    "--output",
    metavar="DIR",
    ja="安全なファイルを置くフォルダー（- は標準出力）",
    en="Folder for the clean files (- for standard output).",
)
@_option(
    "--policy",
    "policy_name",
    default="inbound",
    show_default=True,
    metavar="NAME|FILE",
    ja="方針の名前かYAMLファイル",
    en="Name of a policy, or a YAML file of one.",
)
@_option(
    "--report",
    "report_file",
    metavar="FILE.json",
    ja="報告の全文をJSONで書き出します",
    en="Write the full reports as JSON.",
)
@_option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    ja="パスワードを1行に1つずつ書いたファイル",
    en="A file of passwords, one a line.",
)
@_option(
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    ja="同時に処理するファイルの数",
    en="Files done at a time.",
)
@_option("--recursive", is_flag=True, ja="フォルダーの中も処理します", en="Go into folders.")
@_option("--name", ja="標準入力で渡すファイルの元の名前", en="The name a file on standard input had.")
@_option(
    "--require-sandbox",
    is_flag=True,
    ja="OSの機能で処理を隔離できない環境では拒否します",
    en="Refuse where the kernel cannot lock the work in.",
)
@_option(
    "--explain",
    "code",
    metavar="CODE",
    ja="報告の符号の意味を説明します",
    en="Say what a code of a report means.",
)
@_option(
    "--identify",
    "only_identify",
    is_flag=True,
    ja="ファイルの種類だけを調べます",
    en="Only say what each file is.",
)
@_LANG
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
    language = lang or terminal_language()
    if code:
        return _explain(code, language)
    if not files:
        raise misuse("無害化するファイルを指定してください", "name the files to sanitize")
    if only_identify:
        return _identify(_tasks(files, recursive=recursive), language)
    if output is None and files == (STANDARD,):
        output = STANDARD
    if output is None:
        raise misuse(
            "出力先のフォルダーを指定してください: -o DIR", "name the folder for the clean files: -o DIR"
        )
    passwords = _passwords(password_file)
    lines_aside = STANDARD in (output, report_file)
    run = _Run(chosen_policy(policy_name), output, language, passwords, name, require_sandbox, lines_aside)
    tasks = list(_tasks(files, recursive=recursive, without=output))
    # no source is ever overwritten, whichever of them a result or the report is named after
    taken = {_real(task.path) for task in tasks if task.path != STANDARD}
    _prepare_places(output, report_file, taken)
    reports: list[Report] = []
    try:
        run.all(tasks, jobs, taken, reports)
    finally:  # who interrupts the run still learns what became of the files that are done
        if report_file:
            _write_report(report_file, reports)
    sys.exit(0 if all(report.status == "clean" for report in reports) else 1)


_MOST_PASSWORDS = 1 << 20  # bytes of a file of them


class CannotWrite(click.ClickException):
    """A place for the results that cannot be written to: no file was at fault."""

    exit_code = 2


def _explain(code: str, language: str) -> None:
    if code not in all_words():
        raise misuse(
            f"符号 {code!r} はありません。符号は pdf.javascript のような形です",
            f"there is no code {code!r}; codes look like pdf.javascript",
        )
    words = explain(code)
    said = dict.fromkeys((code, words.short[language], words.why[language]))  # many codes need no more words
    click.echo("\n".join(said))


def _identify(tasks: Iterator[Task], language: str) -> None:
    """Say what each file is. One that cannot be read does not keep the others from being told."""
    failed = False
    for task in tasks:
        try:
            kind, rivals = identify_file(task.read())
        except OSError as error:
            failed = True
            click.echo(f"{shown(task.path)}: {error.strerror}", err=True)
            continue
        others = f"\t(also: {', '.join(rivals)})" if rivals else ""
        click.echo(f"{shown(task.path)}\t{kind.id}\t{kind.mime}\t{getattr(kind, language)}{others}")
    if failed:
        sys.exit(2)


def _passwords(file: Path | None) -> list[str] | None:
    """The passwords of a file, one a line, as editors on Windows in Japan save it too."""
    if file is None:
        return None
    with file.open("rb") as source:
        read = source.read(_MOST_PASSWORDS + 1)
    text = as_declared(read, "utf-8") if len(read) <= _MOST_PASSWORDS else None
    found = [line for line in (text or "").removeprefix("\ufeff").splitlines() if line]
    if not found:
        raise misuse(f"{file} にパスワードが読み取れません", f"no password can be read in {file}")
    return found


def _tasks(files: tuple[str, ...], *, recursive: bool, without: str = "") -> Iterator[Task]:
    """What is to be done. ``without``: the folder for the results, which is not gone into where it lies within."""
    for file in files:
        path = Path(file)
        if file == STANDARD or not path.is_dir():
            yield Task(file)
        elif not recursive:
            raise misuse(
                f"{file} はフォルダーです。中のファイルも対象にするには --recursive を付けてください",
                f"{file} is a folder; add --recursive for what it holds",
            )
        else:
            yield from _within(path, _real(without) if without not in ("", STANDARD) else None)


def _within(folder: Path, without: Path | None) -> Iterator[Task]:
    """The files of a folder in order. Links are not followed, and said so; what cannot be opened is a task that fails."""
    closed: list[Task] = []
    for root, folders, files in os.walk(
        folder, onerror=lambda error: closed.append(Task(str(error.filename)))
    ):
        place = Path(root)
        folders[:] = sorted(name for name in folders if _real(place / name) != without)
        for name in sorted([*files, *(name for name in folders if (place / name).is_symlink())]):
            if (place / name).is_symlink():
                said = in_language("リンクのため扱いません", "a link, which is not followed")
                click.echo(f"skipped\t{shown(str(place / name))}\t{said}", err=True)
            else:
                yield Task(str(place / name), place.relative_to(folder))
    yield from closed


def _prepare_places(output: str, report_file: str | None, taken: set[Path]) -> None:
    """Find out before the work whether its results can be put where they should go; the report takes its place."""
    if output == STANDARD == report_file:
        raise misuse(
            "結果と報告を同時に標準出力へは書けません",
            "the result and the report cannot both go to standard output",
        )
    try:
        if output != STANDARD:
            Path(output).mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        said = in_language("途中か末尾がフォルダーではありません", "it is, or lies below, what is no folder")
        raise CannotWrite(f"{output}: {said}") from error
    except OSError as error:
        raise CannotWrite(f"{output}: {error.strerror}") from error
    report = Path(report_file or STANDARD)
    if str(report) != STANDARD and (report.is_dir() or not report.absolute().parent.is_dir()):
        said = in_language("ここにはファイルを書けません", "no file can be written there")
        raise CannotWrite(f"{report_file}: {said}")
    if report_file and report_file != STANDARD:
        if _real(report_file) in taken:
            raise misuse(
                f"{report_file} は無害化するファイルです。報告の名前を変えてください",
                f"{report_file} is a file to be sanitized; name the report otherwise",
            )
        taken.add(_real(report_file))


def _real(path: str | Path) -> Path:
    """Where a path leads, whatever links it goes through: even round in a ring."""
    return Path(os.path.realpath(path))


@dataclass
class _Run:
    """One call of the command: same policy and place for every file."""

    policy: Policy
    output: str
    language: str
    passwords: list[str] | None
    name: str | None
    require_sandbox: bool
    lines_aside: bool  # standard output holds the result or the report

    def all(self, tasks: list[Task], jobs: int, taken: set[Path], reports: list[Report]) -> None:
        """Do every task, adding its report to ``reports`` once its result is written."""
        if self.output == STANDARD and len(tasks) != 1:
            raise misuse("標準出力へ書けるのは1ファイルだけです", "standard output takes exactly one file")
        own = {self._place(task, task.name) for task in tasks}
        with _folder_for_parts(self.output) as folder, ThreadPoolExecutor(jobs) as pool:
            parts = [folder / str(number) if folder else None for number in range(len(tasks))]
            for number, (task, part, result) in enumerate(
                zip(tasks, parts, pool.map(self._one, tasks, parts), strict=True), start=1
            ):
                # a name that a result was given leaves alone those that other files came with
                others = own if result.name != task.name else set()
                place = self._put(part, task, result, taken, others) if result.is_clean else ""
                self._say(f"{number}/{len(tasks)}", task, result, place)
                reports.append(result.report)

    def _one(self, task: Task, part: Path | None) -> Result:
        """One file done, the new one in ``part`` or else on standard output: in memory it might not have room."""
        if part is None:
            return self._opened(task, sys.stdout.buffer)
        try:
            with part.open("xb") as new:
                result = self._opened(task, new)
            if not result.is_clean:
                part.unlink()
        except OSError as error:
            raise CannotWrite(f"{self.output}: {error.strerror}") from error
        return result

    def _opened(self, task: Task, into: IO[bytes]) -> Result:
        result = self._opened_by(self.passwords, task, into)
        for number in range(1, len(self.passwords or [])):  # each may be that of the file itself
            if result.report.refusal == "input.wrong_password" and task.path != STANDARD:
                result = self._opened_by((self.passwords or [])[number:], task, into)
        return result

    def _opened_by(self, passwords: list[str] | None, task: Task, into: IO[bytes]) -> Result:
        return sanitize_file(
            task.read(),
            self.policy,
            name=self.name or task.name,
            password=passwords,
            require_sandbox=self.require_sandbox,
            into=into,
        )

    def _place(self, task: Task, name: str) -> Path:
        return Path(self.output) / task.folder / name

    def _put(self, part: Path | None, task: Task, result: Result, taken: set[Path], own: set[Path]) -> str:
        """Give a new file its place at once: who interrupts the run finds no half one. What is said of the place."""
        if part is None:
            sys.stdout.buffer.flush()
            return STANDARD
        place = _free_place(self._place(task, result.name), taken, own)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            part.replace(place)
        except OSError as error:
            raise CannotWrite(f"{place}: {error.strerror}") from error
        return str(place)

    def _say(self, position: str, task: Task, result: Result, place: str) -> None:
        report = result.report
        if result.is_clean:
            said = f"{result.method}\t{shown(place)}\t{_removed_words(report, self.language)}"
        else:
            said = f"{report.refusal}\t{shown(_reason(report, self.language))}"
        click.echo(f"{position}\t{result.status}\t{shown(task.path)}\t{said}", err=self.lines_aside)


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


def _reason(report: Report, language: str) -> str:
    """Why a file was refused, down to the file within it that was the cause."""
    words = explain(report.refusal).filled(report.refusal_params)[language]
    cause = next((member for member in report.members if member.refusal), None)
    if cause is None or report.refusal not in _BY_MEMBERS:
        return words
    return f"{words} {cause.input.name}: {_reason(cause, language)}"


def _removed_words(report: Report, language: str) -> str:
    warned = sum(removal.count for removal in report.removed if removal.action == "warned")
    count = sum(removal.count for removal in report.removed) - warned
    if language == "ja":
        return (f"{count}件を除去・変更" if count else "除去なし") + (f"、注意{warned}件" if warned else "")
    said = f"{count} removed or changed" if count else "nothing removed"
    return said + (f", {warned} to look at" if warned else "")


def _free_place(wanted: Path, taken: set[Path], own: set[Path]) -> Path:
    """A place that no source, no other result of this run, not its report and none of ``own`` has; taken from now on."""
    place, number = wanted, 1
    while _real(place) in taken or place in own:
        number += 1
        place = wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}")
    taken.add(_real(place))
    return place


@contextmanager
def _folder_for_parts(output: str) -> Iterator[Path | None]:
    """Where new files are written, on the disk of their places; none for standard output."""
    if output == STANDARD:
        yield None
        return
    try:
        holder = tempfile.TemporaryDirectory(prefix=".sekisho-", dir=output)
    except OSError as error:
        raise CannotWrite(f"{output}: {error.strerror}") from error
    with holder as folder:
        yield Path(folder)


def _write_report(file: str, reports: list[Report]) -> None:
    document = {"files": [report.as_dict() for report in reports]}
    text = json.dumps(document, ensure_ascii=False, indent=2) + os.linesep
    if file == STANDARD:
        click.echo(text, nl=False)
        return
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotWrite(f"{file}: {error.strerror}") from error


@click.command(
    help=in_language(
        "ファイルが「きれいなファイルの決まり」に合うかを調べ、最初に見つかった問題を示します。\n\n"
        "終了コードは、0がすべて合格、1が一部に問題ありです。",
        "Check files against the grammar of clean files, and name the first thing that is disliked.\n\n"
        "Exit code 0: all pass, 1: some do not.",
    )
)
@click.argument("files", nargs=-1, required=True)
@_LANG
def verify(files: tuple[str, ...], lang: str | None) -> None:
    language = lang or terminal_language()
    failed = False
    for file in files:
        complaint = verify_file(sys.stdin.buffer if file == STANDARD else Path(file))
        if complaint is None:
            click.echo(f"{shown(file)}\tclean")
            continue
        failed = True
        words = all_words().get(complaint.code)
        said = words.short[language] if words else ""
        click.echo(f"{shown(file)}\tnot clean\t{shown(str(complaint))}\t{said}")
    sys.exit(1 if failed else 0)
