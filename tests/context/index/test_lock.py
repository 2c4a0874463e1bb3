import subprocess
import sys

import pytest
from repoask.context.index.lock import folder_lock
from repoask.errors import IndexStoreError

_HOLD = (
    "import sys\nfrom pathlib import Path\nfrom repoask.context.index.lock import folder_lock\n"
    "with folder_lock(Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.readline()\n"
)


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock until it is told to let go."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        if process.poll() is None:
            process.communicate("go\n")


def test_another_process_waits_and_says_so_once(tmp_path, holder):
    told = []

    def progress(stage, done, total):
        told.append(stage)
        holder.stdin.write("go\n")
        holder.stdin.flush()

    with folder_lock(tmp_path, progress=progress):
        assert told == ["another repoask is indexing; waiting"]


def test_waiting_can_end_with_one_clear_line(tmp_path, holder):
    with pytest.raises(IndexStoreError, match="another repoask"), folder_lock(tmp_path, timeout_s=0.05):
        pass


def test_a_process_that_is_killed_lets_go(tmp_path, holder):
    holder.kill()
    holder.wait()
    with folder_lock(tmp_path, timeout_s=5):
        pass


def test_nobody_is_told_when_nobody_waits(tmp_path):
    told = []
    with folder_lock(tmp_path / "new", progress=lambda *event: told.append(event)):
        assert told == []
