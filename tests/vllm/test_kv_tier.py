"""KV outlives a real server that is killed, and nothing that is wrong with it changes an answer.

Starts cost half a minute each, so the tests share them and run in their order: a first server fills the folder and is
killed; a second one finds it, under a limit; a third shares it with the second; a fourth has other weights.
"""

import asyncio
import json
import os
import random
import resource
import shutil
import signal
import socket
import time
import urllib.request
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from repoask.config import read_state
from repoask.service.engine.protocol import Forecast, Prompt, SamplingParams, Segment, Usage
from repoask.service.engine.vllm.plugin.repoask_vllm.kv.ledger import Ledger
from repoask.service.engine.vllm.processes import processes_of
from repoask.service.engine.vllm.segment_engine import SegmentEngine

pytestmark = pytest.mark.vllm

Serve = Callable[..., Any]

_CHUNK = 1024
# 2 global layers of 8, keys and values, 2 heads of 32 numbers of 4 bytes; a header
_CHUNK_BYTES = 2 * 2 * 2 * 32 * 4 * _CHUNK
_FILE_BYTES = _CHUNK_BYTES + 56
_LIMIT_CHUNKS = 15
_SETTLE_S = 0.5
# a prompt whose end is no UTF-8 would come back as text from vLLM
_WORDS = (1000,) * 20


@dataclass(frozen=True)
class Answer:
    """What a server said: token ids with their logarithms of probability, and how much of the prompt it had cached."""

    tokens: tuple[str, ...]
    logprobs: tuple[float, ...]
    cached: int

    def says_the_same_as(self, other: "Answer") -> bool:
        close = pytest.approx(other.logprobs, abs=1e-3)
        return self.tokens == other.tokens and self.logprobs == close


def _prompt(seed: int, chunks: int, rest: int = 300) -> tuple[int, ...]:
    numbers = random.Random(seed)
    return tuple(numbers.randrange(10, 4000) for _ in range(chunks * _CHUNK + rest))


_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH = (_prompt(seed, chunks) for seed, chunks in enumerate((5, 5, 4, 3, 2)))
_WHOLE_CHUNKS = _prompt(7, 2, rest=0)


