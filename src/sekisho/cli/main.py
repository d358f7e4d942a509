"""The root command: sets Django up once, finds each command where it lives, and prints refusals as one line."""

import importlib
import os
import sys
from typing import Any

import click

#: command -> "module:attribute", loaded only when asked for, so that ``--help`` is quick
COMMANDS = {
    "serve": "sekisho.cli.serve:serve",
    "worker": "sekisho.cli.serve:worker",
    "migrate": "sekisho.cli.serve:migrate",
    "doctor": "sekisho.cli.doctor:doctor",
    "import": "sekisho.intake.commands:import_",
    "export": "sekisho.intake.commands:export",
    "similar": "sekisho.sharing.commands:similar",
    "years": "sekisho.sharing.commands_years:years",
    "standards": "sekisho.cli.standards:standards",
    "ledger": "sekisho.cli.ledger:ledger",
    "token": "sekisho.people.commands:token",
    "people": "sekisho.people.commands:people",
    "sample": "sekisho.cli.serve:sample",
    "sanitize": "sekisho.cli.sanitize:sanitize",
    "verify": "sekisho.cli.sanitize:verify",
    "policy": "sekisho.cli.policy:policy",
    "portfolio": "sekisho.portfolio.commands:portfolio",
    "public": "sekisho.portfolio.public.commands:public",
    "voice": "sekisho.voice.commands:voice",
    "survey": "sekisho.voice.commands:survey",
    "transfer": "sekisho.gateway.client:transfer",
    "gateway": "sekisho.gateway.commands:gateway",
    "analyse": "sekisho.cli.analyse:analyse",
}
#: these work on files alone: no settings, no database
PURE = {"sanitize", "verify", "policy", "analyse", "transfer"}


class Commands(click.Group):
    """Loads commands by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in PURE:
            set_up()
        module, _colon, attribute = COMMANDS[cmd_name].partition(":")
        return getattr(importlib.import_module(module), attribute)


def set_up() -> None:
    """Make Django ready. A setting that cannot be read is one line, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sekisho.config.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as problem:
        raise click.ClickException(str(problem)) from None
    _choose_language()


def _choose_language() -> None:
    """Speak English in a terminal that does not ask for Japanese."""
    from django.utils import translation

    translation.activate(terminal_language())


def terminal_language() -> str:
    """``ja`` or ``en``, by the environment's locale."""
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "ja" if wanted.lower().startswith("ja") else "en"


def in_language(ja: str, en: str) -> str:
    """The words in the language asked for (``--lang``), else in that of the terminal."""
    context = click.get_current_context(silent=True)
    language = (context.params.get("lang") if context else None) or terminal_language()
    return ja if language == "ja" else en


def misuse(ja: str, en: str) -> click.UsageError:
    """A fault of who calls."""
    return click.UsageError(in_language(ja, en))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sekisho", prog_name="sekisho")
def cli() -> None:
    """Sekisho: the Project Sharing Book of a government's digital office."""


def main(argv: list[str] | None = None) -> None:
    """Run the command line; refusals become one line on stderr and exit code 1."""
    try:
        cli.main(args=argv, prog_name="sekisho", standalone_mode=False)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except click.exceptions.Abort:
        click.echo(in_language("中断しました。", "Aborted."), err=True)
        sys.exit(130)
    except click.exceptions.Exit as leaving:
        sys.exit(leaving.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as problem:  # noqa: BLE001 - refusals become one line, the rest is raised again
        _refuse(problem)


def _refuse(problem: Any) -> None:
    from django.core.exceptions import ImproperlyConfigured
    from django.db.utils import DatabaseError, OperationalError, ProgrammingError

    from sekisho.errors import SekishoError

    if isinstance(problem, SekishoError | ImproperlyConfigured):
        said = str(problem)
    # a table that is missing is a ProgrammingError on PostgreSQL, a file that is no database a bare DatabaseError
    elif isinstance(problem, OperationalError | ProgrammingError) or type(problem) is DatabaseError:
        reason = " ".join(str(problem).split())
        said = f"the database cannot be used ({reason}). Try `sekisho doctor`."
    elif isinstance(problem, OSError) and problem.strerror:
        said = f"{problem.filename or 'a file'} cannot be used: {problem.strerror}"
    else:
        raise problem
    click.echo(f"sekisho: {said}", err=True)
    sys.exit(1)
