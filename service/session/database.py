"""Opens the file of the store so that two processes may use it at once, and tells in one line what is wrong with it.

SQLite's write-ahead log: readers never wait, a writer waits for another for some seconds, and a process that is killed
amid a write leaves what was there before. Knows nothing of sessions.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import DamagedSessionError, SessionError
from .schema import migrate

__all__ = ["Database", "translated"]

_BUSY_TIMEOUT_S = 10.0
_RETRY_S = 0.02
# no table, no such column: what another program, or half a copy, has left
_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_ERROR", "SQLITE_FORMAT", "SQLITE_MISMATCH")


class Database:
    """The open file. Close it, or use it as a context manager."""

    def __init__(self, file: Path) -> None:
        """Opens the file, which is made where there is none, for its user alone.

        Raises:
            SessionError: It cannot be opened, or a newer repoask has written it.
            DamagedSessionError: It is damaged, or no such file.
        """
        self._file = file
        _make_file(file)
        with translated(file):
            self._connection = sqlite3.connect(file, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the use of the file; of several processes the last one clears its log away."""
        self._connection.close()

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """The rows that a statement gives, inside a transaction or by itself."""
        with translated(self._file):
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All or nothing of what is written inside, and nobody else writes meanwhile. To be left at once."""
        with translated(self._file):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def forget_log(self) -> None:
        """Moves what the log holds into the file, so that what was removed is in neither; not while it is in use."""
        with translated(self._file):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _prepare(self) -> None:
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA foreign_keys = ON")
        # a turn that was said to be kept survives a power cut; one that was removed leaves no bytes
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("PRAGMA secure_delete = ON")
        self._log_ahead()
        migrate(self._connection, file=str(self._file))

    def _log_ahead(self) -> None:
        """Turns the write-ahead log on. SQLite does not wait when two processes do so at once, so this does."""
        until = time.monotonic() + _BUSY_TIMEOUT_S
        while True:
            try:
                if self._connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                    self._connection.execute("PRAGMA journal_mode = WAL").fetchone()
                return
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > until:
                    raise
            time.sleep(_RETRY_S)


@contextmanager
def translated(file: Path) -> Iterator[None]:
    """Turns SQLite's errors into one line that names the file and the way out.

    Raises:
        SessionError: It is in use, full, or may not be written.
        DamagedSessionError: It is damaged.
    """
    try:
        yield
    except sqlite3.Error as error:
        # an extended code (SQLITE_BUSY_SNAPSHOT) begins with its kind
        name = getattr(error, "sqlite_errorname", "") or "SQLITE_ERROR"
        if name.startswith(_DAMAGE):
            raise DamagedSessionError(
                f"{file}: the sessions are damaged ({error}); `repoask session repair` sets the file aside and keeps "
                "what can be read of it"
            ) from error
        if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise SessionError(f"{file}: another process has been writing for {_BUSY_TIMEOUT_S:.0f} s") from error
        raise SessionError(f"{file}: cannot be used ({error}); free space, or change its permissions") from error


def _make_file(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # SQLite makes its other files with the permissions of this one
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise SessionError(f"{file}: cannot be opened ({error.strerror}); change its permissions") from error
