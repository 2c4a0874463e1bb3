"""Running an engine to the end: what an interrupt, a failing reader and a silent version page do to it."""

import itertools
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from types import ModuleType
from typing import Any

import pytest
from repoask.service.engine.completion import complete, foresee
from repoask.service.engine.openai_client import OpenAIEngine
from repoask.service.engine.protocol import Delta, EngineInfo, Forecast, Message, Prompt, SamplingParams, Schema

Serve = Callable[..., Any]
PROMPT = Prompt(messages=(Message("user", "question"),))
PARAMS = SamplingParams(temperature=0.0, seed=0, max_tokens=1000)

_PROGRAM = """
import sys
from repoask.service.engine.completion import complete
from repoask.service.engine.openai_client import OpenAIEngine
from repoask.service.engine.protocol import Message, Prompt, SamplingParams
try:
    complete(
        OpenAIEngine(sys.argv[1], "m", timeout_s=5.0), Prompt(messages=(Message("user", "q"),)),
        params=SamplingParams(temperature=0.0, seed=0, max_tokens=1000),
        on_delta=lambda text: print("piece", flush=True),
    )
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")
def test_interrupt_ends_a_reply_at_once(serve: Serve, scripted: ModuleType) -> None:
    slow = scripted.Reply((scripted.chunk("word ") for _ in itertools.count()), pause_s=0.05)
    url = serve(slow).base_url
    with subprocess.Popen([sys.executable, "-c", _PROGRAM, url], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "piece\n"
        program.send_signal(signal.SIGINT)
        said, _ = program.communicate(timeout=20)
    assert said.endswith("interrupted\n")
    assert program.returncode == 0


def test_failing_reader_ends_the_reply(serve: Serve, scripted: ModuleType) -> None:
    def fail(text: str) -> None:
        raise BrokenPipeError

    engine = OpenAIEngine(serve(scripted.stream("text")).base_url, "m", timeout_s=5.0)
    with pytest.raises(BrokenPipeError):
        complete(engine, PROMPT, params=PARAMS, on_delta=fail)


def test_silent_version_page_holds_up_no_answer_for_long(serve: Serve, scripted: ModuleType) -> None:
    silent = scripted.Reply((b" " for _ in itertools.count()), pause_s=0.1, content_type="application/json")
    server = serve(scripted.stream("text"), pages={"/version": silent})
    begin = time.perf_counter()
    completion = complete(OpenAIEngine(server.base_url, "m", timeout_s=5.0), PROMPT, params=PARAMS)
    assert completion.text == "text"
    assert completion.info.engine == ""
    assert time.perf_counter() - begin < 6


class QueuedEngine:
    """Has a queue, and tells what is cached for a salt."""

    info = EngineInfo("m", "http://127.0.0.1:1/v1", loopback=True, engine="vllm")

    async def describe(self) -> EngineInfo:
        return self.info

    async def generate(
        self, prompt: Prompt, *, params: SamplingParams, schema: Schema | None = None, salt: str | None = None
    ) -> AsyncGenerator[Delta, None]:
        for place in (2, 1):
            yield Delta(place=place)
        yield Delta(text=f"salted with {salt}", finish_reason="stop")

    async def forecast(self, prompt: Prompt, *, salt: str | None = None) -> Forecast | None:
        return Forecast(10, 9 if salt else 0)


def test_places_in_the_queue_are_handed_on_beside_the_text() -> None:
    places: list[int] = []
    pieces: list[str] = []
    completion = complete(
        QueuedEngine(), PROMPT, params=PARAMS, salt="ab", on_delta=pieces.append, on_place=places.append
    )
    assert (places, "".join(pieces), completion.text) == ([2, 1], "salted with ab", "salted with ab")


def test_nobody_need_listen_to_places() -> None:
    assert complete(QueuedEngine(), PROMPT, params=PARAMS).text == "salted with None"


def test_what_is_cached_is_told_for_a_salt() -> None:
    assert foresee(QueuedEngine(), PROMPT) == Forecast(10, 0)
    assert foresee(QueuedEngine(), PROMPT, salt="ab") == Forecast(10, 9)
