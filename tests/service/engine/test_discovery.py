"""Local servers are found, and only those that are what they look for."""

import socket
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from repoask.service.engine.discovery import find_servers

Serve = Callable[..., Any]


def test_server_is_found_with_its_models(serve: Serve, scripted: ModuleType) -> None:
    models = scripted.json_reply({"object": "list", "data": [{"id": "llama4:scout"}, {"id": "qwen"}]})
    server = serve(scripted.stream("x"), pages={"/v1/models": models})
    found = find_servers(timeout_s=2.0, ports=(("LM Studio", server.port), ("Ollama", server.port)))
    assert [(one.name, one.base_url, one.models) for one in found] == [
        ("LM Studio", server.base_url, ("llama4:scout", "qwen")),
        ("Ollama", server.base_url.removesuffix("/v1") + "/api", ("llama4:scout", "qwen")),
    ]
    assert (server.gets, server.requests) == (["/v1/models"] * 2, [])


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"<html></html>", "text/html", 200),
        (b'{"data": []}', "application/json", 200),
        (b'{"data": [{"id": "m"}]}', "application/json", 401),
        (b"[[[[", "application/json", 200),
        (b"\xff\xfe", "application/json", 200),
        (b"7", "application/json", 200),
    ],
)
def test_other_servers_are_not_suggested(
    serve: Serve, scripted: ModuleType, body: bytes, content_type: str, status: int
) -> None:
    page = scripted.Reply(body, content_type=content_type, status=status)
    server = serve(scripted.stream("x"), pages={"/v1/models": page})
    assert find_servers(timeout_s=2.0, ports=(("vLLM", server.port),)) == ()


def test_silent_server_costs_no_more_than_the_timeout() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        begin = time.perf_counter()
        assert find_servers(timeout_s=0.05, ports=(("vLLM", silent.getsockname()[1]),)) == ()
        assert time.perf_counter() - begin < 1.0


def test_nothing_listens() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        assert find_servers(timeout_s=1.0, ports=(("vLLM", reserved.getsockname()[1]),)) == ()
