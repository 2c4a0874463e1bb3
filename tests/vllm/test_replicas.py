"""Two real servers of one model, asked as one."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from repoask.service.engine.protocol import Prompt, SamplingParams, Segment, Usage
from repoask.service.engine.replicas import Replicas
from repoask.service.engine.vllm.segment_engine import SegmentEngine

pytestmark = pytest.mark.vllm

_PARAMS = SamplingParams(temperature=0.0, seed=0, max_tokens=4)
_PACK_TOKENS = 12_800
_SETTLE_S = 0.5  # the engine's events come a little after its reply


@pytest.fixture(scope="module")
def replicas(serve: Callable[..., Any]) -> Iterator[tuple[list[str], list[Any]]]:
    """The URLs of two servers, each with KV of its own alone, and the servers."""
    urls, servings = [], []
    for _ in range(2):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        serving = serve("--port", str(port), "--kv-disk", "0")
        urls.append(f"http://127.0.0.1:{port}/v1")
        servings.append(serving)
    for url, serving in zip(urls, servings, strict=True):
        assert serving.wait_until_ready() == url, serving.finish()
    yield urls, servings
    for serving in servings:
        if serving.process.poll() is None:
            serving.interrupt(signal.SIGTERM)


def _prompt(pack: int, turn: int) -> Prompt:
    head = Segment.of(b"".join(token.to_bytes(4, "little") for token in range(300, 420)))
    ids = ((300 + (pack * 7919 + place * 31) % 3000) for place in range(_PACK_TOKENS))
    body = Segment.of(b"".join(token.to_bytes(4, "little") for token in ids))
    return Prompt(segments=(head, body), token_ids=tuple(range(500 + 20 * turn, 520 + 20 * turn)))


class _Session:
    """Asks about one pack; each question by an engine of its own, as each run of the command does."""

    def __init__(self, urls: list[str], pack: int) -> None:
        self._urls, self._pack, self._turns = urls, pack, count()

    def ask(self) -> tuple[str, Usage]:
        """Which server answered, and what it counted."""
        engine = Replicas([SegmentEngine(url, "tiny-scout", timeout_s=120.0, max_retries=0) for url in self._urls])

        async def ask() -> Usage:
            deltas = engine.generate(_prompt(self._pack, next(self._turns)), params=_PARAMS)
            usages = [delta.usage async for delta in deltas if delta.usage]
            await asyncio.sleep(_SETTLE_S)
            return usages[-1]

        usage = asyncio.run(ask())
        return engine.info.base_url, usage


def test_two_sessions_stay_on_their_servers_and_move_when_one_is_gone(replicas: tuple[list[str], list[Any]]) -> None:
    urls, servings = replicas
    sessions: dict[str, _Session] = {}
    for pack in range(20):
        session = _Session(urls, pack)
        where, usage = session.ask()
        assert usage.cached_tokens < 200  # the rules, which all packs share
        sessions.setdefault(where, session)
        if len(sessions) == len(urls):
            break
    assert sessions.keys() == set(urls)
    for _ in range(2):
        for home, session in sessions.items():
            where, usage = session.ask()
            assert where == home
            assert usage.cached_tokens >= 0.98 * usage.prompt_tokens

    gone, left = urls
    servings[0].interrupt(signal.SIGTERM)
    where, usage = sessions[gone].ask()
    assert (where, usage.cached_tokens < 200) == (left, True)
    where, usage = sessions[gone].ask()
    assert (where, usage.cached_tokens >= 0.98 * usage.prompt_tokens) == (left, True)
