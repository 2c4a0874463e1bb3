"""Routes the command line to a command and turns every outcome into an exit code.

0 done, 1 negative result, 2 usage or input, 3 engine, 4 internal, 130 interrupted. Commands are imported when they are
called: `--help` costs click alone. Knows nothing of what a command does, and prints nothing itself.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click
from click.shell_completion import get_completion_class

from . import __version__
from .errors import InputError, RepoaskError
from .service.terminal import console
from .service.terminal.commands import COMMANDS, PLANNED

__all__ = ["group", "main", "route"]

_INTERNAL = 4
_INTERRUPTED = 130
_USAGE = 2
_HELP = """Ask a repository a question; every citation is checked against its bytes.

\b
repoask ./myrepo "where is auth handled?"     a folder, or any git URL
repoask "where is auth handled?"              the folder you are in
"""
# Libraries read these when they are imported. Without them a question takes up to 0.3 s longer on a busy machine:
# OpenBLAS starts a thread a core for matrices of 64 columns, pydantic looks for plugins in every installed package.
_LIBRARY_DEFAULTS = {"OPENBLAS_NUM_THREADS": "1", "PYDANTIC_DISABLE_PLUGINS": "__all__"}
_OWN_OPTIONS = ("-h", "--help", "--version", "--completion")


def route(words: Sequence[str]) -> list[str]:
    """The command line with its command written out.

    A first word that is a command is the command; everything else is short for `ask`, whose own words say whether
    the first of them is a folder, a URL or the question. `./index` is always a folder: no command is written so.

    Raises:
        InputError: The first word is kept for a command that this version does not have.
    """
    if not words:
        return ["--help"]
    first = words[0]
    if first in COMMANDS or first.partition("=")[0] in _OWN_OPTIONS:
        return list(words)
    if first in PLANNED:
        raise InputError(f"`{first}` is kept for a command that this version does not have; a folder is ./{first}")
    return ["ask", *words]


class _Router(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args if ctx.resilient_parsing and not args else route(args))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f".service.terminal.commands.{cmd_name}", __package__).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with _aborted_by_interrupt():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> object:
        with _aborted_by_interrupt():
            return super().invoke(ctx)


@contextmanager
def _aborted_by_interrupt() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        # click would write an empty line of its own first
        raise click.Abort from None


def _print_completion(ctx: click.Context, _: click.Parameter, shell: str | None) -> None:
    if shell is None or ctx.resilient_parsing:
        return
    completion = get_completion_class(shell)
    assert completion is not None
    console.write(completion(ctx.command, {}, "repoask", "_REPOASK_COMPLETE").source())
    ctx.exit()


@click.group(
    cls=_Router,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="",
    subcommand_metavar='[COMMAND] [PATH-or-URL] "question"',
    help=_HELP,
    epilog="`repoask COMMAND --help` tells more. Exit codes: 0 done, 1 nothing found, 2 usage or input, "
    "3 the model's server, 4 internal, 130 interrupted.",
)
@click.version_option(__version__, message="repoask %(version)s")
@click.option(
    "--completion",
    type=click.Choice(["bash", "zsh", "fish"]),
    is_eager=True,
    expose_value=False,
    callback=_print_completion,
    help="Print the completion script of a shell.",
)
def group() -> None:
    """The command line of repoask."""


def main(words: Sequence[str] | None = None) -> None:
    """Runs the command line and exits."""
    for variable, value in _LIBRARY_DEFAULTS.items():
        os.environ.setdefault(variable, value)
    sys.exit(_run(sys.argv[1:] if words is None else words))


def _run(words: Sequence[str]) -> int:
    try:
        console.prepare()
        code = group.main(list(words), prog_name="repoask", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except (KeyboardInterrupt, click.Abort):
        console.say("interrupted")
        return _INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        console.write(f"{error.message}\n")
        return 0
    except click.ClickException as error:
        console.say(error.format_message())
        return _USAGE
    except RepoaskError as error:
        console.say(str(error))
        return error.exit_code
    except console.ReaderGoneError:
        return 0
    except Exception as error:
        if _from_interrupt(error):
            console.say("interrupted")
            return _INTERRUPTED
        return _report(error)


def _from_interrupt(error: BaseException | None) -> bool:
    # what is raised while a class is made or a library cleans up comes wrapped; Python 3.11 makes it a RuntimeError
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _report(error: Exception) -> int:
    # what was taken away from under the process shows itself as an error anywhere
    if not console.folder_exists():
        console.say("the folder you are in is gone; change to another")
        return _USAGE
    from .service.terminal.crash import write_log

    place = write_log(error)
    console.say(f"internal error: {type(error).__name__}; the log is {place}; please report it")
    return _INTERNAL
