"""Real servers of other people's making behind one fixture: each test of this folder is asked of every one of them."""

import importlib.util
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

_HERE = Path(__file__).parent
_LLAMACPP_PYTHON = _HERE.parents[1] / ".venv-llamacpp" / "bin" / "python"


def _load(file: Path) -> ModuleType:
    # tests are no package (importmode=importlib), so another folder's fixtures are loaded by their path
    spec = importlib.util.spec_from_file_location(f"fixtures_of_{file.parent.name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_vllm = _load(_HERE.parent / "vllm" / "conftest.py")
tiny_scout, free_port, home, environment = _vllm.tiny_scout, _vllm.free_port, _vllm.home, _vllm.environment
serve, vllm_server = _vllm.serve, _vllm.server


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        engine: What it is.
        base_url: For `--base-url`.
        model: The only one that it has.
        max_model_len: Of a prompt and its answer.
        running: Its metric of the requests that it is at work on.
        written: Its metric of all tokens that it has written.
    """

    engine: str
    base_url: str
    model: str
    max_model_len: int
    running: str
    written: str

    def metric(self, name: str) -> float:
        with urllib.request.urlopen(self.base_url.removesuffix("/v1") + "/metrics", timeout=10) as page:
            lines = page.read().decode().splitlines()
        values = [float(line.split()[-1]) for line in lines if line.startswith((f"{name} ", f"{name}{{"))]
        assert values, f"no metric {name}"
        return sum(values)

    def wait_until_idle(self, *, patience_s: float = 10) -> None:
        deadline = time.monotonic() + patience_s
        while self.metric(self.running):
            assert time.monotonic() < deadline, "the request still runs"
            time.sleep(0.05)


@pytest.fixture(
    scope="module",
    params=[pytest.param("vllm", marks=pytest.mark.vllm), pytest.param("llamacpp", marks=pytest.mark.llamacpp)],
)
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the servers in turn; none is started that is not asked for."""
    started: Server = request.getfixturevalue(f"{request.param}_contract_server")
    return started


@pytest.fixture(scope="module")
def vllm_contract_server(vllm_server: Any) -> Server:
    return Server(
        "vllm", vllm_server.base_url, "tiny-scout", 65_536, "vllm:num_requests_running", "vllm:generation_tokens_total"
    )


@pytest.fixture(scope="module")
def llamacpp_contract_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not _LLAMACPP_PYTHON.exists():
        pytest.fail(f"{_LLAMACPP_PYTHON} is missing; run `make test-llamacpp`, which installs llama.cpp there")
    file = tmp_path_factory.mktemp("gguf") / "tiny-llama.gguf"
    subprocess.run([_LLAMACPP_PYTHON, _HERE / "tiny_gguf.py", file], check=True, capture_output=True, timeout=60)
    with _llamacpp(file, file.with_suffix(".log")) as base_url:
        yield Server(
            "llama.cpp",
            base_url,
            "tiny-llama",
            32_768,
            "llamacpp:requests_processing",
            "llamacpp:tokens_predicted_total",
        )


@contextmanager
def _llamacpp(model: Path, log: Path) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with log.open("w") as stream:
        process = subprocess.Popen(
            [_LLAMACPP_PYTHON, _HERE / "llamacpp_server.py", model, str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
        )
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        listens = process.stdout.readline().strip()
        assert listens == f"http://127.0.0.1:{port}", log.read_text()[-2_000:]
        yield f"{listens}/v1"
    finally:
        process.stdin.close()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
