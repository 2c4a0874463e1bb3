"""What `repoask search` answers: the documented JSON of one question. Knows nothing of how places are found."""

import json
from dataclasses import asdict, dataclass, field

from ..context.types import Explained, SearchResult
from .answer import AnswerCommit
from .assembly import answer_commits
from .printable import Printable, about

__all__ = ["SearchPlace", "SearchReply", "reply_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPlace(Printable):
    """A place that may answer the question."""

    path: str = field(metadata=about("Relative to the repository's root."))
    start: int = field(metadata=about("First line, 1-based."))
    end: int = field(metadata=about("Last line, inclusive."))
    symbol: str = field(metadata=about('Qualified name of the innermost definition, or "".'))
    score: float = field(metadata=about("Higher is better; comparable within one reply only."))
    reasons: tuple[str, ...] = field(metadata=about("Why it ranked, in words."))


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchReply(Printable):
    """The places for one question."""

    found: bool = field(metadata=about("False when the repository was judged to hold no answer."))
    results: tuple[SearchPlace, ...] = field(default=(), metadata=about("Best first. Near misses when not found."))
    commits: tuple[AnswerCommit, ...] | None = field(
        default=None,
        metadata=about("Only for a question of history: the commits that touched these places, best first."),
    )
    notes: tuple[str, ...] | None = field(
        default=None, metadata=about("Only for a question of history of which not all can be told: what, and why.")
    )
    error: str | None = field(
        default=None,
        metadata=about("Only in a reply to a line of --questions that cannot be answered: the file, the line and why."),
    )

    def line(self) -> str:
        """The JSON on one line, ASCII alone: no terminal obeys it and no code page lacks it."""
        told = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps(told, ensure_ascii=True) + "\n"


def reply_of(result: SearchResult, explained: Explained) -> SearchReply:
    """The reply that tells a search result and what history says of it."""
    places = tuple(
        SearchPlace(
            path=item.path, start=item.start, end=item.end, symbol=item.symbol, score=item.score, reasons=item.reasons
        )
        for item in result.evidence
    )
    return SearchReply(
        found=result.found,
        results=places,
        commits=answer_commits(explained.commits) or None,
        notes=explained.notes or None,
    )
