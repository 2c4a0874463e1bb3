"""--offline: the hook cannot be taken off again, so each case runs in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

Serve = Callable[..., Any]

_ATTEMPT = """
import socket
from repoask.errors import OfflineError
from repoask.service.engine.network import refuse_connections
refuse_connections(*{allow!r})
try:
    {attempt}
except OfflineError as error:
    print("refused", error)
except OSError as error:
    print("tried", type(error).__name__)
else:
    print("done")
"""

_ASK = """
from repoask.errors import RepoaskError
from repoask.service.engine.completion import complete
from repoask.service.engine.network import refuse_connections
from repoask.context.endpoint import read_endpoint
from repoask.service.engine.openai_client import OpenAIEngine
from repoask.service.engine.protocol import Message, Prompt, SamplingParams
allowed = read_endpoint({allow!r}, setting="")
refuse_connections((allowed.host, allowed.port))
engine = OpenAIEngine({url!r}, "m", max_retries=2, timeout_s=5.0)
try:
    params = SamplingParams(temperature=0.0, seed=0, max_tokens=50)
    print(complete(engine, Prompt(messages=(Message("user", "q"),)), params=params).text)
except RepoaskError as error:
    print(type(error).__name__, error)
"""


def _run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('192.0.2.1', 80), timeout=1)",
        "socket.create_connection(('127.0.0.1', 9), timeout=1)",
        "socket.create_connection(('::1', 9), timeout=1)",
        "socket.getaddrinfo('example.org', 443)",
        "socket.gethostbyname('example.org')",
        "socket.socket().connect_ex(('192.0.2.1', 80))",
        "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "socket.socket(socket.AF_UNIX).connect('/run/some.sock')",
        "__import__('urllib.request').request.urlopen('http://example.org/')",
    ],
)
def test_connection_is_refused(attempt: str) -> None:
    said = _run(_ATTEMPT.format(allow=[], attempt=attempt))
    assert said.startswith("refused")
    assert "--offline" in said


def test_other_ports_of_the_engines_host_are_refused() -> None:
    attempt = "socket.create_connection(('127.0.0.1', 9), timeout=1)"
    assert "127.0.0.1:9" in _run(_ATTEMPT.format(allow=[("127.0.0.1", 10)], attempt=attempt))


def test_engine_named_by_name_is_reached_at_its_address() -> None:
    attempt = "socket.create_connection(('127.0.0.1', 9), timeout=1)"
    assert (
        _run(_ATTEMPT.format(allow=[("127.0.0.1", 8), ("localhost", 9)], attempt=attempt))
        == "tried ConnectionRefusedError"
    )


def test_named_engine_is_asked(serve: Serve, scripted: ModuleType) -> None:
    url = serve(scripted.stream("it answers")).base_url
    assert _run(_ASK.format(allow=url, url=url)) == "it answers"


def test_other_engine_is_refused_before_anything_is_sent(serve: Serve, scripted: ModuleType) -> None:
    named, other = serve(scripted.stream("named")), serve(scripted.stream("other"))
    said = _run(_ASK.format(allow=named.base_url, url=other.base_url))
    assert said.startswith("OfflineError")
    assert other.requests == []
    assert other.gets == []
