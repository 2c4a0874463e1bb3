"""A server's processes are found by the log that they write to, and what they map is removed after them."""

import mmap
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from repoask.service.engine.vllm.processes import (
    end_processes,
    processes_of,
    remove_shared_memory,
    shared_memory_of,
)

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="servers are started on Linux alone")

_SLEEP = "import time; time.sleep(60)"
_STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
# a parent that waits for its child, as a server does for its workers
_TREE = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_SLEEP!r}])"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "server.log"
    end_processes(tmp_path / "server.log", patience_s=0)


def _start(log: Path, code: str, *, processes: int = 1) -> subprocess.Popen[bytes]:
    with log.open("ab") as stream:
        started = subprocess.Popen([sys.executable, "-c", code], stdout=stream, stderr=stream)
    deadline = time.monotonic() + 30
    while len(processes_of(log)) < processes and time.monotonic() < deadline:
        time.sleep(0.02)
    return started


@pytest.fixture
def shared() -> Iterator[Path]:
    file = Path(f"/dev/shm/repoask-test-{os.getpid()}")
    yield file
    with suppress(FileNotFoundError):
        file.unlink()


def test_a_child_is_found_after_its_parent_was_killed(log: Path) -> None:
    parent = _start(log, _TREE, processes=2)
    parent.kill()
    parent.wait()
    (child,) = processes_of(log)
    assert child != parent.pid
    assert end_processes(log, patience_s=10) == 1
    assert not processes_of(log)


def test_a_process_that_reads_the_log_is_none_of_them(log: Path, tmp_path: Path) -> None:
    log.touch()
    with log.open("rb") as stream:
        reader = subprocess.Popen([sys.executable, "-c", _SLEEP], stdin=stream, stderr=subprocess.DEVNULL)
    try:
        assert not processes_of(log)
        assert not processes_of(tmp_path / "no such file")
        assert end_processes(log, patience_s=0) == 0
        assert reader.poll() is None
    finally:
        reader.kill()
        reader.wait()


def test_what_does_not_end_in_time_is_killed(log: Path) -> None:
    process = _start(log, _STUBBORN)
    while b"deaf" not in log.read_bytes():
        time.sleep(0.02)
    assert end_processes(log, patience_s=0.3) == 1
    assert process.wait() == -9


def test_mapped_shared_memory_is_found_and_removed(shared: Path) -> None:
    with shared.open("w+b") as stream:
        stream.truncate(mmap.PAGESIZE)
        with mmap.mmap(stream.fileno(), mmap.PAGESIZE):
            found = shared_memory_of([os.getpid()])
    assert found[str(shared)] == shared.stat().st_ino
    assert remove_shared_memory({str(shared): found[str(shared)]}) == 1
    assert not shared.exists()


def test_shared_memory_that_another_has_made_anew_is_left(shared: Path) -> None:
    shared.touch()
    assert remove_shared_memory({str(shared): shared.stat().st_ino + 1}) == 0
    assert shared.exists()


def test_nothing_outside_shared_memory_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "mine"
    file.touch()
    inode = file.stat().st_ino
    assert remove_shared_memory({str(file): inode, f"/dev/shm/../{file}": inode}) == 0
    assert file.exists()
