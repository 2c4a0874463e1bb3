"""The processes of a server, found by the log that they write to, and what they leave in shared memory. Linux alone.

vLLM is a tree of processes: a server that is killed leaves its engine and workers running, with memory and all. They
cannot be known by their ids (which are given anew), their names or their environment (which they overwrite), but each
has the server's log as its standard error. Knows nothing of what a server does.
"""

import os
import signal
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

__all__ = ["end_processes", "processes_of", "remove_shared_memory", "shared_memory_of"]

_PROC = Path("/proc")
_SHARED = "/dev/shm/"  # noqa: S108 - nothing is made there
_STDERR = "2"
_POLL_S = 0.1
_KILLED_WITHIN_S = 10.0


def processes_of(log: Path) -> frozenset[int]:
    """The ids of the processes that have this file as their standard error; never the caller's own."""
    try:
        wanted = log.stat()
    except OSError:
        return frozenset()
    return frozenset(pid for pid in _all_processes() if pid != os.getpid() and _has_stderr(pid, wanted))


def end_processes(log: Path, *, patience_s: float) -> int:
    """Ends every process that writes to a log; gives how many there were.

    Args:
        log: As `processes_of` takes it.
        patience_s: So long they may take to end in order; who is left then is killed.
    """
    found = processes_of(log)
    # a server ends its own children, in order; of those that nobody watches each is told
    for pid in found:
        if _parent(pid) not in found:
            _send(pid, signal.SIGTERM)
    _wait_until_none(log, within_s=patience_s)
    for pid in processes_of(log):
        _send(pid, signal.SIGKILL)
    _wait_until_none(log, within_s=_KILLED_WITHIN_S)
    return len(found)


def shared_memory_of(pids: Iterable[int]) -> dict[str, int]:
    """The files of shared memory that processes have mapped, each with its inode number."""
    found: dict[str, int] = {}
    for pid in pids:
        with suppress(OSError):
            for line in (_PROC / str(pid) / "maps").read_text(errors="replace").splitlines():
                # address, rights, offset, device, inode, path
                fields = line.split(maxsplit=5)
                if len(fields) == 6 and fields[5].startswith(_SHARED) and not fields[5].endswith(" (deleted)"):
                    found[fields[5]] = int(fields[4])
    return found


def remove_shared_memory(files: Mapping[str, int]) -> int:
    """Removes files that `shared_memory_of` found, unless others have taken their names; gives how many there were."""
    removed = 0
    for name, inode in files.items():
        file = Path(name)
        with suppress(OSError):
            if name.startswith(_SHARED) and file.parent == Path(_SHARED) and file.lstat().st_ino == inode:
                file.unlink()
                removed += 1
    return removed


def _all_processes() -> Iterable[int]:
    return [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]


def _has_stderr(pid: int, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat((_PROC / str(pid) / "fd" / _STDERR).stat(), wanted)
    except OSError:  # it has ended, or is another user's
        return False


def _parent(pid: int) -> int:
    try:
        # "pid (name) state parent ...", where a name may hold anything
        return int((_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def _send(pid: int, signal_number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal_number)


def _wait_until_none(log: Path, *, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while processes_of(log) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
