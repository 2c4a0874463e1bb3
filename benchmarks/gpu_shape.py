"""Measures a model of Llama 4 Scout's shape on vLLM and one GPU: read cold, asked again, and asked after a restart.

    PYTHONPATH=.dev python benchmarks/gpu_shape.py --layers 12 --tokens 8192 43000 131072 --tier FOLDER

Runs in the environment of vLLM 0.32, with this checkout as the package `repoask` (`make .dev/repoask`). Weights are
random and layers as few as fit; attention, experts, scheduling and prefix caching are those of the real model.
"""

import argparse
import json
import multiprocessing
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from gpu_constants import Constants, measure_constants
from repoask.service.planning.gpus import Machine, read_machine
from repoask.service.planning.layout import lay_out
from repoask.service.planning.memory import KvLayout
from repoask.service.planning.model_config import architecture_of
from repoask.service.planning.precision import KvPrecision, WeightPrecision
from repoask.service.planning.speed import Speed
from shape_engine import CHUNK, Asked, ShapeEngine, scout_config

_QUESTIONS, _QUESTION_TOKENS = 4, 64
_ROOM = 1024  # for the question, the answer and a block
_SCOUT_LAYERS = 48
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Row:
    """One length.

    Attributes:
        tokens: Of what is asked about; a question of 64 tokens comes on top.
        cold_s: To the first token, nothing cached.
        computed_s: What the planner computes for it, before its factor for practice.
        second_s: To the first token of another question about the same, the median of three.
        num_cached: Tokens of the first of these that vLLM reports as cached.
        same: Of the 16 tokens of the first answer, those that come again, until one differs, when it is asked again.
        restarted_s, restarted_cached, restarted_same: The same three in a new process; None where it was not tried.
    """

    tokens: int
    cold_s: float
    computed_s: float
    second_s: float
    num_cached: int
    same: int
    restarted_s: float | None = None
    restarted_cached: int | None = None
    restarted_same: int | None = None


@dataclass(frozen=True, slots=True)
class _Setup:
    """What a process of vLLM needs to know; it crosses to that process."""

    config: dict[str, Any]
    model: Path
    lengths: tuple[int, ...]
    machine: Machine
    utilization: float
    host_gib: float
    tier: Path | None = None


def main(arguments: Sequence[str]) -> None:
    """Measures each length, prints tables, writes JSON."""
    options = _parser().parse_args(arguments)
    config = scout_config(layers=options.layers, context=max(options.tokens) + _ROOM, is_tiny=options.tiny)
    constants = None if options.tiny else _in_new_process(measure_constants, options.tier or Path.cwd())
    if constants:
        _tell(asdict(constants))
    with tempfile.TemporaryDirectory() as model:
        (Path(model) / "config.json").write_text(json.dumps(config))
        lengths = tuple(sorted(options.tokens))
        setup = _Setup(config, Path(model), lengths, read_machine(options.gpu), options.memory, options.host_gib)
        rows, memory = _in_new_process(_measure, setup)
        if options.tier:
            kept = tuple(length for length in lengths if CHUNK <= length <= options.tier_tokens)
            rows = _with_restarts(rows, replace(setup, lengths=kept, tier=options.tier))
    print(_tables(rows, constants, layers=options.layers, memory=memory))
    if options.json:
        found = {"constants": constants and asdict(constants), "memory_gib": memory, "rows": [asdict(r) for r in rows]}
        options.json.write_text(json.dumps(found, indent=1) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--layers", type=int, default=12, help=f"a multiple of 4; Scout has {_SCOUT_LAYERS}")
    parser.add_argument("--tokens", type=int, nargs="+", default=[8_192, 43_000, 131_072])
    parser.add_argument("--gpu", default="H100", help="as `repoask plan` calls it, for what it computes")
    parser.add_argument("--memory", type=float, default=0.92, help="share of the GPU's memory that vLLM takes")
    parser.add_argument("--tier", type=Path, help="an empty folder for KV that outlives the server")
    parser.add_argument("--tier-tokens", type=int, default=131_072, help="the longest prompt whose KV is kept there")
    parser.add_argument("--host-gib", type=float, default=16, help="host memory that such KV passes through")
    parser.add_argument("--tiny", action="store_true", help="a model so narrow that a CPU runs it")
    parser.add_argument("--json", type=Path, help="where to write the rows")
    return parser


def _in_new_process(work: Callable[[Any], _T], subject: Any) -> _T:
    """A GPU's memory comes back, and a cache is lost, only when the process ends."""
    with ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, subject).result()