def _ask(serving: Any, prompt: Sequence[int]) -> Answer:
    asked = {"model": "tiny-scout", "prompt": prompt, "max_tokens": 8, "temperature": 0, "logprobs": 0}
    request = urllib.request.Request(
        f"{serving.base_url}/completions",
        json.dumps({**asked, "return_tokens_as_token_ids": True, "ignore_eos": True}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=120) as response:
        reply = json.load(response)
    told = reply["choices"][0]["logprobs"]
    cached = (reply["usage"]["prompt_tokens_details"] or {}).get("cached_tokens") or 0
    return Answer(tuple(told["tokens"]), tuple(told["token_logprobs"]), cached)


def _forecast_and_truth(serving: Any, ids: Sequence[int]) -> tuple[Forecast, Usage]:
    """What the middleware tells of a prompt, whose end is replaced, before and after it is asked."""
    engine = SegmentEngine(serving.base_url, "tiny-scout", timeout_s=120)
    about = ids[: -len(_WORDS)]
    prompt = Prompt(segments=(Segment.of(array("I", about).tobytes()),), token_ids=_WORDS)
    params = SamplingParams(temperature=0.0, seed=None, max_tokens=8)

    async def ask() -> tuple[Forecast | None, list[Usage]]:
        told = await engine.forecast(prompt)
        return told, [delta.usage async for delta in engine.generate(prompt, params=params) if delta.usage]

    told, (usage,) = asyncio.run(ask())
    assert told is not None
    return told, usage


def _files(folder: Path) -> list[Path]:
    """The least used first, the end of a prompt before its beginning."""
    return sorted(folder.rglob("*.kv"), key=lambda file: file.stat().st_mtime_ns)


def _wait_for(condition: Callable[[], object], *, within_s: float = 30) -> bool:
    deadline = time.monotonic() + within_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return bool(condition())


def _ask_and_store(serving: Any, folder: Path, prompt: Sequence[int]) -> tuple[Answer, list[Path]]:
    """The files that the prompt brought, its beginning first."""
    before = {*_files(folder)}
    answer = _ask(serving, prompt)
    assert _wait_for(lambda: len({*_files(folder)} - before) == len(prompt) // _CHUNK)
    return answer, [file for file in reversed(_files(folder)) if file not in before]


def _started(serve: Serve, folder: Path, *words: str, **named: Any) -> Any:
    serving = serve("--kv-dir", str(folder), *words, "--", "--dtype", "float32", **named)
    assert serving.wait_until_ready(), serving.finish()
    return serving


def _kill(serving: Any) -> None:
    for pid in processes_of(serving.log):
        os.kill(pid, signal.SIGKILL)
    assert serving.finish()[0] == 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "kv"


@dataclass
class Killed:
    """What a server left that was killed."""

    cold: dict[Sequence[int], Answer]
    files: dict[Sequence[int], list[Path]]
    shared: list[Path]


@pytest.fixture(scope="module")
def killed(serve: Serve, folder: Path) -> Killed:
    serving = _started(serve, folder)
    cold, files = {}, {}
    for prompt in (_FIRST, _SECOND, _WHOLE_CHUNKS):
        cold[prompt], files[prompt] = _ask_and_store(serving, folder, prompt)
    # not of chunks that are kept
    cold[_FIRST[:700]] = _ask(serving, _FIRST[:700])
    shared = [Path(name) for name in read_state(serving.log.with_suffix(".json")) if "vllm_offload" in name]
    assert shared
    assert all(file.exists() for file in shared)
    _kill(serving)
    return Killed(cold, files, shared)


@pytest.fixture(scope="module")
def restarted(serve: Serve, folder: Path, killed: Killed) -> Iterator[Any]:
    damaged = killed.files[_SECOND][2]
    content = bytearray(damaged.read_bytes())
    content[len(content) // 2] ^= 1
    stamp = damaged.stat().st_mtime_ns
    damaged.write_bytes(content)
    os.utime(damaged, ns=(stamp, stamp))
    serving = _started(serve, folder, "--kv-disk", str(_LIMIT_CHUNKS * _FILE_BYTES))
    yield serving
    assert serving.interrupt()[0] == 0


def test_only_the_global_layers_are_kept(killed: Killed) -> None:
    assert [len(files) for files in killed.files.values()] == [5, 5, 2]
    assert {file.stat().st_size for files in killed.files.values() for file in files} == {_FILE_BYTES}


def test_a_forecast_tells_what_will_come_back(restarted: Any, killed: Killed) -> None:
    assert killed.files
    # the second finds 256 tokens of its last chunk in the engine: less than a chunk is not loaded
    for chunks, rest, is_loaded in ((2, 300, True), (3, 100, False), (4, 100, True)):
        told, truth = _forecast_and_truth(restarted, _FIRST[: chunks * _CHUNK + rest])
        assert (told.cached_tokens, told.restored_tokens) == (truth.cached_tokens, truth.restored_tokens)
        assert (truth.restored_tokens > 0) == is_loaded
        time.sleep(_SETTLE_S)  # the engine's events come a little after its reply


def test_what_was_on_disk_comes_back_and_says_the_same(restarted: Any, killed: Killed) -> None:
    assert not [file for file in killed.shared if file.exists()]
    for prompt, chunks in ((_FIRST, 5), (_WHOLE_CHUNKS, 1)):  # of whole chunks the last one holds the last token
        answer = _ask(restarted, prompt)
        assert answer.cached == chunks * _CHUNK
        assert answer.says_the_same_as(killed.cold[prompt])
    answer = _ask(restarted, _FIRST)
    assert answer.cached > 5 * _CHUNK
    assert answer.says_the_same_as(killed.cold[_FIRST])


def test_a_flipped_bit_is_a_miss_and_not_an_answer(restarted: Any, folder: Path, killed: Killed) -> None:
    begin = _ask(restarted, _SECOND[: _CHUNK + 500])  # cached in part by the server itself, amid a chunk
    assert begin.cached == _CHUNK
    answer = _ask(restarted, _SECOND)
    assert answer.says_the_same_as(killed.cold[_SECOND])
    assert _CHUNK <= answer.cached <= 2 * _CHUNK
    damaged = killed.files[_SECOND][2]
    assert f"{damaged}: its checksum does not fit" in restarted.log.read_text()
    # computed anew, it is stored anew
    assert _wait_for(damaged.exists)
    assert _wait_for(lambda: len(_files(folder)) == 12)


def test_a_full_folder_evicts_the_longest_unused(restarted: Any, folder: Path, killed: Killed) -> None:
    _, files = _ask_and_store(restarted, folder, _THIRD)
    assert _wait_for(lambda: len(_files(folder)) == _LIMIT_CHUNKS)
    assert all(file.exists() for file in files)
    assert all(file.exists() for file in killed.files[_SECOND])
    # 12 and 4 are one too many: the end of the prompt that was asked before the others
    gone = [file for files in killed.files.values() for file in files if not file.exists()]
    assert gone == [killed.files[_WHOLE_CHUNKS][-1]]
    with Ledger(folder).opened() as book:
        assert book.used_bytes == _LIMIT_CHUNKS * _FILE_BYTES


def test_two_servers_share_a_folder(restarted: Any, serve: Serve, folder: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    limit = str(_LIMIT_CHUNKS * _FILE_BYTES)
    other = replace(_started(serve, folder, "--kv-disk", limit, "--port", str(port)), port=port)
    assert _ask(other, _SECOND).cached == 5 * _CHUNK
    cold, _ = _ask_and_store(other, folder, _FOURTH)
    assert cold.cached == 0
    answer = _ask(restarted, _FOURTH)
    assert answer.cached == 3 * _CHUNK
    assert answer.says_the_same_as(cold)
    assert other.interrupt()[0] == 0
    assert len(_files(folder)) == _LIMIT_CHUNKS


def test_a_full_disk_ends_storing_and_nothing_else(restarted: Any, folder: Path) -> None:
    for pid in processes_of(restarted.log):
        # as on a full disk, a write ends amid a file
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (_FILE_BYTES - 1000, resource.RLIM_INFINITY))
    files = _files(folder)
    cold = _ask(restarted, _FIFTH)
    assert cold.cached == 0
    assert _ask(restarted, _FIFTH).says_the_same_as(cold)
    assert _wait_for(lambda: "no KV is stored on disk from here on" in restarted.log.read_text())
    assert restarted.log.read_text().count("no KV is stored on disk from here on") == 1
    assert not [*folder.rglob("*.tmp")]
    assert len(_files(folder)) <= len(files)


def test_another_revision_of_the_weights_reads_nothing(
    serve: Serve, folder: Path, killed: Killed, tiny_scout: Path, tmp_path: Path, restarted: Any
) -> None:
    assert restarted.process.poll() is None
    revised = tmp_path / "tiny-scout"
    shutil.copytree(tiny_scout, revised)
    weights = revised / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-2000:] = bytes(2000)
    weights.write_bytes(content)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    other = replace(_started(serve, folder, "--port", str(port), model=revised), port=port)
    answer = _ask(other, _SECOND)
    assert answer.cached == 0
    assert other.interrupt()[0] == 0
    assert len({file.parents[1] for file in _files(folder)}) == 2
