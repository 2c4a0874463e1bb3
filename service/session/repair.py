"""Sets a damaged file of sessions aside and keeps what can be read of it in a new one. Deletes nothing.

A turn's name is the hash of what it holds, so what is kept is known to be what was asked and answered. Done only when
the user says so.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from ...errors import DamagedSessionError, SessionError
from .store import SessionRecord, SessionStore

__all__ = ["Repaired", "repair_sessions"]

# the log and its index belong to the file; the file itself goes last, so that none is left with another's log
_PARTS = ("-wal", "-shm", "")


@dataclass(frozen=True, slots=True)
class Repaired:
    """What came of a damaged file.

    Attributes:
        aside: Where it lies now.
        kept: The sessions in the new file, with the number of their turns.
        lost: Those of which a name is known, and not all turns.
    """

    aside: Path
    kept: Mapping[str, int]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Read:
    record: SessionRecord
    contents: tuple[str, ...]


def repair_sessions(file: Path) -> Repaired | None:
    """Repairs the file; None where it is sound.

    Raises:
        SessionError: It cannot be opened, moved or written, or a newer repoask has written it.
    """
    from filelock import FileLock, Timeout

    if not file.exists():
        return None
    try:
        with FileLock(f"{file}.repair", timeout=0):
            return _repair(file)
    except Timeout as error:
        raise SessionError(f"{file}: another process is repairing it") from error


def _repair(file: Path) -> Repaired | None:
    read: list[_Read] = []
    lost: list[str] = []
    try:
        with SessionStore(file) as store:
            with suppress(DamagedSessionError):
                store.check()
                return None
            for record in reversed(store.records()):  # the last used one last, as it was
                try:
                    read.append(_Read(record, tuple(content for _, content in store.newest_first(record.head))[::-1]))
                except DamagedSessionError:
                    lost.append(record.name)
    except DamagedSessionError:
        pass  # not even the list of sessions can be read
    aside = _set_aside(file)
    with SessionStore(file) as store:
        for each in read:
            store.create(replace(each.record, num_turns=0, head=None))
            for content in each.contents:
                store.append(each.record.name, content, engine=each.record.engine)
    return Repaired(aside, {each.record.name: len(each.contents) for each in read}, tuple(lost))


def _set_aside(file: Path) -> Path:
    aside = next(name for name in _names(file) if not any(Path(f"{name}{part}").exists() for part in _PARTS))
    try:
        for part in _PARTS:
            with suppress(FileNotFoundError):
                Path(f"{file}{part}").rename(f"{aside}{part}")
    except OSError as error:
        raise SessionError(f"{file}: cannot be moved to {aside} ({error.strerror}); move it yourself") from error
    return aside


def _names(file: Path) -> Iterator[Path]:
    return (file.with_name(f"{file.name}.damaged-{number}") for number in count(1))
