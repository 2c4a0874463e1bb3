"""Worker processes: what Ctrl-C and a kill do to them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="process groups and signals of POSIX")

_START = """
import time
from repoask.context.index.workers import start_workers
def main():
    pool = start_workers(2)
    try:
        print("starting", flush=True)
        [pool.submit(time.sleep, 0.2) for _ in range(4)][-1].result()
        print("done", flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        pool.shutdown(cancel_futures=True)
if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("delay", [0.0, 0.03, 0.06, 0.1])
def test_ctrl_c_while_workers_start_prints_nothing(tmp_path: Path, delay: float) -> None:
    assert _stderr_after(tmp_path, "starting", signal.SIGINT, delay=delay) == ""


def test_a_killed_parent_leaves_no_word_of_semaphores(tmp_path: Path) -> None:
    assert _stderr_after(tmp_path, "done", signal.SIGTERM) == ""


def _stderr_after(folder: Path, word: str, number: int, *, delay: float = 0.0) -> str:
    """What the whole group of processes says when it gets a signal after a word of the parent."""
    script = folder / "start.py"
    script.write_text(_START)
    process = subprocess.Popen(
        [sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    while word not in process.stdout.readline():
        assert process.poll() is None
    time.sleep(delay)
    os.killpg(process.pid, number)
    return process.communicate(timeout=60)[1]  # of all that it started: each holds the pipe until it ends
