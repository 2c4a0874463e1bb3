"""One turn of a session, a question with its answer, and the bytes that it is kept as.

Keeps of an answer what cannot be made again: its text, its receipt, and of each citation the lines as they were, so
that they are found when the code has moved. Knows nothing of where turns are kept.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

from ...context.citations import shown_path
from ...errors import DamagedSessionError
from ..answer import Answer, AnswerCitation, AnswerEvidence
from ..printable import Printable

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["Turn", "encode_turn", "read_turn", "turn_id", "turn_of"]

_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn(Printable):
    """A question and its answer.

    Attributes:
        version: Of this form.
        asked_at: ISO 8601, for people to read: nothing is ordered by a clock.
        answer: As it was given, without its evidence.
        lines: For each of its citations the lines that it names, secret ones withheld; None where the evidence did
            not hold all of them.
    """

    version: Literal[1] = _VERSION
    asked_at: str
    answer: Answer
    lines: tuple[str | None, ...] = ()


def turn_of(answer: Answer, *, asked_at: str) -> Turn:
    """What is kept of an answer; `asked_at` is ISO 8601."""
    lines = _lines_by_path(answer.evidence)
    cited = tuple(_cited_lines(citation, lines.get(citation.path, {})) for citation in answer.citations)
    return Turn(asked_at=asked_at, answer=replace(answer, evidence=()), lines=cited)


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


def _cited_lines(citation: AnswerCitation, lines: Mapping[int, str]) -> str | None:
    numbers = range(citation.start, citation.end + 1)
    if not all(number in lines for number in numbers):
        return None
    return "\n".join(lines[number] for number in numbers)


def _lines_by_path(evidence: Iterable[AnswerEvidence]) -> dict[str, dict[int, str]]:
    """The text of each line of the evidence, by path as citations name it, and number."""
    lines: dict[str, dict[int, str]] = {}
    for item in evidence:
        lines.setdefault(shown_path(item.path), {}).update(enumerate(item.text.split("\n"), item.start))
    return lines
