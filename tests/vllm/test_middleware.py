"""The pages that repoask adds to its vLLM server, asked by repoask's own client."""

import asyncio
import json
import os
import random
import signal
import time
import urllib.request
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from repoask.errors import EngineReplyError, EngineUnreachableError
from repoask.service.engine.protocol import Delta, Prompt, SamplingParams, Schema, Segment, Usage
from repoask.service.engine.vllm.cache_counters import CacheCounters, counted, read_counters
from repoask.service.engine.vllm.processes import processes_of
from repoask.service.engine.vllm.segment_engine import SegmentEngine

pytestmark = pytest.mark.vllm

TENANT, STRANGER = "a" * 64, "b" * 64
BLOCK = 128
# behind the control tokens and the single bytes: a prompt that is no UTF-8 would come back as text from vLLM
_WHOLE_WORDS = range(5 + 256, 4096)
_SETTLE_S = 0.5


def ids(count: int, seed: int) -> list[int]:
    return random.Random(seed).choices(_WHOLE_WORDS, k=count)


def segment(count: int, seed: int) -> Segment:
    return Segment.of(array("I", ids(count, seed)).tobytes())


def prompt(*sizes: int, seed: int, tail: int = 9) -> Prompt:
    """A prompt of segments of these sizes; those of one seed begin alike."""
    segments = tuple(segment(size, 1000 * seed + index) for index, size in enumerate(sizes))
    return Prompt(segments=segments, token_ids=tuple(ids(20, tail)))


class Asking:
    """Asks the server."""

    def __init__(self, server: Any) -> None:
        self.engine = SegmentEngine(server.base_url, "tiny-scout", timeout_s=120.0, max_retries=0)
        self._page = server.base_url.removesuffix("/v1") + "/repoask"

    async def deltas(
        self, asked: Prompt, *, salt: str = TENANT, max_tokens: int = 4, schema: Schema | None = None
    ) -> list[Delta]:
        params = SamplingParams(temperature=0.0, seed=None, max_tokens=max_tokens)
        async with aclosing(self.engine.generate(asked, params=params, schema=schema, salt=salt)) as coming:
            return [delta async for delta in coming]

    async def usage(self, asked: Prompt, **options: Any) -> Usage:
        return next(delta.usage for delta in await self.deltas(asked, **options) if delta.usage)

    async def forecast_and_truth(self, asked: Prompt, **options: Any) -> tuple[int, int]:
        told = await self.engine.forecast(asked, salt=options.get("salt", TENANT))
        assert told is not None
        assert told.prompt_tokens == asked.num_tokens
        truth = await self.usage(asked, **options)
        # the engine's events come a little after its reply
        await asyncio.sleep(_SETTLE_S)
        return told.cached_tokens, truth.cached_tokens

    def state(self) -> dict[str, Any]:
        with urllib.request.urlopen(self._page, timeout=10) as page:
            return dict(json.load(page))

    def counters(self) -> CacheCounters | None:
        with urllib.request.urlopen(self._page.removesuffix("/repoask") + "/metrics", timeout=10) as page:
            return read_counters(page.read().decode())

    async def until(self, is_so: Callable[[dict[str, Any]], bool]) -> float:
        """Seconds until the server's state is so."""
        begin = time.monotonic()
        while not is_so(await asyncio.to_thread(self.state)):
            assert time.monotonic() - begin < 30, self.state()
            await asyncio.sleep(0.05)
        return time.monotonic() - begin

    @asynccontextmanager
    async def running(self, asked: Prompt) -> AsyncIterator["asyncio.Task[list[Delta]]"]:
        task = asyncio.create_task(self.deltas(asked))
        await self.until(lambda state: state["running"] > 0)
        yield task
        if not task.done():
            task.cancel()
            await asyncio.wait({task})


@pytest.fixture
def asking(server: Any) -> Asking:
    return Asking(server)


def test_the_servers_own_counters_tell_the_same(asking: Asking) -> None:
    asked = prompt(3000, seed=77)
    asyncio.run(asking.usage(asked))
    before = asking.counters()
    truth = asyncio.run(asking.usage(asked))
    untold = Usage(truth.prompt_tokens, truth.completion_tokens)
    assert truth.cached_tokens
    assert counted(untold, before, asking.counters()).cached_tokens == truth.cached_tokens


def test_the_server_tells_what_it_is(asking: Asking) -> None:
    info = asyncio.run(asking.engine.describe())
    assert (info.engine, info.max_model_len, list(info.versions)) == ("vllm", 65_536, ["vllm"])
    state = asking.state()
    assert (state["repoask"], state["block_size"], state["model"], state["forecasts"]) == (1, BLOCK, "tiny-scout", True)


def test_the_second_question_is_read_from_the_cache_and_a_forecast_tells_so(asking: Asking) -> None:
    async def run() -> None:
        asked = prompt(4000, 9000, seed=1)
        assert await asking.forecast_and_truth(asked) == (0, 0)
        again = prompt(4000, 9000, seed=1, tail=10)
        told, truth = await asking.forecast_and_truth(again)
        assert told == truth
        assert truth >= 0.99 * again.num_tokens

    asyncio.run(run())


