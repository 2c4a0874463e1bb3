"""One turn of a session, a question with its answer, and the bytes that it is kept as.

Keeps of an answer what cannot be made again: its text, its receipt, and of each citation the lines as they were, so
that they are found when the code has moved. Knows nothing of where turns are kept.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from ...context.citations import shown_path
from ...context.types import CitationStatus
from ...errors import DamagedSessionError
from ..answer import Answer, AnswerCitation, AnswerCommit, AnswerEvidence, Mode, Receipt
from ..printable import Printable, about

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["KeptCitation", "Turn", "encode_turn", "read_turn", "turn_id", "turn_of"]

_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCitation(Printable):
    """A citation as it was checked when the question was answered, with the lines that it named."""

    path: str
    start: int
    end: int
    revision: str
    status: CitationStatus
    quote: str = ""
    text: str | None = field(
        default=None, metadata=about("The cited lines, secret ones withheld; null where the answer did not hold them.")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn(Printable):
    """A question and its answer. `asked_at` is for people to read: nothing is ordered by a clock."""

    version: Literal[1] = _VERSION
    asked_at: str
    question: str
    found: bool
    mode: Mode
    answer: str
    citations: tuple[KeptCitation, ...] = ()
    commits: tuple[AnswerCommit, ...] = ()
    missing: tuple[str, ...] = ()
    uncited: tuple[tuple[int, int], ...] = ()
    receipt: Receipt


def turn_of(answer: Answer, *, asked_at: str) -> Turn:
    """What is kept of an answer; `asked_at` is ISO 8601."""
    lines = _lines_by_path(answer.evidence)
    return Turn(
        asked_at=asked_at,
        question=answer.question,
        found=answer.found,
        mode=answer.mode,
        answer=answer.answer,
        citations=tuple(_kept(citation, lines.get(citation.path, {})) for citation in answer.citations),
        commits=answer.commits,
        missing=answer.missing,
        uncited=answer.uncited,
        receipt=answer.receipt,
    )


def encode_turn(turn: Turn) -> str:
    """The turn as canonical JSON, ASCII alone: equal turns are equal bytes."""
    return json.dumps(asdict(turn), sort_keys=True, separators=(",", ":"))


def turn_id(parent: str | None, content: str) -> str:
    """The name of a turn, which says all that came before it: sha256 of its parent's name and its own content."""
    return hashlib.sha256(f"{parent or ''}\n{content}".encode("ascii", "replace")).hexdigest()


def read_turn(content: str) -> Turn:
    """The turn that was kept as these bytes.

    Raises:
        DamagedSessionError: They are no turn that this version knows.
    """
    from pydantic import ValidationError

    try:
        return _reader().validate_json(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "its JSON"
        raise DamagedSessionError(f"a turn cannot be read ({where}); a newer repoask may have written it") from error


@cache
def _reader() -> "TypeAdapter[Turn]":
    from pydantic import TypeAdapter  # 70 ms, which a question without a session is spared

    return TypeAdapter(Turn)


def _kept(citation: AnswerCitation, lines: Mapping[int, str]) -> KeptCitation:
    cited = [lines.get(number) for number in range(citation.start, citation.end + 1)]
    held = [line for line in cited if line is not None]
    return KeptCitation(
        path=citation.path,
        start=citation.start,
        end=citation.end,
        revision=citation.revision,
        status=citation.status,
        quote=citation.quote,
        text="\n".join(held) if held and len(held) == len(cited) else None,
    )


def _lines_by_path(evidence: Iterable[AnswerEvidence]) -> dict[str, dict[int, str]]:
    """The text of each line of the evidence, by path as citations name it, and number."""
    lines: dict[str, dict[int, str]] = {}
    for item in evidence:
        lines.setdefault(shown_path(item.path), {}).update(enumerate(item.text.split("\n"), item.start))
    return lines
