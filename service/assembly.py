"""Puts what was found and checked into the shape of an answer. Decides nothing."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from ..context.citations import shown_path
from ..context.types import Citation, CommitEvidence, Evidence, SearchResult
from .answer import Answer, AnswerCitation, AnswerClaim, AnswerCommit, AnswerEvidence, Receipt

if TYPE_CHECKING:
    from .claims.checking import CheckedClaim

__all__ = ["answer_commits", "make_answer", "spans_by_path"]


def make_answer(
    question: str,
    *,
    result: SearchResult,
    text: str,
    citations: Sequence[Citation],
    receipt: Receipt,
    claims: "Sequence[CheckedClaim]" = (),
    given: Sequence[Evidence] = (),
    uncited: Sequence[tuple[int, int]] = (),
    commits: Sequence[CommitEvidence] = (),
) -> Answer:
    """The answer; `given` are the spans that a model was given, `uncited` where in `text` it cites nothing."""
    shown = {(item.path, item.start) for item in given}
    return Answer(
        found=result.found,
        mode=receipt.mode,
        question=question,
        answer=text,
        claims=tuple(
            AnswerClaim(text=claim.text, citations=tuple(map(_answer_citation, claim.citations))) for claim in claims
        ),
        citations=tuple(_answer_citation(citation) for citation in dict.fromkeys(citations)),
        evidence=tuple(_answer_evidence(item, given=(item.path, item.start) in shown) for item in result.evidence),
        commits=answer_commits(commits),
        missing=result.missing,
        sentences_without_citation=tuple(text[start:end] for start, end in uncited),
        uncited=tuple(uncited),
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


def answer_commits(commits: Sequence[CommitEvidence]) -> tuple[AnswerCommit, ...]:
    """The commits as answers and replies hold them."""
    return tuple(AnswerCommit(**asdict(commit)) for commit in commits)


def spans_by_path(evidence: Sequence[Evidence]) -> dict[str, list[tuple[int, int]]]:
    """The (start, end) of each span, by path as it is shown."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for item in evidence:
        spans.setdefault(shown_path(item.path), []).append((item.start, item.end))
    return spans
