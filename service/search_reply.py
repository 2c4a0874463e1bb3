"""What `repoask search` answers: the documented JSON of one question. Knows nothing of how places are found."""

import json
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ..context.types import Explained, SearchResult
from .answer import AnswerCommit, printable
from .assembly import answer_commits

__all__ = ["SearchPlace", "SearchReply", "reply_of"]

_Text = Annotated[str, BeforeValidator(printable)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SearchPlace(_Model):
    """A place that may answer the question."""

    path: _Text = Field(description="Relative to the repository's root.")
    start: int = Field(description="First line, 1-based.")
    end: int = Field(description="Last line, inclusive.")
    symbol: _Text = Field(description='Qualified name of the innermost definition, or "".')
    score: float = Field(description="Higher is better; comparable within one reply only.")
    reasons: tuple[_Text, ...] = Field(description="Why it ranked, in words.")


class SearchReply(_Model):
    """The places for one question."""

    found: bool = Field(description="False when the repository was judged to hold no answer.")
    results: tuple[SearchPlace, ...] = Field(default=(), description="Best first. Near misses when not found.")
    commits: tuple[AnswerCommit, ...] | None = Field(
        default=None, description="Only for a question of history: the commits that touched these places, best first."
    )
    notes: tuple[_Text, ...] | None = Field(
        default=None, description="Only for a question of history of which not all can be told: what, and why."
    )
    error: _Text | None = Field(
        default=None,
        description="Only in a reply to a line of --questions that holds no question: the file, the line and why.",
    )

    def line(self) -> str:
        """The JSON on one line, ASCII alone: no terminal obeys it and no code page lacks it."""
        return json.dumps(self.model_dump(mode="json", exclude_none=True), ensure_ascii=True) + "\n"


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
