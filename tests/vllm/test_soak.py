"""Ten million token ids go through a real server once, as segments. `make soak`: 2.5 minutes and 10 GB of memory.

Two layers of chunked attention: their cost grows with the tokens, where a layer that sees everything would take days.
Nothing is cached: a model without such a layer finds in its cache what it has never read.
"""

import asyncio
import random
import subprocess
import sys
import time
from array import array
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import psutil
import pytest
from repoask.service.engine.protocol import Prompt, SamplingParams, Segment, Usage
from repoask.service.engine.vllm.processes import processes_of
from repoask.service.engine.vllm.segment_engine import SegmentEngine

pytestmark = pytest.mark.soak

_SEGMENTS, _SEGMENT_IDS = 10, 1_000_000
_CONTEXT = 10 * 1024 * 1024
_SHAPE = ("--layers", "2", "--hidden", "64", "--context", str(_CONTEXT))
_IDS = range(5 + 256, 4096)
_PATIENCE_S = 1800.0


@pytest.fixture(scope="module")
def long_model(tmp_path_factory: pytest.TempPathFactory, vllm_python: Path) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny-long"
    script = Path(__file__).with_name("tiny_model.py")
    subprocess.run([vllm_python, script, folder, *_SHAPE], check=True, capture_output=True, timeout=300)
    return folder


def test_ten_million_ids_are_read_and_answered(serve: Callable[..., Any], long_model: Path) -> None:
    serving = serve("--kv-disk", "0", "--", "--no-enable-prefix-caching", model=long_model)
    assert serving.wait_until_ready(), serving.finish()
    numbers = random.Random(0)
    segments = tuple(Segment.of(array("I", numbers.choices(_IDS, k=_SEGMENT_IDS)).tobytes()) for _ in range(_SEGMENTS))
    prompt = Prompt(segments=segments, token_ids=(9,))
    begun = time.monotonic()
    usage = asyncio.run(_usage(SegmentEngine(serving.base_url, timeout_s=_PATIENCE_S, max_retries=0), prompt))
    seconds = time.monotonic() - begun
    held = sum(psutil.Process(pid).memory_full_info().pss for pid in processes_of(serving.log))
    # for who runs it
    sys.stdout.write(f"\n{usage}: {seconds:.0f} s, the server holds {held / 1e9:.1f} GB\n")
    assert (usage.prompt_tokens, usage.cached_tokens) == (_SEGMENTS * _SEGMENT_IDS + 1, 0)
    assert usage.completion_tokens >= 1


async def _usage(engine: SegmentEngine, prompt: Prompt) -> Usage:
    params = SamplingParams(temperature=0.0, seed=None, max_tokens=8)
    async with aclosing(engine.generate(prompt, params=params)) as deltas:
        return next(filter(None, [delta.usage async for delta in deltas]))
