"""``sekisho policy``: list, show and check the policies of the sanitizer."""

import sys
from pathlib import Path

import click
import yaml

from sekisho.cli.main import in_language, terminal_language
from sekisho.sanitizer.policies import Policy, PolicyError, idle_methods, load_policy, shipped_policies


def chosen_policy(name_or_file: str) -> Policy:
    """A shipped policy by name, or one from a file. Raises ``click.UsageError`` naming each problem."""
    try:
        return Policy.chosen(name_or_file)
    except PolicyError as error:
        raise click.UsageError("\n".join(error.said(in_language("ja", "en")))) from error


@click.group(help=in_language("無害化で何をどう通すか（方針）", "What the sanitizer lets through, and how."))
def policy() -> None:
    pass


@policy.command(name="list", help=in_language("同梱の方針の一覧", "The shipped policies."))
def list_() -> None:
    language = terminal_language()
    for entry in shipped_policies().values():
        click.echo(f"{entry.name}\t{entry.title.get(language, '')}")


@policy.command(
    help=in_language(
        "方針（名前かYAMLファイル）を、既定値も含めて表示します。",
        "Show a policy (a name or a YAML file) with every value, defaults included.",
    )
)
@click.argument("name")
def show(name: str) -> None:
    document = chosen_policy(name).as_dict()
    document["methods"] = {key: list(value) for key, value in document["methods"].items()}
    click.echo(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), nl=False)


@policy.command(
    help=in_language(
        "方針のファイルを調べ、問題をすべて場所とともに示します。問題があれば終了コードは1です。",
        "Check policy files. Every problem is named with its place; exit code 1 when there is one.",
    )
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(files: tuple[Path, ...]) -> None:
    failed, language = False, in_language("ja", "en")
    for file in files:
        try:
            policy = load_policy(file)
        except PolicyError as error:
            failed = True
            click.echo("\n".join(error.said(language)), err=True)
            continue
        for note in idle_methods(policy):
            click.echo(note.within(file).said(language), err=True)
        fine = in_language("問題はありません", "no problem")
        click.echo(f"{file}: {policy.name}, {fine}")
    sys.exit(1 if failed else 0)
