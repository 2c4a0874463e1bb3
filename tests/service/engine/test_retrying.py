"""Retries: as often and as late as the server asks, within bounds, and not in silence."""

import asyncio
import logging
import socket
import time
from collections.abc import Callable
from email.utils import formatdate
from types import ModuleType
from typing import Any

import pytest
from repoask.errors import EngineBusyError, EngineReplyError, EngineUnreachableError
from repoask.service.engine.completion import complete
from repoask.service.engine.openai_client import OpenAIEngine
from repoask.service.engine.protocol import Message, Prompt, SamplingParams

Serve = Callable[..., Any]
PROMPT = Prompt(messages=(Message("user", "question"),))
PARAMS = SamplingParams(temperature=0.0, seed=None, max_tokens=50)


def ask(server: Any) -> str:
    return complete(OpenAIEngine(server.base_url, "m", timeout_s=5.0), PROMPT, params=PARAMS).text


def test_a_wait_that_the_server_asks_for_is_told(
    serve: Serve, scripted: ModuleType, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(scripted.error(429, "slow down", retry_after="1"), scripted.stream("fine"))
    begin = time.perf_counter()
    with caplog.at_level(logging.WARNING):
        assert ask(server) == "fine"
    assert time.perf_counter() - begin >= 1.0
    assert caplog.messages == [f"{server.base_url}: the server answers 429; trying again in 1 s (1 of 2)"]


def test_a_date_to_come_back_at_is_understood(serve: Serve, scripted: ModuleType) -> None:
    soon = formatdate(time.time() + 1.0, usegmt=True)
    assert ask(serve(scripted.error(503, retry_after=soon), scripted.stream("fine"))) == "fine"


@pytest.mark.parametrize("asked", ["3600", "1e300"])
def test_a_longer_wait_than_a_minute_is_left_to_the_user(serve: Serve, scripted: ModuleType, asked: str) -> None:
    server = serve(scripted.error(429, "quota", retry_after=asked), scripted.stream("fine"))
    begin = time.perf_counter()
    with pytest.raises(EngineBusyError, match=r"\(429\): quota; wait [\d,]+ s, as it asks, or check the quota"):
        ask(server)
    assert time.perf_counter() - begin < 3
    assert len(server.requests) == 1


@pytest.mark.parametrize("asked", ["soon", "nan", "inf", "-5", ""])
def test_a_wait_that_makes_no_sense_is_not_obeyed(serve: Serve, scripted: ModuleType, asked: str) -> None:
    begin = time.perf_counter()
    assert ask(serve(scripted.error(429, retry_after=asked), scripted.stream("fine"))) == "fine"
    assert time.perf_counter() - begin < 3


def test_tries_end_after_the_second_retry(serve: Serve, scripted: ModuleType) -> None:
    server = serve(scripted.error(500, "out of memory", retry_after="0"))
    with pytest.raises(EngineReplyError, match="out of memory"):
        ask(server)
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 422])
def test_what_will_not_change_is_not_asked_again(serve: Serve, scripted: ModuleType, status: int) -> None:
    server = serve(scripted.error(status, "no"))
    with pytest.raises(EngineReplyError):
        ask(server)
    assert len(server.requests) == 1


def test_a_silent_server_is_waited_for_once() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        engine = OpenAIEngine(f"http://127.0.0.1:{silent.getsockname()[1]}/v1", "m", timeout_s=0.3)
        with pytest.raises(EngineUnreachableError, match=r"no reply within 0\.3 s"):
            asyncio.run(anext(engine.generate(PROMPT, params=PARAMS)))  # type: ignore[arg-type] # a coroutine in all but name
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
