"""Answers one question from a snapshot's index: by its places alone, or by a model that writes from them.

Knows nothing of terminals, settings or how an index is made: a face opens the source, the snapshot, the view and the
engine, calls `ask`, and renders. The pieces of text that `on_delta` gets, joined, are the answer's text.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ..context.citations import CitationChecker, any_valid, shown_path
from ..context.index.index import View
from ..context.mentions import parse_citations, uncited_sentences
from ..context.retrieval.retriever import search
from ..context.types import Citation, Evidence, SearchResult
from .answer import Answer, AnswerCitation, AnswerEvidence, Receipt, printable
from .engine.protocol import Completion, Engine, Prompt, SamplingParams
from .gate import Gate
from .prompting import CHARS_PER_TOKEN, build_prompt, fit_evidence
from .receipt import make_receipt, model_receipt, tokens_receipt

__all__ = ["NO_VALID_CITATION", "ask"]

NO_VALID_CITATION = "No citation in this answer could be confirmed: treat it as unproven."

_NOT_FOUND = re.compile(r"\W*not found\b", re.IGNORECASE)
# Ollama cuts a prompt over its context length (4,096 tokens by default) without a word; no tokenizer's mean token of
# source is as long as this share makes it
_CUT_PROMPT_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class _Stopwatch:
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - begin


def ask(
    question: str,
    *,
    view: View,
    engine: Engine | None = None,
    params: SamplingParams | None = None,
    limit: int = 10,
    max_evidence_tokens: int = 6000,
    seconds: Mapping[str, float] | None = None,
    on_delta: Callable[[str], None] | None = None,
    on_first_use: Callable[[str, int], None] | None = None,
) -> Answer:
    """Answers a question.

    Args:
        question: As asked.
        view: The opened index of the snapshot.
        engine: The model's server that the user named; None answers from retrieval alone.
        params: How the model is to draw its reply.
        limit: Spans of evidence, at most.
        max_evidence_tokens: Budget of the evidence in the prompt, estimated.
        seconds: Time that the caller measured, by stage, for the receipt.
        on_delta: Gets the model's text as it comes. It is held back until a first citation is confirmed, so that an
            answer without one can say so in its first line.
        on_first_use: Gets the endpoint and the bytes of the prompt before anything is sent to one that is not this
            machine. It may raise to keep it from being sent; remembering what was said before is the caller's.

    Raises:
        EngineError: The model's server could not answer.
    """
    question = printable(question)
    watch = _Stopwatch({**view.report.seconds, **(seconds or {})})
    with watch.measure("search"):
        result = _search(question, view=view, limit=limit)
    if engine is None:
        return _extractive(question, view=view, result=result, watch=watch, why="no model was named")
    given = fit_evidence(result.evidence, max_tokens=max_evidence_tokens) if result.found else ()
    if not given:
        why = "no span fits evidence_tokens" if result.found else "there was nothing to give to the model"
        return _extractive(question, view=view, result=result, watch=watch, why=why)
    task = _Task(question, view, result, given, watch, on_delta)
    return task.answer(engine, params=params or SamplingParams(), on_first_use=on_first_use)


def _search(question: str, *, view: View, limit: int) -> SearchResult:
    snapshot = view.snapshot
    return search(
        view.segments,
        question,
        limit=limit,
        under=snapshot.source.prefix,
        embedder=view.embedder,
        revisions={entry.path: snapshot.label(entry) for entry in snapshot.entries},
    )


def _extractive(question: str, *, view: View, result: SearchResult, watch: _Stopwatch, why: str) -> Answer:
    checker = CitationChecker(view.snapshot, context=_spans(result.evidence))
    cited = result.evidence if result.found else ()
    with watch.measure("check"):
        citations = checker.cite(cited)
    receipt = make_receipt(
        mode="extractive", why=why, snapshot=view.snapshot, report=view.report, seconds=watch.seconds
    )
    text = _places(result.evidence) if result.found else result.note
    return _make_answer(question, result=result, text=text, citations=citations, receipt=receipt)


@dataclass(frozen=True, slots=True)
class _Task:
    """One question that a model answers."""

    question: str
    view: View
    result: SearchResult
    given: tuple[Evidence, ...]
    watch: _Stopwatch
    on_delta: Callable[[str], None] | None

    def answer(
        self, engine: Engine, *, params: SamplingParams, on_first_use: Callable[[str, int], None] | None
    ) -> Answer:
        # asyncio costs 30 ms to import: an extractive answer does without
        from .engine.completion import complete

        prompt = build_prompt(self.question, self.given)
        if on_first_use and not engine.info.loopback:
            on_first_use(engine.info.base_url, prompt.num_bytes)
        checker = CitationChecker(self.view.snapshot, context=_spans(self.given))
        gate = Gate(checker, self.on_delta, pass_at_once=_NOT_FOUND)
        with self.watch.measure("model"):
            completion = complete(engine, prompt, params=params, on_delta=gate.feed)
        with self.watch.measure("check"):
            mentions = parse_citations(completion.text, paths=checker.paths)
            citations = checker.check(mentions)
        found = not _NOT_FOUND.match(completion.text)
        prefix = "" if not found or any_valid(citations) else f"{NO_VALID_CITATION}\n\n"
        gate.finish(prefix)
        return _make_answer(
            self.question,
            result=replace(self.result, found=found),
            text=prefix + completion.text,
            citations=citations,
            receipt=self._receipt(completion, prompt=prompt, params=params),
            given=self.given,
            uncited=uncited_sentences(completion.text, mentions) if found else (),
        )

    def _receipt(self, completion: Completion, *, prompt: Prompt, params: SamplingParams) -> Receipt:
        tokens = tokens_receipt(completion, prompt=prompt)
        return make_receipt(
            mode="retrieved",
            why=f"a model was named; it was given the best {len(self.given)} of {len(self.result.evidence)} spans",
            snapshot=self.view.snapshot,
            report=self.view.report,
            seconds=self.watch.seconds,
            tokens=tokens,
            model=model_receipt(completion, prompt=prompt, params=params),
            warnings=_warnings(completion, prompt=prompt, params=params, num_prompt_tokens=tokens.prompt),
        )


def _places(evidence: Sequence[Evidence]) -> str:
    lines = []
    for item in evidence:
        symbol = f" `{item.symbol}`" if item.symbol else ""
        reasons = f": {', '.join(item.reasons)}" if item.reasons else ""
        lines.append(f"- [{shown_path(item.path)}:{item.start}-{item.end}]{symbol}{reasons}")
    return "\n".join(lines)


def _spans(evidence: Sequence[Evidence]) -> dict[str, list[tuple[int, int]]]:
    spans: dict[str, list[tuple[int, int]]] = {}
    for item in evidence:
        spans.setdefault(shown_path(item.path), []).append((item.start, item.end))
    return spans


def _warnings(
    completion: Completion, *, prompt: Prompt, params: SamplingParams, num_prompt_tokens: int
) -> tuple[str, ...]:
    found = []
    if completion.finish_reason == "length":
        found.append(f"The reply was cut off at {params.max_tokens} tokens; raise --max-tokens.")
    elif not completion.finish_reason:
        found.append("The server did not say that the reply is complete.")
    if num_prompt_tokens < _CUT_PROMPT_SHARE * prompt.num_bytes / CHARS_PER_TOKEN:
        found.append(
            f"The server counted {num_prompt_tokens:,} tokens in a prompt of {prompt.num_bytes:,} bytes, so it seems to"
            " have cut it; raise the server's context length, or lower evidence_tokens."
        )
    if completion.info.refused:
        found.append(f"The server refused {', '.join(completion.info.refused)}; the reply was drawn without.")
    return tuple(found)


def _make_answer(
    question: str,
    *,
    result: SearchResult,
    text: str,
    citations: Sequence[Citation],
    receipt: Receipt,
    given: Sequence[Evidence] = (),
    uncited: Sequence[str] = (),
) -> Answer:
    shown = {(item.path, item.start) for item in given}
    return Answer(
        found=result.found,
        mode="retrieved" if receipt.mode == "retrieved" else "extractive",
        question=question,
        answer=text,
        citations=tuple(_answer_citation(citation) for citation in dict.fromkeys(citations)),
        evidence=tuple(_answer_evidence(item, given=(item.path, item.start) in shown) for item in result.evidence),
        missing=result.missing,
        sentences_without_citation=tuple(uncited),
        receipt=receipt,
    )


def _answer_citation(citation: Citation) -> AnswerCitation:
    return AnswerCitation(
        path=citation.path,
        start=citation.start,
        end=citation.end,
        revision=citation.revision,
        status=citation.status,
        quote=citation.quote,
    )


def _answer_evidence(item: Evidence, *, given: bool) -> AnswerEvidence:
    return AnswerEvidence(
        path=item.path,
        start=item.start,
        end=item.end,
        revision=item.revision,
        symbol=item.symbol,
        kind=item.kind,
        language=item.language,
        score=item.score,
        reasons=item.reasons,
        text=item.text,
        given=given,
    )
