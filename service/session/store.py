"""Keeps sessions in one SQLite file: a name, what it is bound to, and the newest of its turns.

Turns are named by their content and what came before it, so a fork shares those of its parent, and a damaged one is
noticed. Order is a count, never a clock. Knows nothing of models or terminals.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...errors import DamagedSessionError, SessionError
from .database import Database
from .turn import turn_id

__all__ = ["EngineChoice", "SessionRecord", "SessionStore"]

_REACHABLE = """
    WITH RECURSIVE reachable(id) AS (
        SELECT head FROM sessions WHERE head IS NOT NULL
        UNION SELECT parent FROM turns JOIN reachable USING (id) WHERE parent IS NOT NULL
    )
"""


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The model's server that a session asks.

    Attributes:
        base_url: Without credentials; "" for none, then answers are the places themselves.
        model: As the server names it; "" for its only one.
        api_key_env: The variable that holds its key; "" for the usual one. The key itself is never kept.
        replica: Further servers of the same model.
    """

    base_url: str = ""
    model: str = ""
    api_key_env: str = ""
    replica: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as it is listed.

    Attributes:
        name: Unique among all.
        source: Id of what it asks.
        location: The folder or URL to open it by.
        engine: What answers in it.
        mode: What a model is given in it: auto, full or retrieval; "" for what the settings say.
        num_turns: Questions answered.
        head: Id of the newest turn; None where there is none yet.
    """

    name: str
    source: str
    location: str
    engine: EngineChoice
    mode: str = ""
    num_turns: int = 0
    head: str | None = None


class SessionStore:
    """All sessions of a user. Any number of processes may use the file; nothing stays locked between two calls."""

    def __init__(self, file: Path) -> None:
        """Opens the file, which is made where there is none.

        Raises:
            SessionError: It cannot be opened, or a newer repoask has written it.
            DamagedSessionError: It is damaged.
        """
        self._file = file
        self._database = Database(file)

    def __enter__(self) -> "SessionStore":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def create(self, record: SessionRecord) -> None:
        """A new session, the last used; its `head` may be that of another one, whose turns it then shares.

        Raises:
            SessionError: There is one of this name.
        """
        with self._database.writing():
            if self._database.rows("SELECT 1 FROM sessions WHERE name = ?", record.name):
                raise SessionError(f"there is a session `{record.name}` already; choose another name")
            self._database.rows(
                "INSERT INTO sessions (name, source, location, engine, mode, head, used)"
                " VALUES (?, ?, ?, ?, ?, ?, (SELECT coalesce(max(used), 0) + 1 FROM sessions))",
                *(record.name, record.source, json.dumps(record.location), _encoded(record.engine)),
                *(record.mode, record.head),
            )

    def find(self, name: str) -> SessionRecord | None:
        """The session of a name."""
        return next(iter(self._records("WHERE name = ?", name)), None)

    def latest(self, source: str) -> SessionRecord | None:
        """The last used session of a source."""
        return next(iter(self._records("WHERE source = ? ORDER BY used DESC LIMIT 1", source)), None)

    def records(self) -> list[SessionRecord]:
        """Every session, the last used first."""
        return self._records("ORDER BY used DESC")

    def append(self, name: str, content: str, *, engine: EngineChoice, mode: str | None = None) -> int:
        """Adds a turn behind the newest, whoever added that; the session is the last used then.

        Args:
            name: Of the session.
            content: Of the turn.
            engine: What answers in the session from now on.
            mode: What a model is given in it from now on; None for what it was given.

        Returns:
            The number of the turn, from 1.

        Raises:
            SessionError: The session has been removed meanwhile.
        """
        with self._database.writing():
            rows = self._database.rows(
                "SELECT head, coalesce(number, 0) AS number FROM sessions LEFT JOIN turns ON id = head WHERE name = ?",
                name,
            )
            if not rows:
                raise SessionError(f"the session `{name}` has been removed meanwhile, so the answer was not kept")
            parent, number = rows[0]["head"], rows[0]["number"] + 1
            head = turn_id(parent, content)
            # two forks that are answered alike share this turn, too
            self._database.rows("INSERT OR IGNORE INTO turns VALUES (?, ?, ?, ?)", head, parent, number, content)
            self._database.rows(
                "UPDATE sessions SET head = ?, engine = ?, mode = coalesce(?, mode),"
                " used = (SELECT max(used) + 1 FROM sessions) WHERE name = ?",
                *(head, _encoded(engine), mode, name),
            )
            return int(number)

    def newest_first(self, head: str | None) -> Iterator[tuple[str, str]]:
        """The id and content of a turn, then of each before it; read one by one, as far as the caller goes.

        Raises:
            DamagedSessionError: A turn is not there, or not what was kept.
        """
        while head is not None:
            rows = self._database.rows("SELECT parent, content FROM turns WHERE id = ?", head)
            if not rows or turn_id(rows[0]["parent"], rows[0]["content"]) != head:
                raise DamagedSessionError(
                    f"{self._file}: the turn {head[:12]} is damaged or has been removed; `repoask session repair` "
                    "keeps what can be read"
                )
            yield head, rows[0]["content"]
            head = rows[0]["parent"]

    def remove(self, names: Sequence[str]) -> None:
        """Removes sessions and the turns that no other one shares, from the file and from its log."""
        with self._database.writing():
            for name in names:
                self._database.rows("DELETE FROM sessions WHERE name = ?", name)
            self._database.rows(f"{_REACHABLE} DELETE FROM turns WHERE id NOT IN (SELECT id FROM reachable)")  # noqa: S608 - a constant
        self._database.forget_log()

    def check(self) -> None:
        """Reads everything.

        Raises:
            DamagedSessionError: Something is damaged.
        """
        if (found := self._database.rows("PRAGMA quick_check(1)")[0][0]) != "ok":
            raise DamagedSessionError(f"{self._file}: {found}")
        for record in self.records():
            for _ in self.newest_first(record.head):
                pass

    def _records(self, which: str, *values: object) -> list[SessionRecord]:
        rows = self._database.rows(
            "SELECT name, source, location, engine, mode, head, coalesce(number, 0) AS number"  # noqa: S608 - constants
            f" FROM sessions LEFT JOIN turns ON id = head {which}",
            *values,
        )
        try:
            return [
                SessionRecord(
                    name=row["name"],
                    source=row["source"],
                    location=str(json.loads(row["location"])),
                    engine=_engine(json.loads(row["engine"])),
                    mode=row["mode"],
                    num_turns=row["number"],
                    head=row["head"],
                )
                for row in rows
            ]
        except (ValueError, TypeError) as error:
            raise DamagedSessionError(
                f"{self._file}: what a session is bound to cannot be read; `repoask session repair` keeps what can be"
            ) from error


def _engine(told: dict[str, Any]) -> EngineChoice:
    return EngineChoice(**told | {"replica": tuple(told.get("replica", ()))})


def _encoded(engine: EngineChoice) -> str:
    return json.dumps(asdict(engine), sort_keys=True)
