"""A session as a document: what `session show` and `session export` tell, and the JSON of it.

A field is added without a new version; one that is renamed, removed or means something else raises it. Knows nothing
of how a document is rendered.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from ...context.relocation import Relocator
from ..answer import Answer
from ..printable import Printable, about
from .recheck import check_again
from .session import Session

__all__ = ["DOCUMENT_VERSION", "SessionDocument", "SessionTurn", "make_document"]

DOCUMENT_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTurn(Printable):
    """A question with its answer."""

    number: int = field(metadata=about("From 1."))
    asked_at: str = field(metadata=about("By the clock of that machine, ISO 8601; the order of turns is their number."))
    answer: Answer = field(
        metadata=about(
            "As it was given ([answer.md](answer.md)), without its evidence. Its citations are as they stand now:"
            " stale where the lines moved or changed, with `now` where they were found."
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDocument(Printable):
    """A session with all its turns."""

    schema_version: Literal[1] = DOCUMENT_VERSION
    session: str = field(metadata=about("Its name."))
    source: str = field(metadata=about("The folder or URL that it is about, without credentials."))
    base_url: str = field(default="", metadata=about('The server that writes its answers, or "".'))
    model: str = field(default="", metadata=about('The model by the name that its server knows, or "".'))
    mode: str = field(
        default="", metadata=about('What the model is given: auto, full or retrieval; "" for what the settings say.')
    )
    unchecked: str = field(
        default="", metadata=about('Why the citations stand as they were when the questions were answered, or "".')
    )
    turns: tuple[SessionTurn, ...] = field(default=(), metadata=about("Oldest first."))


def make_document(session: Session, relocator: Relocator | None, *, why_unchecked: str = "") -> SessionDocument:
    """The document of a session.

    Args:
        session: What to tell.
        relocator: Finds the lines that were cited; None where the source cannot be read.
        why_unchecked: Why it cannot.

    Raises:
        DamagedSessionError: A turn cannot be read.
    """
    turns = tuple(
        SessionTurn(
            number=number,
            asked_at=turn.asked_at,
            answer=check_again(turn, relocator) if relocator else turn.answer,
        )
        for number, turn in enumerate(session.turns(), 1)
    )
    return SessionDocument(
        session=session.name,
        source=session.record.location,
        base_url=session.record.engine.base_url,
        model=session.record.engine.model,
        mode=session.mode,
        unchecked=why_unchecked,
        turns=turns,
    )
