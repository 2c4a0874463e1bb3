"""`repoask search`: the ranked places for one question, or for each line of a file, for scripts and agents.

Knows nothing of how places are found: it opens, asks, writes, and says by its exit code whether anything was found.
"""

from collections.abc import Callable, Sequence
from functools import partial
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
    from ...search_reply import SearchReply
    from ...searching import Searcher
    from ..question_lines import QuestionLine

__all__ = ["command"]

_USAGE = 2


@click.command("search")
@click.argument("words", nargs=-1, metavar="[PATH-or-URL] QUERY")
@revision_option
@click.option("--under", metavar="FOLDER", help="Stay in a folder, named from the repository's root or from PATH.")
@click.option("--questions", metavar="FILE", help='Answer each line of a file, {"question": "..."}; - for stdin.')
@click.option("--json", "as_json", is_flag=True, help="One JSON object, on one line.")
@click.option("--reasons", "with_reasons", is_flag=True, help="Say beneath each place why it ranked.")
@setting_options("limit", *FILE_SETTINGS, *INDEX_SETTINGS, *RANKING_SETTINGS, "timeout_s")
def command(
    words: tuple[str, ...],
    rev: str | None,
    under: str | None,
    questions: str | None,
    *,
    as_json: bool,
    with_reasons: bool,
    **flags: Any,
) -> int:
    """List the places that may answer a question, best first, without a model.

    Each place is one line, `path:start-end  symbol`; --json writes {"found", "results"}, and {"commits"} for a
    question of history. Paths are relative to the repository's root, also when PATH is a folder inside it. Exit code 1:
    nothing was found.

    With --questions each line of FILE is answered by one line of the same JSON, in order and at once, by one process.
    A line that holds no question, or a pattern that cannot be looked for, is answered in its place by {"found": false,
    "results": [], "error": "FILE:LINE: ..."}, and the exit code is 2 in the end; otherwise it is 0, whatever was
    found. Blank lines are passed over.
    """
    target = _target(words, is_batch=questions is not None)
    configuration = configured(target.source, flags)
    with TerminalProgress() as progress:
        opened = partial(_open, target.source, rev, under, configuration, progress)
        limit = configuration.settings.limit
        if questions is not None:
            return _answer_lines(questions, opened, limit)
        question = check_question(read_stdin()) if target.question is None else target.question
        return _answer(question, opened(), limit, as_json=as_json, with_reasons=with_reasons)


def _target(words: Sequence[str], *, is_batch: bool) -> Target:
    if is_batch:
        if len(words) > 1:
            raise InputError("give a query or --questions, not both; with --questions the one word is the folder")
        return Target(words[0] if words else ".")
    if len(words) > 2:
        raise InputError('put the query into quotes: repoask search PATH "query"')
    target = read_target(words)
    if target.question is None and not target.from_stdin:
        raise InputError('no query; add it in quotes: repoask search PATH "query", or - to read it from stdin')
    return target


def _open(
    source: str, rev: str | None, under: str | None, configuration: Configuration, progress: TerminalProgress
) -> "Searcher":
    import_ahead(".service.searching")
    from ....ingest.subfolder import find_folder
    from ..engines import guard_connections
    from ..opening import Opening
    from ..ranking import named_ranker, named_reranker

    guard_connections(configuration)
    ranker, reranker = named_ranker(configuration), named_reranker(configuration)
    view = Opening(source, configuration, progress=progress).view(revision=rev)
    folder = "" if under is None else find_folder(view.snapshot, under)
    from ...searching import Searcher

    progress.stop()
    return Searcher(view, under=folder, ranker=ranker, reranker=reranker)


def _answer(question: str, searcher: "Searcher", limit: int, *, as_json: bool, with_reasons: bool) -> int:
    result = searcher.search(question, limit=limit)
    if as_json:
        from ...search_reply import reply_of

        console.write(reply_of(result, searcher.explain(question, result)).line())
    elif result.found:
        from ..ink import choose_ink
        from ..places import render_places

        ink = choose_ink(coloured=console.terminal("stdout"))
        console.write(render_places(result.evidence, ink=ink, with_reasons=with_reasons))
    else:
        console.say(result.note)
    return 0 if result.found else 1


def _answer_lines(name: str, opened: Callable[[], "Searcher"], limit: int) -> int:
    from ..question_lines import open_questions, read_questions

    code = 0
    with open_questions(name) as stream:
        searcher = opened()
        for line in read_questions(stream, name=name):
            reply = _reply(line, searcher, limit)
            if reply.error is not None:
                code = _USAGE
                console.say(reply.error)
            console.write(reply.line())
    return code


def _reply(line: "QuestionLine", searcher: "Searcher", limit: int) -> "SearchReply":
    """The answer to one line, or in its place why there is none: the lines behind a bad one are answered too."""
    from ...search_reply import SearchReply, reply_of

    if line.error:
        return SearchReply(found=False, error=line.error)
    try:
        result = searcher.search(line.question, limit=limit)
    except InputError as error:  # a pattern that is none, or takes too long
        return SearchReply(found=False, error=f"{line.where}: {error}")
    return reply_of(result, searcher.explain(line.question, result))