def _measure(setup: _Setup) -> tuple[list[Row], float]:
    """Each length cold and again, and the GiB of the GPU in use at the end."""
    import torch

    engine, speed = _start(setup), _speed(setup)
    rows = []
    for length in setup.lengths:
        first, *others = _prompts(length, setup)
        cold = engine.ask(first)
        seconds = [engine.ask(other) for other in others]
        rows.append(
            Row(
                tokens=length,
                cold_s=cold.first_token_s,
                computed_s=speed.cold_s(len(first)),
                second_s=statistics.median(second.first_token_s for second in seconds),
                num_cached=seconds[0].num_cached_tokens,
                same=_same(cold, engine.ask(first)),
            )
        )
        _tell(asdict(rows[-1]))
    free, total = torch.cuda.mem_get_info() if torch.cuda.is_available() else (0, 0)
    return rows, (total - free) / 2**30


def _with_restarts(rows: Sequence[Row], setup: _Setup) -> list[Row]:
    answers = _in_new_process(_store, setup)
    found = dict(zip(setup.lengths, _in_new_process(_reload, setup), strict=True))
    return [
        replace(
            row,
            restarted_s=found[row.tokens].first_token_s,
            restarted_cached=found[row.tokens].num_cached_tokens,
            restarted_same=_same(answers[row.tokens], found[row.tokens]),
        )
        if row.tokens in found
        else row
        for row in rows
    ]


def _store(setup: _Setup) -> dict[int, Asked]:
    """First questions, whose KV goes to the tier."""
    engine = _start(setup)
    answers = {length: engine.ask(_prompts(length, setup)[0]) for length in setup.lengths}
    assert setup.tier, "there is somewhere to store"
    _tell({"with tier": {length: answer.first_token_s for length, answer in answers.items()}})
    _tell({"tier GB": engine.settle(setup.tier) / 1e9})
    return answers


def _reload(setup: _Setup) -> list[Asked]:
    engine = _start(setup)
    found = [engine.ask(_prompts(length, setup)[0]) for length in setup.lengths]
    _tell({"restarted": [(each.first_token_s, each.num_cached_tokens) for each in found]})
    return found


def _start(setup: _Setup) -> ShapeEngine:
    engine = ShapeEngine(setup.model, utilization=setup.utilization, tier=setup.tier, host_gib=setup.host_gib)
    # kernels are compiled at their first use, a second or so each: for full steps, short ones and a cached prefix
    for length in (_QUESTION_TOKENS, CHUNK, CHUNK + CHUNK // 4):
        for prompt in _prompts(length, setup, subject="warm-up"):
            engine.ask(prompt)
    return engine


def _speed(setup: _Setup) -> Speed:
    architecture = architecture_of(setup.config)
    kv = KvLayout.of(architecture, KvPrecision.BF16, is_hybrid=True)
    return Speed(architecture, setup.machine, lay_out(architecture, setup.machine), WeightPrecision.BF16, kv)


def _prompts(length: int, setup: _Setup, *, subject: str = "measured") -> list[list[int]]:
    """Questions about the same. No two lengths share a beginning, nor do subjects: what is cold must not be cached."""
    about = _ids(length, f"{subject} {length}", setup)
    return [about + _ids(_QUESTION_TOKENS, f"question {number}", setup) for number in range(_QUESTIONS)]


def _ids(count: int, seed: str, setup: _Setup) -> list[int]:
    return random.Random(seed).choices(range(10, setup.config["vocab_size"] - 2000), k=count)


def _same(one: Asked, other: Asked) -> int:
    pairs = enumerate(zip(one.answer, other.answer, strict=True))
    return next((place for place, (left, right) in pairs if left != right), len(one.answer))


def _tell(found: dict[str, Any]) -> None:
    print(json.dumps(found), file=sys.stderr, flush=True)


def _tables(rows: Sequence[Row], constants: Constants | None, *, layers: int, memory: float) -> str:
    lines = [f"{layers} of Scout's {_SCOUT_LAYERS} layers, {memory:.1f} GiB of the GPU in use at the end.", ""]
    lines += [
        "| tokens | cold s | tokens/s | computed s | ratio | second question s | cached | same answer "
        "| restarted s | cached | same answer |",
        "|" + "---|" * 11,
    ]
    for row in rows:
        restarted = ("", "", "")
        if row.restarted_s is not None:
            restarted = (f"{row.restarted_s:.2f}", f"{row.restarted_cached:,}", f"{row.restarted_same} of 16")
        cells = (
            *(f"{row.tokens:,}", f"{row.cold_s:.2f}", f"{row.tokens / row.cold_s:,.0f}", f"{row.computed_s:.2f}"),
            *(f"{row.cold_s / row.computed_s:.1f}", f"{row.second_s:.3f}", f"{row.num_cached:,}", f"{row.same} of 16"),
            *restarted,
        )
        lines.append("| " + " | ".join(cells) + " |")
    if constants:
        lines += ["", "| constant | measured |", "|---|---|"]
        lines += [f"| {name} | {value:,.1f} |" for name, value in constants.titled()]
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
