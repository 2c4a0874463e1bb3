"""`repoask ask`: one question, answered by the places themselves or by a model that writes from them.

Knows nothing of how either is made: it opens, asks, renders, and says by its exit code whether anything was found.
"""

import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....config import Configuration, Settings, load, project_file
from ....errors import InputError
from ....ingest.sources import is_url
from .. import console
from ..options import given, setting_options
from ..progress import TerminalProgress
from ..target import MAX_QUESTION_BYTES, Target, check_question, read_target

if TYPE_CHECKING:
    from ...engine.protocol import SamplingParams

__all__ = ["command"]


@click.command("ask")
@click.argument("words", nargs=-1, metavar='[PATH-or-URL] "question"')
@click.option("--rev", metavar="REV", help="Ask a commit, tag or branch instead of the work tree.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@setting_options(
    *("format", "limit"),
    *("model", "base_url", "api_key_env", "seed", "temperature", "max_tokens", "evidence_tokens", "timeout_s"),
    *("include", "exclude", "max_file_size", "all_files", "allow_secrets", "submodules"),
    *("index_dir", "cache_size", "embedder", "offline"),
)
def command(words: tuple[str, ...], rev: str | None, *, as_json: bool, **flags: Any) -> int:
    """Answer a question about a repository, with checked citations.

    PATH is a folder, a work tree, a bare repository or a sub-folder; a git URL is cloned into the cache. Without it
    the folder you are in is asked. The question may be `-`, which reads it from stdin.
    """
    target = read_target(words)
    typed = given(flags) | ({"format": "json"} if as_json else {})
    configuration = load(flags=typed, project=_project(target.source))
    for note in configuration.notes:
        console.say(note)
    console.log_to_stderr()
    with TerminalProgress() as progress:
        return _answer(target, rev, configuration, progress)


def _project(source: str) -> Path | None:
    return None if is_url(source) else project_file(Path(source))


def _answer(target: Target, rev: str | None, configuration: Configuration, progress: TerminalProgress) -> int:
    # heavy imports wait until the command line and the settings are known to be right; the heaviest, of what ranks and
    # of numpy, goes on while git lists the files in its own processes
    threading.Thread(target=import_module, args=("...answering", __package__), daemon=True).start()
    from ..engines import announcer, guard_connections, named_engine, suggest_server
    from ..opening import Opening
    from ..printer import AnswerPrinter

    settings = configuration.settings
    guard_connections(configuration)
    engine = named_engine(configuration)
    opening = Opening(target.source, configuration, progress=progress)
    question = _question(target, progress)
    view = opening.view(revision=rev)
    from ...answering import ask

    with AnswerPrinter(settings.format, progress=progress) as printer:
        if engine:
            progress(f"waiting for {engine.info.model or 'the model'}", 0, 0)
        answer = ask(
            question,
            view=view,
            engine=engine,
            params=_sampling(settings) if engine else None,
            limit=settings.limit,
            max_evidence_tokens=settings.evidence_tokens,
            seconds=opening.seconds,
            on_delta=printer.stream if printer.streams else None,
            on_first_use=announcer(configuration, "the question and lines of the repository"),
        )
        printer.finish(answer)
    if engine is None and answer.found and printer.is_watched:
        suggest_server(configuration)
    return 0 if answer.found else 1


def _sampling(settings: Settings) -> "SamplingParams":
    from ...engine.protocol import SamplingParams

    return SamplingParams(temperature=settings.temperature, seed=settings.seed, max_tokens=settings.max_tokens)


def _question(target: Target, progress: TerminalProgress) -> str:
    """The question as given, read from stdin, or asked of the person at the terminal."""
    if target.question is not None:
        return target.question
    progress.stop()
    if target.from_stdin:
        typed = _read_stdin()
    elif console.terminal("stdin") and console.terminal("stderr"):
        typed = str(click.prompt("Question", err=True))
    else:
        raise InputError('no question; add it in quotes: repoask PATH "question", or - to read it from stdin')
    return check_question(typed)


def _read_stdin() -> str:
    try:
        # more than is allowed, so that a longer one is known from one that just fits
        return sys.stdin.buffer.read(MAX_QUESTION_BYTES + 1).decode("utf-8", "replace")
    except OSError as error:
        raise InputError(f"stdin cannot be read ({error.strerror}); give the question in quotes") from error