def test_an_appended_section_keeps_what_was_cached(asking: Asking) -> None:
    async def run() -> None:
        await asking.usage(prompt(5000, seed=2))
        await asyncio.sleep(_SETTLE_S)
        told, truth = await asking.forecast_and_truth(prompt(5000, 700, seed=2))
        assert told == truth
        assert 5000 - BLOCK < truth <= 5000
        shorter = Prompt(segments=(segment(1500, 2000), segment(700, 3)), token_ids=(9,))
        told, truth = await asking.forecast_and_truth(shorter)
        assert told == truth

    asyncio.run(run())


def test_a_prompt_that_parts_within_a_segment_is_forecast_by_its_blocks(asking: Asking) -> None:
    async def run() -> None:
        whole = ids(3000, 77)
        await asking.usage(Prompt(token_ids=tuple(whole)))
        await asyncio.sleep(_SETTLE_S)
        for kept in (100, 1000, 1024, 2100):
            part = array("I", [*whole[:kept], *ids(1500, kept)]).tobytes()
            told, truth = await asking.forecast_and_truth(Prompt(segments=(Segment.of(part),), token_ids=(9,)))
            assert told == truth
            assert truth <= kept

    asyncio.run(run())


def test_another_tenant_finds_nothing_and_cannot_name_a_segment(asking: Asking, server: Any) -> None:
    async def run() -> None:
        asked = prompt(3000, seed=4)
        await asking.usage(asked)
        digest = asked.segments[0].digest
        question = {"model": "tiny-scout", "segments": [digest], "tail": [9], "max_tokens": 1, "temperature": 0}
        request = urllib.request.Request(
            server.base_url.removesuffix("/v1") + "/repoask/v1/completions",
            json.dumps(question).encode(),
            {"X-Repoask-Salt": STRANGER},
        )
        with pytest.raises(urllib.request.HTTPError) as refused:
            await asyncio.to_thread(urllib.request.urlopen, request)
        assert refused.value.code == 409
        assert json.load(refused.value)["error"]["missing"] == [digest]
        assert await asking.forecast_and_truth(asked, salt=STRANGER) == (0, 0)

    asyncio.run(run())


def test_sixteen_at_once_on_one_pack_cost_one_prefill(asking: Asking) -> None:
    async def run() -> None:
        asked = [prompt(8000, seed=5, tail=tail) for tail in range(16)]
        replies = await asyncio.gather(*(asking.deltas(each) for each in asked))
        usages = [next(delta.usage for delta in reply if delta.usage) for reply in replies]
        computed = sum(usage.prompt_tokens - usage.cached_tokens for usage in usages)
        assert computed <= 8020 + 15 * (20 + BLOCK)
        assert sum(any(delta.place for delta in reply) for reply in replies) == 15

    asyncio.run(run())


def test_who_hangs_up_frees_the_request_running_or_waiting(asking: Asking) -> None:
    async def run() -> None:
        async with asking.running(prompt(45_000, seed=6)) as running:
            waiting = asyncio.create_task(asking.deltas(prompt(45_000, seed=6, tail=10)))
            await asking.until(lambda state: state["waiting"] == 1)
            waiting.cancel()
            await asking.until(lambda state: state["waiting"] == 0)
            assert not running.done()
            running.cancel()
            freed_s = await asking.until(lambda state: state["running"] == 0)
            # a step of the engine's at most, not the whole prompt
            assert freed_s < 10

    asyncio.run(run())


def test_a_schema_constrains_the_reply(asking: Asking) -> None:
    async def run() -> None:
        asked = prompt(300, seed=7)
        free, bound = [
            "".join(delta.text for delta in await asking.deltas(asked, max_tokens=24, schema=schema))
            for schema in (None, {"enum": ["located", "stale"]})
        ]
        assert json.loads(bound) in {"located", "stale"}
        assert free != bound

    asyncio.run(run())


def test_what_cannot_be_answered_is_refused_at_once(asking: Asking) -> None:
    async def run() -> None:
        with pytest.raises(EngineReplyError, match=r"over the model's context of 65,536"):
            await asking.deltas(prompt(65_000, seed=8), max_tokens=1000)
        with pytest.raises(EngineReplyError, match=r"no id of the vocabulary \(0 to 4,095\)"):
            await asking.deltas(Prompt(segments=(Segment.of(b"\0\0\1\0"),), token_ids=(9,)))
        with pytest.raises(EngineReplyError, match="400"):
            await asking.deltas(prompt(300, seed=7), schema={"type": "no such type"})
        assert asking.state()["running"] == 0

    asyncio.run(run())


def test_a_server_that_is_killed_while_it_answers_is_told(asking: Asking, server: Any) -> None:
    """The last test: it ends the server."""
    parents = {
        pid: int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        for pid in processes_of(server.log)
    }
    top = next(pid for pid, parent in parents.items() if parent == server.process.pid)

    async def run() -> None:
        params = SamplingParams(temperature=0.0, seed=None, max_tokens=2000)
        async with aclosing(asking.engine.generate(prompt(300, seed=9), params=params)) as coming:
            async for delta in coming:
                if delta.text:
                    os.kill(top, signal.SIGKILL)

    with pytest.raises(EngineUnreachableError, match="broke off"):
        asyncio.run(run())
