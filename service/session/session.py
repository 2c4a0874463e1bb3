"""A session: one source, what answers, and the turns so far. Its earlier turns go into the next prompt.

Knows nothing of how a question is answered, nor of terminals.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ...errors import SessionError
from ...ingest.types import Source
from ..answer import Answer
from .store import EngineChoice, SessionRecord, SessionStore
from .turn import Turn, encode_turn, read_turn, turn_of

if TYPE_CHECKING:
    from .earlier import EarlierTurns

__all__ = ["Session", "check_name", "location_of", "source_id", "url_id"]

_NAME = re.compile(r"\w[\w.-]{0,63}")


def check_name(name: str) -> str:
    """The name itself.

    Raises:
        SessionError: It cannot name a session.
    """
    if not _NAME.fullmatch(name):
        raise SessionError(f"{name!a} cannot name a session; use 1 to 64 letters, digits and . _ - after the first")
    return name


def source_id(source: Source) -> str:
    """What a session is bound to: the repository, whichever of its work trees or folders is asked.

    A clone goes by its URL, since it lies in the cache and may be made again elsewhere.
    """
    return f"url:{source.url}" if source.url else source.identity


def url_id(url: str) -> str:
    """The same of a URL that need not have been cloned."""
    from ...ingest.clones import without_credentials

    return f"url:{without_credentials(url)}"


def location_of(source: Source) -> str:
    """What to open the source by later."""
    return source.url or str(source.root / source.prefix)


@dataclass(frozen=True, slots=True)
class Session:
    """A session in a store.

    Attributes:
        record: As it was when it was opened.
        store: Where it is kept; open as long as the session is used.
    """

    record: SessionRecord
    store: SessionStore

    @classmethod
    def open(cls, store: SessionStore, name: str) -> "Session":
        """The session of a name.

        Raises:
            SessionError: There is none.
        """
        record = store.find(name)
        if record is None:
            raise SessionError(f"there is no session `{name}`; `repoask session list` shows all")
        return cls(record, store)

    @classmethod
    def create(
        cls, store: SessionStore, name: str, source: Source, *, engine: EngineChoice, mode: str = ""
    ) -> "Session":
        """A new session about a source; `mode` is what a model is given in it, "" for what the settings say.

        Raises:
            SessionError: The name is taken, or is none.
        """
        record = SessionRecord(check_name(name), source_id(source), location_of(source), engine, mode)
        store.create(record)
        return cls(record, store)

    @property
    def name(self) -> str:
        """Its name."""
        return self.record.name

    @property
    def mode(self) -> str:
        """What a model is given in it: auto, full or retrieval; "" for what the settings say, or where none answers."""
        return self.record.mode if self.record.engine.base_url else ""

    def check_source(self, source: Source) -> None:
        """Refuses another source than its own.

        Raises:
            SessionError: It is another one.
        """
        if source_id(source) != self.record.source:
            asked = location_of(source)
            raise SessionError(
                f"the session `{self.name}` is about {self.record.location}, not {asked}; where that is the same "
                f"repository, moved: repoask session fork {self.name} NEW-NAME {asked}"
            )

    def newest_first(self) -> Iterator[Turn]:
        """Its turns from the newest back, read one by one.

        Raises:
            DamagedSessionError: One cannot be read.
        """
        return (read_turn(content) for _, content in self.store.newest_first(self.record.head))

    def turns(self) -> list[Turn]:
        """All turns, oldest first."""
        return list(self.newest_first())[::-1]

    def earlier(self, *, max_tokens: int) -> "EarlierTurns":
        """What of it a model is given before a new question, within a budget of estimated tokens.

        Raises:
            DamagedSessionError: A turn cannot be read.
        """
        from .earlier import fit_turns  # only a model needs it

        return fit_turns(self.newest_first(), name=self.name, num_turns=self.record.num_turns, max_tokens=max_tokens)

    def keep(self, answer: Answer, *, engine: EngineChoice, mode: str | None = None) -> int:
        """Adds an answer, whose engine, and mode if given, is the session's from now on; gives the turn's number.

        Raises:
            SessionError: It cannot be kept.
        """
        turn = turn_of(answer, asked_at=datetime.now(UTC).isoformat(timespec="seconds"))
        return self.store.append(self.name, encode_turn(turn), engine=engine, mode=mode)

    def fork(self, name: str, *, at: int | None = None, source: Source | None = None) -> "Session":
        """A new session that goes on from this one, sharing its turns.

        Args:
            name: Of the new one.
            at: After how many turns; all unless given.
            source: Where the repository lies now; as before unless given.

        Raises:
            SessionError: The name is taken or is none, or there are fewer turns.
        """
        num_turns = self.record.num_turns
        at = num_turns if at is None else at
        if not 0 <= at <= num_turns:
            raise SessionError(
                f"the session `{self.name}` has {num_turns:,} turns; fork it at one of 0 to {num_turns:,}"
            )
        ids = [head for head, _ in self.store.newest_first(self.record.head)]
        record = replace(self.record, name=check_name(name), num_turns=at, head=ids[num_turns - at] if at else None)
        if source is not None:
            record = replace(record, source=source_id(source), location=location_of(source))
        self.store.create(record)
        return Session(record, self.store)
