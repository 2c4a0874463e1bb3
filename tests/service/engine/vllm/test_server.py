"""How a server is started and what is refused. A server that answers is tested in tests/vllm."""

import os
import socket
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from repoask.errors import EngineError, InputError
from repoask.service.engine.vllm.processes import processes_of
from repoask.service.engine.vllm.server import VllmServer

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="servers are started on Linux alone")


@pytest.fixture
def port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _server(folder: Path, port: int, *flags: str) -> VllmServer:
    # this Python has no vLLM: the process ends at once, as one does that lacks a library
    words = (str(folder / "model"), *flags)
    return VllmServer(
        words, python=Path(sys.executable), name="model", port=port, folder=folder, environ=dict(os.environ)
    )


def test_a_port_in_use_is_refused_before_anything_is_started(tmp_path: Path, port: int) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        with pytest.raises(InputError, match=rf"port {port}: .*choose another with --port"), _server(tmp_path, port):
            pass
    assert not (tmp_path / f"{port}.log").exists()


def test_a_port_whose_keeper_lives_is_refused_with_its_url(tmp_path: Path, port: int) -> None:
    told = rf"a server .* runs there \(http://127\.0\.0\.1:{port}/v1\)"
    with FileLock(tmp_path / f"{port}.lock"), pytest.raises(InputError, match=told), _server(tmp_path, port):
        pass
    with _server(tmp_path, port) as server:
        assert server.log.exists()


def test_a_server_that_ends_says_why_and_frees_its_port(tmp_path: Path, port: int) -> None:
    with (
        pytest.raises(
            EngineError, match=r"vLLM ended with code 1 before it was ready: .*No module named 'vllm'.*its log"
        ),
        _server(tmp_path, port) as server,
    ):
        server.wait_until_ready()
    assert not processes_of(server.log)
    with _server(tmp_path, port):
        pass


_GUARDED = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Guarded(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 401)
        self.end_headers()


HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Guarded).serve_forever()
"""


def test_a_server_behind_a_key_becomes_ready_too(tmp_path: Path, port: int) -> None:
    stand_in = tmp_path / "python"
    stand_in.write_text(f"#!{sys.executable}{_GUARDED}")
    stand_in.chmod(0o700)
    words = (str(tmp_path / "model"), "--api-key", "secret")
    with VllmServer(words, python=stand_in, name="m", port=port, folder=tmp_path, environ=dict(os.environ)) as server:
        server.wait_until_ready()
    assert not processes_of(server.log)


def test_the_log_of_the_run_before_is_kept(tmp_path: Path, port: int) -> None:
    for text in ("first", "second"):
        with _server(tmp_path, port) as server:
            pass
        server.log.write_text(text)
    with _server(tmp_path, port):
        assert (tmp_path / f"{port}.previous.log").read_text() == "second"


def test_nothing_is_imported_from_the_folder_that_the_user_is_in(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = tmp_path / "repository"
    (hostile / "vllm" / "entrypoints" / "openai").mkdir(parents=True)
    proof = tmp_path / "imported"
    for package in ("vllm", "vllm/entrypoints", "vllm/entrypoints/openai"):
        (hostile / package / "__init__.py").write_text(f"open({str(proof)!r}, 'w')")
    monkeypatch.chdir(hostile)
    with pytest.raises(EngineError), _server(tmp_path / "state", port) as server:
        server.wait_until_ready()
    assert not proof.exists()


@pytest.mark.parametrize("flag", ["--port", "--port=1", "--model", "--host=0.0.0.0", "--served-model-name"])
def test_flags_that_are_repoasks_own_are_refused(tmp_path: Path, port: int, flag: str) -> None:
    with pytest.raises(InputError, match=f"{flag}: repoask gives vLLM this flag itself"):
        _server(tmp_path, port, flag)
