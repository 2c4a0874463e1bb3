"""A real vLLM server on the CPU, started by `repoask model serve`, killed or stopped. Knows nothing of questions."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from repoask.service.engine.vllm.processes import processes_of

__all__ = ["Server", "make_model", "start"]

_ROOT = Path(__file__).parents[1]
_TINY_MODEL = _ROOT / "tests" / "vllm" / "tiny_model.py"
_SETTLED_S = 1.5


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers.

    Attributes:
        process: Of repoask.
        port: Of this machine.
        log: Of vLLM, by which its processes are known.
        kv: The folder of its KV.
        start_s: Until it answered.
    """

    process: subprocess.Popen[str]
    port: int
    log: Path
    kv: Path
    start_s: float

    @property
    def base_url(self) -> str:
        """For the client."""
        return f"http://127.0.0.1:{self.port}/v1"

    def settle(self) -> int:
        """Waits until no more KV is being stored; gives the bytes that are."""
        files: list[int] = [-1]
        while (found := [file.stat().st_size for file in self.kv.rglob("*.kv")]) != files or self._is_storing():
            files = found
            time.sleep(_SETTLED_S)
        return sum(files)

    def kill(self) -> None:
        """SIGKILL for each process of vLLM; repoask ends then."""
        for pid in processes_of(self.log):
            os.kill(pid, signal.SIGKILL)
        self.process.communicate(timeout=60)

    def stop(self) -> None:
        """Stops it in order, unless it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)

    def pss_bytes(self) -> int:
        """Memory of all its processes, shared pages divided."""
        return sum(psutil.Process(pid).memory_full_info().pss for pid in processes_of(self.log))

    def _is_storing(self) -> bool:
        return any(self.kv.rglob("*.tmp"))


def start(model: Path, *, python: Path, home: Path, words: Sequence[str] = ()) -> Server:
    """Starts a server and waits until it answers.

    Args:
        model: A folder.
        python: Of vLLM's environment.
        home: For its log and its KV: the same after a restart.
        words: More of `repoask model serve`.
    """
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    places = {f"XDG_{kind.upper()}_HOME": str(home / kind) for kind in ("cache", "config", "data", "state")}
    command = [sys.executable, "-m", "repoask", "model", "serve", str(model), "--port", str(port)]
    begun = time.monotonic()
    process = subprocess.Popen(
        [*command, "--python", str(python), "--kv-dir", str(home / "kv"), *words],
        env={**os.environ, **places},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    if not process.stdout.readline():
        sys.exit(process.communicate()[1])
    log = home / "state" / "repoask" / "vllm" / f"{port}.log"
    return Server(process, port, log, home / "kv", time.monotonic() - begun)


def make_model(folder: Path, *, python: Path, words: Sequence[str] = ()) -> Path:
    """A model of Llama 4's architecture with random weights, as the tests have it."""
    subprocess.run([python, _TINY_MODEL, folder, *words], check=True, capture_output=True)
    return folder
