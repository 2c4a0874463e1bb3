"""Checks the citations of earlier turns against the source as it lies now.

Knows nothing of how they are shown, nor of models.
"""

from dataclasses import replace

from ...context.relocation import CitedLines, Relocator
from ...context.types import CitationStatus
from ..answer import Answer, AnswerCitation, CurrentPlace
from .turn import Turn

__all__ = ["check_again"]


def check_again(turn: Turn, relocator: Relocator) -> Answer:
    """The answer with its citations as they stand now.

    One whose lines moved or changed is stale, at the revision where it was true; one that was never supported stays so.
    """
    commit = turn.answer.receipt.snapshot.commit
    # a turn that holds fewer lines than citations was never written, but it may have been read
    lines = (*turn.lines, *[None] * len(turn.answer.citations))
    citations = [_check(one, text, commit, relocator) for one, text in zip(turn.answer.citations, lines, strict=False)]
    now = dict(zip(turn.answer.citations, citations, strict=True))
    claims = [
        replace(one, citations=tuple(now.get(cited, cited) for cited in one.citations)) for one in turn.answer.claims
    ]
    return replace(turn.answer, citations=tuple(citations), claims=tuple(claims))


def _check(citation: AnswerCitation, text: str | None, commit: str | None, relocator: Relocator) -> AnswerCitation:
    if citation.status is CitationStatus.UNSUPPORTED:
        return citation
    cited = CitedLines(citation.path, citation.start, citation.end, text, citation.quote, commit)
    place = relocator.find(cited)
    if place and not place.moved and citation.status is not CitationStatus.STALE:
        return replace(citation, revision=place.revision)
    now = CurrentPlace(path=place.path, start=place.start, end=place.end, revision=place.revision) if place else None
    return replace(citation, status=CitationStatus.STALE, now=now)
