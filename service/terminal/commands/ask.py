"""`repoask ask`: one question, answered by the places themselves or by a model that writes from them.

Knows nothing of how either is made: it opens, asks, renders, and says by its exit code whether anything was found.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from ....config import Configuration
from ....errors import InputError
from .. import console
from ..options import FILE_SETTINGS, INDEX_SETTINGS, RANKING_SETTINGS, revision_option, setting_options
from ..progress import TerminalProgress
from ..starting import configured, import_ahead
from ..target import Target, check_question, read_stdin, read_target

if TYPE_CHECKING:
    from ..asked_session import AskedSession

__all__ = ["command"]


@click.command("ask")
@click.argument("words", nargs=-1, metavar='[PATH-or-URL] "question"')
@revision_option
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("--session", "name", metavar="NAME", help="Ask in a session; one of a new name is begun.")
@click.option("--continue", "goes_on", is_flag=True, help="Ask in the session of this source that was used last.")
@setting_options(
    *("format", "limit"),
    *("model", "base_url", "replica", "api_key_env", "seed", "temperature", "max_tokens"),
    *("mode", "full_tokens", "evidence_tokens", "session_tokens", "tokenizer", "tenant", "timeout_s", "prices"),
    *FILE_SETTINGS,
    *INDEX_SETTINGS,
    *RANKING_SETTINGS,
)
def command(
    words: tuple[str, ...], rev: str | None, *, as_json: bool, name: str | None, goes_on: bool, **flags: Any
) -> int:
    """Answer a question about a repository, with checked citations.

    PATH is a folder, a work tree, a bare repository or a sub-folder; a git URL is cloned into the cache. Without it
    the folder you are in is asked, or what the session is about. The question may be `-`, which reads it from stdin.
    """
    target = read_target(words)
    flags |= {"format": "json"} if as_json else {}
    if name is None and not goes_on:
        configuration = configured(target.source, flags)
        with TerminalProgress() as progress:
            return _answer(target, rev, configuration, progress)
    from ..asked_session import open_session  # brings SQLite

    is_named = target.source != "." or "." in words
    with open_session(name, target.source if is_named else None, flags, last=goes_on) as asked:
        target = replace(target, source=asked.source)
        with TerminalProgress() as progress:
            return _answer(target, rev, asked.configuration, progress, asked=asked)


def _answer(
    target: Target,
    rev: str | None,
    configuration: Configuration,
    progress: TerminalProgress,
    *,
    asked: "AskedSession | None" = None,
) -> int:
    # heavy imports wait until the command line and the settings are known to be right
    import_ahead(".service.answering")
    from ..engines import guard_connections, model_announcer, named_engine, named_prices, suggest_server
    from ..measured import measured_settings
    from ..opening import Opening
    from ..printer import AnswerPrinter
    from ..ranking import named_ranker, named_reranker
    from ..sampling import sampling_of
    from ..watching import watched_by
    from ..whole import named_salt, named_whole

    guard_connections(configuration)
    engine = named_engine(configuration)
    prices = named_prices(configuration) if engine else None
    settings = measured_settings(configuration) if engine else configuration.settings
    ranker, reranker = named_ranker(configuration), named_reranker(configuration)
    opening = Opening(target.source, configuration, progress=progress)
    session = asked.enter(opening.source) if asked else None
    whole = named_whole(configuration, settings, opening, progress=progress) if engine else None
    salt = named_salt(configuration) if engine else None
    question = _question(target, progress)
    view = opening.view(revision=rev)
    from ...answering import ask

    what = f"the question and lines of the repository{', or all of it' if whole else ''}"
    with AnswerPrinter(settings.format, progress=progress) as printer:
        if engine:
            progress(f"waiting for {engine.info.model or 'the model'}", 0, 0)
        answer = ask(
            question,
            view=view,
            engine=engine,
            params=sampling_of(settings) if engine else None,
            limit=settings.limit,
            max_evidence_tokens=settings.evidence_tokens,
            ranker=ranker,
            reranker=reranker,
            session=session,
            max_session_tokens=settings.session_tokens,
            whole=whole,
            salt=salt,
            prices=prices,
            seconds=opening.seconds,
            watched=watched_by(printer, progress),
            on_first_use=model_announcer(configuration, f"{what}, and earlier answers" if session else what),
        )
        if whole and whole.store.has_grown:
            opening.trim()
        try:
            # before it is shown: a reader who leaves early must not lose it
            if asked:
                asked.keep(answer)
        finally:
            printer.finish(answer)
    if engine is None and answer.found and printer.is_watched:
        suggest_server(configuration)
    return 0 if answer.found else 1


def _question(target: Target, progress: TerminalProgress) -> str:
    """The question as given, read from stdin, or asked of the person at the terminal."""
    if target.question is not None:
        return target.question
    progress.stop()
    if target.from_stdin:
        typed = read_stdin()
    elif console.terminal("stdin") and console.terminal("stderr"):
        typed = str(click.prompt("Question", err=True))
    else:
        raise InputError('no question; add it in quotes: repoask PATH "question", or - to read it from stdin')
    return check_question(typed)
