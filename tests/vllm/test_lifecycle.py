"""What becomes of a real vLLM server, and of all its processes, however it ends."""

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from repoask.config import read_state
from repoask.service.engine.vllm.processes import processes_of

pytestmark = pytest.mark.vllm

Serve = Callable[..., Any]


def _ready(serving: Any) -> Any:
    assert serving.wait_until_ready() == serving.base_url, serving.finish()
    return serving


def _shared_memory(serving: Any) -> list[Path]:
    return [Path(name) for name in read_state(serving.log.with_suffix(".json")) if Path(name).exists()]


def _parents(pids: frozenset[int]) -> dict[int, int]:
    return {pid: int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in pids}


def test_a_killed_repoask_leaves_orphans_to_the_next_start_and_ctrl_c_leaves_nothing(serve: Serve) -> None:
    first = _ready(serve())
    orphans, shared = processes_of(first.log), _shared_memory(first)
    assert len(orphans) >= 3
    assert shared
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait()
    assert processes_of(first.log) == orphans
    assert first.log.is_file()
    inode = first.log.stat().st_ino

    second = _ready(serve())

    assert second.log.stat().st_ino != inode
    assert not [pid for pid in orphans if Path(f"/proc/{pid}/fd/2").exists()]
    assert not [file for file in shared if file.exists()]
    shared = _shared_memory(second)
    assert shared
    code, told = second.interrupt()
    assert (code, told.splitlines()[-1]) == (0, "repoask: stopped")
    assert f"ended {len(orphans)} processes that an earlier server had left behind" in told
    assert not processes_of(second.log)
    assert not [file for file in shared if file.exists()]
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", second.port))


def test_a_kill_of_vllm_is_told_and_leaves_nothing(serve: Serve) -> None:
    serving = _ready(serve())
    pids, shared = processes_of(serving.log), _shared_memory(serving)
    top = next(pid for pid, parent in _parents(pids).items() if parent == serving.process.pid)
    os.kill(top, signal.SIGKILL)
    code, told = serving.finish()
    assert code == 3
    assert told.splitlines()[-1] == f"repoask: vLLM was killed by signal 9; its log is {serving.log}"
    assert not processes_of(serving.log)
    assert not [file for file in shared if file.exists()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_it_starts_ends_it(serve: Serve, number: signal.Signals) -> None:
    serving = serve()
    deadline = time.monotonic() + 30
    while not processes_of(serving.log) and time.monotonic() < deadline:
        time.sleep(0.1)
    code, told = serving.interrupt(number)
    assert (code, told.splitlines()[-1]) == (130, "repoask: interrupted")
    assert not processes_of(serving.log)


def test_what_vllm_refuses_is_told_in_one_line(serve: Serve) -> None:
    serving = serve("--", "--no-such-flag")
    code, told = serving.finish()
    assert code == 3
    assert "vLLM ended with code 2 before it was ready" in told.splitlines()[-1]
    assert "unrecognized arguments: --no-such-flag" in told.splitlines()[-1]


def test_too_little_memory_is_told_with_what_would_fit(serve: Serve) -> None:
    code, told = serve(model="scout").finish()
    assert (code, told.count("\n")) == (2, 1)
    assert "Llama 4 Scout: 217 GB of bf16 weights" in told
    assert "parameters in bf16 does, and this one fits on 1 x H100 with int4 weights" in told
