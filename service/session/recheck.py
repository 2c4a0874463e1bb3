"""Checks the citations of earlier turns against the source as it lies now.

Knows nothing of how they are shown, nor of models.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...context.relocation import CitedLines, Place, Relocator
from ...context.types import CitationStatus
from ..printable import Printable, about
from .turn import KeptCitation, Turn

__all__ = ["CheckedCitation", "CurrentPlace", "check_turns", "unchecked"]

_TRUE_THEN = (CitationStatus.VERIFIED, CitationStatus.LOCATED, CitationStatus.STALE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentPlace(Printable):
    """Where the lines of a stale citation stand now."""

    path: str = field(metadata=about("Relative to the repository's root."))
    start: int = field(metadata=about("First line, 1-based."))
    end: int = field(metadata=about("Last line, inclusive."))
    revision: str = field(metadata=about("A commit, or `worktree:` and 12 digits of the blob id."))


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCitation(Printable):
    """A citation of an earlier answer, checked again."""

    path: str = field(metadata=about("As it was cited."))
    start: int = field(metadata=about("First line, as it was cited."))
    end: int = field(metadata=about("Last line, as it was cited."))
    revision: str = field(metadata=about("Where it is true: now, or for a stale one when the question was answered."))
    status: CitationStatus = field(
        metadata=about(
            "As in an answer. stale: the lines changed or moved since; verified and located ones stand where they did."
        )
    )
    quote: str = field(default="", metadata=about('What was quoted, or "".'))
    now: CurrentPlace | None = field(
        default=None, metadata=about("Of a stale one: where its lines stand now; null where they were not found.")
    )


def check_turns(turns: Iterable[Turn], relocator: Relocator) -> list[tuple[CheckedCitation, ...]]:
    """The citations of each turn. One that was never supported stays so."""
    return [
        tuple(_check(citation, turn.receipt.snapshot.commit, relocator) for citation in turn.citations)
        for turn in turns
    ]


def unchecked(turns: Iterable[Turn]) -> list[tuple[CheckedCitation, ...]]:
    """The citations of each turn as they were, where the source cannot be read."""
    return [tuple(_as_it_was(citation) for citation in turn.citations) for turn in turns]


def _check(kept: KeptCitation, commit: str | None, relocator: Relocator) -> CheckedCitation:
    if kept.status not in _TRUE_THEN:
        return _as_it_was(kept)
    place = relocator.find(CitedLines(kept.path, kept.start, kept.end, kept.text, kept.quote, commit))
    if place is None or place.moved or kept.status is CitationStatus.STALE:
        return _as_it_was(kept, status=CitationStatus.STALE, now=place)
    return _as_it_was(kept, revision=place.revision)


def _as_it_was(
    kept: KeptCitation, *, status: CitationStatus | None = None, revision: str = "", now: Place | None = None
) -> CheckedCitation:
    return CheckedCitation(
        path=kept.path,
        start=kept.start,
        end=kept.end,
        revision=revision or kept.revision,
        status=status or kept.status,
        quote=kept.quote,
        now=None if now is None else CurrentPlace(path=now.path, start=now.start, end=now.end, revision=now.revision),
    )
