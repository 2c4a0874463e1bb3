"""The tables of the store of sessions, and the way to them from every earlier version. Forward only.

Knows nothing of what a turn holds. A migration that was released is never edited: a new one follows it.
"""

import sqlite3
from collections.abc import Sequence

from ...errors import SessionError

__all__ = ["MIGRATIONS", "migrate"]

_FIRST = (
    # a turn is named by the hash of its parent's name and its content, so forks share what they have in common
    """CREATE TABLE turns (
        id TEXT PRIMARY KEY NOT NULL,
        parent TEXT REFERENCES turns(id),
        number INTEGER NOT NULL,
        content TEXT NOT NULL
    )""",
    "CREATE INDEX turns_by_parent ON turns(parent)",
    # used: larger is later; a count and no clock, which may be set back
    """CREATE TABLE sessions (
        name TEXT PRIMARY KEY NOT NULL,
        source TEXT NOT NULL,
        location TEXT NOT NULL,
        engine TEXT NOT NULL,
        head TEXT REFERENCES turns(id),
        used INTEGER NOT NULL
    )""",
    "CREATE INDEX sessions_by_source ON sessions(source, used)",
    "CREATE INDEX sessions_by_head ON sessions(head)",
)

# what a model is given in it; "" for whatever the settings say
_MODES = ("ALTER TABLE sessions ADD COLUMN mode TEXT NOT NULL DEFAULT ''",)

MIGRATIONS: Sequence[Sequence[str]] = (_FIRST, _MODES)
"""The statements that lead from version n to n + 1, at place n."""


def migrate(connection: sqlite3.Connection, *, file: str, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Brings the tables to the newest version, in one transaction.

    Raises:
        SessionError: A newer repoask has written them.
    """
    if _version(connection) == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # asked again: another process may have done it while this one waited
        version = _version(connection)
        if version > len(migrations):
            raise SessionError(
                f"{file}: a newer repoask has written these sessions (version {version}, this one knows "
                f"{len(migrations)}); upgrade repoask"
            )
        for statement in (each for migration in migrations[version:] for each in migration):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
