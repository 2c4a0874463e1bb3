"""A model of random weights, and real servers of it, started as a user starts them: by `repoask model serve`."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VLLM_PYTHON = ROOT / ".venv-vllm" / "bin" / "python"


@dataclass
class Serving:
    """A running `repoask model serve`, in a home of its own."""

    process: subprocess.Popen[str]
    port: int
    home: Path

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def log(self) -> Path:
        return self.home / "state" / "repoask" / "vllm" / f"{self.port}.log"

    def wait_until_ready(self) -> str:
        """The line on stdout, which comes when the server answers; "" when the command ended without one."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def finish(self) -> tuple[int, str]:
        """Exit code and stderr of a command that ends."""
        _, stderr = self.process.communicate(timeout=60)
        return self.process.returncode, stderr

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """The same after Ctrl-C, or another signal."""
        self.process.send_signal(number)
        return self.finish()


Serve = Callable[..., Serving]


@pytest.fixture(scope="session")
def tiny_scout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model of Llama 4's architecture."""
    if not VLLM_PYTHON.exists():
        pytest.fail(f"{VLLM_PYTHON} is missing; run `make test-vllm`, which installs vLLM there")
    folder = tmp_path_factory.mktemp("models") / "tiny-scout"
    script = Path(__file__).with_name("tiny_model.py")
    subprocess.run([VLLM_PYTHON, script, folder], check=True, capture_output=True, timeout=300)
    return folder


@pytest.fixture(scope="session")
def vllm_python() -> Path:
    """Of the environment that has vLLM."""
    return VLLM_PYTHON


@pytest.fixture(scope="session")
def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def environment(home: Path) -> dict[str, str]:
    """An environment that holds nothing of the developer's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REPOASK_", "XDG_", "GIT_"))}
    places = {f"XDG_{kind.upper()}_HOME": str(home / kind) for kind in ("cache", "config", "data", "state")}
    return kept | places | {"PYTHONUTF8": "1", "NO_COLOR": "1"}


@pytest.fixture(scope="module")
def serve(tiny_scout: Path, free_port: int, home: Path, environment: dict[str, str]) -> Iterator[Serve]:
    """`serve(WORDS)` starts `repoask model serve` of the model; whatever is left of it goes when the module is done."""
    started: list[Serving] = []

    def start(*words: str, model: Path | str = tiny_scout) -> Serving:
        named = [str(model), "--port", str(free_port), "--python", str(VLLM_PYTHON)]
        process = subprocess.Popen(
            [sys.executable, "-m", "repoask", "model", "serve", *named, *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(Serving(process, free_port, home))
        return started[-1]

    yield start
    for serving in started:
        if serving.process.poll() is None:
            serving.process.send_signal(signal.SIGTERM)
        serving.process.communicate(timeout=60)


@pytest.fixture(scope="module")
def server(serve: Serve) -> Serving:
    """A server that answers."""
    serving = serve()
    begin = time.monotonic()
    if serving.wait_until_ready() != serving.base_url:
        pytest.fail(f"no server after {time.monotonic() - begin:.0f} s: {serving.finish()}")
    return serving
