"""A session as a document: what `session export` and `session show` tell, and the JSON that they write.

A field is added without a new version; one that is renamed, removed or means something else raises it. Knows nothing
of how a document is rendered.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from ...context.relocation import Relocator
from ..answer import AnswerCommit, Mode, Receipt
from ..printable import Printable, about
from .recheck import CheckedCitation, check_turns, unchecked
from .session import Session

__all__ = ["DOCUMENT_VERSION", "SessionDocument", "SessionTurn", "make_document"]

DOCUMENT_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTurn(Printable):
    """A question with its answer, as it was given, and its citations as they stand now."""

    number: int = field(metadata=about("From 1."))
    asked_at: str = field(metadata=about("By the clock of that machine, ISO 8601; the order of turns is their number."))
    question: str
    found: bool = field(metadata=about("False when the repository was judged to hold no answer."))
    mode: Mode = field(metadata=about("As in an answer."))
    answer: str = field(metadata=about("Markdown. Models' text is not cleaned."))
    citations: tuple[CheckedCitation, ...] = ()
    commits: tuple[AnswerCommit, ...] = field(default=(), metadata=about("As in an answer."))
    missing: tuple[str, ...] = field(default=(), metadata=about("Names of the question that the repository lacked."))
    uncited: tuple[tuple[int, int], ...] = field(
        default=(), metadata=about("Where in `answer` a sentence without a citation stands, as in an answer.")
    )
    receipt: Receipt = field(metadata=about("As in an answer."))


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDocument(Printable):
    """A session with all its turns."""

    schema_version: Literal[1] = DOCUMENT_VERSION
    session: str = field(metadata=about("Its name."))
    source: str = field(metadata=about("The folder or URL that it is about, without credentials."))
    base_url: str = field(default="", metadata=about('The server that writes its answers; "" for none.'))
    model: str = field(default="", metadata=about('The model by the name that its server knows, or "".'))
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
    turns = session.turns()
    citations = unchecked(turns) if relocator is None else check_turns(turns, relocator)
    return SessionDocument(
        session=session.name,
        source=session.record.location,
        base_url=session.record.engine.base_url,
        model=session.record.engine.model,
        unchecked=why_unchecked,
        turns=tuple(
            SessionTurn(
                number=number,
                asked_at=turn.asked_at,
                question=turn.question,
                found=turn.found,
                mode=turn.mode,
                answer=turn.answer,
                citations=checked,
                commits=turn.commits,
                missing=turn.missing,
                uncited=turn.uncited,
                receipt=turn.receipt,
            )
            for number, (turn, checked) in enumerate(zip(turns, citations, strict=True), 1)
        ),
    )
