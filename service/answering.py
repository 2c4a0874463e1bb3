"""Answers one question from a snapshot's index: by its places alone, or by a model that writes from them.

Knows nothing of terminals, settings or how an index is made: a face opens the source, the snapshot, the view and the
engine, calls `ask`, and renders. The pieces of text that `watched` is told, joined, are the answer's text.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ..context.citations import CitationChecker, shown_path
from ..context.index.index import View
from ..context.stopwatch import Stopwatch
from ..context.types import CommitEvidence, Evidence, Explained, SearchResult
from .answer import Answer, SessionReceipt
from .assembly import make_answer, spans_by_path
from .printable import printable
from .receipt import make_receipt
from .searching import Searcher
from .watched import Watched

if TYPE_CHECKING:
    from ..context.endpoint import OnFirstUse
    from ..context.retrieval.ranker import Ranker
    from ..context.retrieval.reranker import Reranker
    from .engine.protocol import Engine, SamplingParams
    from .modes.whole import Whole
    from .planning.prices import Prices
    from .session.session import Session

__all__ = ["ask"]


def ask(
    question: str,
    *,
    view: View,
    engine: "Engine | None",
    params: "SamplingParams | None",
    limit: int,
    max_evidence_tokens: int,
    ranker: "Ranker | None" = None,
    reranker: "Reranker | None" = None,
    session: "Session | None" = None,
    max_session_tokens: int = 0,
    whole: "Whole | None" = None,
    salt: str | None = None,
    prices: "Prices | None" = None,
    seconds: Mapping[str, float] | None = None,
    watched: Watched | None = None,
    on_first_use: "OnFirstUse | None" = None,
    on_first_whole: "OnFirstUse | None" = None,
) -> Answer:
    """Answers a question.

    Args:
        question: As asked.
        view: The opened index of the snapshot.
        engine: The model's server that the user named; None answers from retrieval alone.
        params: How the model is to draw its reply; not None where there is an engine.
        limit: Spans of evidence, at most.
        max_evidence_tokens: Budget of the evidence in the prompt, estimated.
        ranker: Scores files; None for the built-in one.
        reranker: Orders the best places anew; None for none.
        session: The session that the question belongs to, whose earlier turns a model is given. The answer is not
            kept here: the caller does, once it has it.
        max_session_tokens: Budget of these turns in the prompt, estimated.
        whole: The whole snapshot, which a model may be given instead of the best places; None for retrieval alone.
        salt: Separates what the engine caches for a tenant, where it is a vLLM server; None for none.
        prices: What the question is priced by; None for the built-in table.
        seconds: Time that the caller measured, by stage, for the receipt.
        watched: Who is told what while the model works. Its text is held back until a first citation is confirmed, so
            that an answer without one can say so in its first line.
        on_first_use: Gets the endpoint and the bytes of the prompt; remembering what was said before is the caller's.
        on_first_whole: The same, where the prompt holds the whole snapshot; None for no difference.

    Raises:
        EngineError: The server of the model, the embedder or the reranker could not answer.
        SessionError: An earlier turn cannot be read.
    """
    question = printable(question)
    watch = Stopwatch({**view.report.seconds, **(seconds or {})})
    searcher = Searcher(view, ranker=ranker, reranker=reranker)
    with watch.stage("search"):
        result = searcher.search(question, limit=limit)
    explained = searcher.explain(question, result, watch=watch)
    extractive = partial(
        _extractive, question, view=view, result=result, explained=explained, watch=watch, session=session
    )
    if engine is None:
        return extractive(why="no model was named")
    # what only a model needs costs 100 ms to import: an extractive answer does without
    from .modes.asked import Asked

    asked = Asked(
        engine,
        whole=whole,
        salt=salt,
        max_evidence_tokens=max_evidence_tokens,
        earlier=session.earlier(max_tokens=max_session_tokens) if session else None,
    )
    with watch.stage("pack"):
        context = asked.context(question, view=view, result=result)
    if isinstance(context, str):
        return extractive(why=context)
    from .writing import Writing

    assert params is not None, "an engine needs to be told how to draw"
    writing = Writing(question, view, result, explained, context, watch, watched or Watched(), salt, prices)
    announce = on_first_whole if context.mode == "full" and on_first_whole else on_first_use
    return writing.answer(engine, params=params, on_first_use=announce)


def _extractive(
    question: str,
    *,
    view: View,
    result: SearchResult,
    explained: Explained,
    watch: Stopwatch,
    session: "Session | None",
    why: str,
) -> Answer:
    checker = CitationChecker(view.snapshot, context=spans_by_path(result.evidence))
    cited = result.evidence if result.found else ()
    with watch.stage("check"):
        citations = checker.cite(cited)
    receipt = make_receipt(
        mode="extractive",
        why=why,
        snapshot=view.snapshot,
        report=view.report,
        seconds=watch.seconds,
        session=SessionReceipt(name=session.name, turn=session.record.num_turns + 1) if session else None,
        warnings=explained.notes,
    )
    text = "\n".join([*_commits(explained.commits), *_places(result.evidence)]) if result.found else result.note
    return make_answer(
        question, result=result, text=text, citations=citations, receipt=receipt, commits=explained.commits
    )


def _commits(commits: Sequence[CommitEvidence]) -> list[str]:
    lines = []
    for one in commits:
        place = f"{shown_path(one.path)}:{one.start}-{one.end}@{one.commit[:12]}"
        lines.append(f"- [{place}] {one.date[:10]} {one.author}: {one.subject} ({one.reason})")
    return lines


def _places(evidence: Sequence[Evidence]) -> list[str]:
    lines = []
    for item in evidence:
        symbol = f" `{item.symbol}`" if item.symbol else ""
        reasons = f": {', '.join(item.reasons)}" if item.reasons else ""
        lines.append(f"- [{shown_path(item.path)}:{item.start}-{item.end}]{symbol}{reasons}")
    return lines
