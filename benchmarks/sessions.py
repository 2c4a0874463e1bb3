"""What sessions cost on a real vLLM server on the CPU: warm beside cold, sixteen at once, killed and started again.

    PYTHONPATH=.dev python benchmarks/sessions.py [--model FOLDER] [--tokens 43000] [--json FILE]

Runs in the environment of repoask, with this checkout as the package `repoask` (`make .dev/repoask`), and starts
`repoask model serve` with the vLLM of `.venv-vllm` (`make test-vllm`), four times. The model is that of
`tests/vllm/tiny_model.py` unless one is given; for a million ids it has two layers of chunked attention. Weights are
random, prompts are random ids. `benchmarks/gpu_shape.py` measures Scout's shape on a GPU.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from serving import Server, make_model, start
from timed_engine import Asked, ask, ask_at_once, pack, question

_VLLM_PYTHON = Path(__file__).parents[1] / ".venv-vllm" / "bin" / "python"
_WARM_ROUNDS = 9
_COLD_ROUNDS = 3
_SESSIONS = 16
_OWN_TOKENS = 50_000
_LONG_TOKENS = 1_000_000
_LONG_MODEL = ("--layers", "2", "--hidden", "64", "--context", str(1 << 20))
_GOAL_S = {_OWN_TOKENS: 0.050, _LONG_TOKENS: 0.150}
_GOAL_RATIO = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    measure: str
    found: str
    goal: str = ""


class Bench:
    """Measures, each server in its turn.

    Args:
        work: A folder that is removed afterwards.
        model: What is served.
        python: Of vLLM's environment.
        tokens: Of a pack.
    """

    def __init__(self, work: Path, *, model: Path, python: Path, tokens: int) -> None:
        self._work, self._model, self._python, self._tokens = work, model, python, tokens
        self._asked: list[Asked] = []

    def rows(self) -> Iterator[Row]:
        """The table's lines."""
        with self._serving(self._model) as server:
            yield self._own_cost(server, _OWN_TOKENS)
            cold = self._cold(server)
            yield from self._warm(server, cold)
            yield from self._at_once(server, statistics.median(each.first_s for each in cold))
            kept_bytes = server.settle()
            server.kill()
        with self._serving(self._model) as server:
            yield self._restarted(server, cold[0], kept_bytes)
        long = make_model(self._work / "long", python=self._python, words=_LONG_MODEL)
        with self._serving(long, "--kv-disk", "0") as server:
            yield self._own_cost(server, _LONG_TOKENS)
        with self._serving(self._model, "--kv-disk", "0") as server:
            yield self._cost_of_tier(cold, self._cold(server))
        yield self._errors()

    @contextmanager
    def _serving(self, model: Path, *words: str) -> Iterator[Server]:
        server = start(model, python=self._python, home=self._work / "home", words=words)
        try:
            # what a first question compiles and allocates is not measured
            for seed in (900, 901):
                ask(server.base_url, question(pack(3000, seed=900), seed=seed))
            yield server
        finally:
            server.stop()

    def _own_cost(self, server: Server, num_tokens: int) -> Row:
        about = pack(num_tokens, seed=1)
        self._ask(server, about, seed=0)
        own = [self._ask(server, about, seed=seed).own_s for seed in range(1, 1 + _WARM_ROUNDS)]
        found = f"{_ms(statistics.median(own))} (most {_ms(max(own))})"
        return Row(
            f"repoask's own share of a warm question, {num_tokens:,} ids", found, f"< {_ms(_GOAL_S[num_tokens])}"
        )

    def _cold(self, server: Server) -> list[Asked]:
        seeds = range(10, 10 + _COLD_ROUNDS)
        return [self._ask(server, pack(self._tokens, seed=seed), seed=0) for seed in seeds]

    def _warm(self, server: Server, cold: Sequence[Asked]) -> Iterator[Row]:
        warm = [
            self._ask(server, pack(self._tokens, seed=10 + number), seed=seed)
            for number in range(len(cold))
            for seed in (1, 2, 3)
        ]
        cold_s, warm_s = (statistics.median(each.first_s for each in asked) for asked in (cold, warm))
        cached = min(each.usage.cached_tokens / each.usage.prompt_tokens for each in warm)
        yield Row(f"first text, {self._tokens:,} tokens: cold", f"{cold_s:.2f} s")
        yield Row("the same, warm", f"{warm_s:.3f} s, {cached:.2%} cached")
        yield Row("cold / warm", f"{cold_s / warm_s:.0f}x", f">= {_GOAL_RATIO}x")

    def _at_once(self, server: Server, cold_s: float) -> Iterator[Row]:
        about = pack(self._tokens, seed=20)
        asked = ask_at_once(server.base_url, [question(about, seed=seed) for seed in range(_SESSIONS)])
        computed = sum(each.usage.prompt_tokens - each.usage.cached_tokens for each in asked)
        one = asked[0].usage.prompt_tokens
        found = f"{computed:,} of {_SESSIONS * one:,} tokens prefilled = {computed / one:.3f} prompts"
        yield Row(f"{_SESSIONS} sessions on one pack at once", found, "one prefill")
        yield Row(
            "the same, until the last reply", f"{max(each.total_s for each in asked):.2f} s, one cold {cold_s:.2f} s"
        )

    def _restarted(self, server: Server, cold: Asked, kept_bytes: int) -> Row:
        again = self._ask(server, pack(self._tokens, seed=10), seed=0)
        usage = again.usage
        found = (
            f"{usage.cached_tokens:,} of {usage.prompt_tokens:,} tokens cached, {usage.restored_tokens:,} of them from "
            f"disk, first text {again.first_s:.2f} s, cold {cold.first_s:.2f} s ({kept_bytes / 1e6:.0f} MB on disk)"
        )
        return Row("killed (SIGKILL) and started again", found)

    def _cost_of_tier(self, kept: Sequence[Asked], plain: Sequence[Asked]) -> Row:
        with_tier, without = (statistics.median(each.first_s for each in asked) for asked in (kept, plain))
        found = f"{with_tier:.2f} s, without {without:.2f} s ({with_tier / without - 1:+.0%})"
        return Row(f"a cold prefill of {self._tokens:,} tokens with KV kept on disk", found)

    def _errors(self) -> Row:
        errors = [abs(each.forecast.cached_tokens - each.usage.cached_tokens) for each in self._asked if each.forecast]
        restored = [
            abs(each.forecast.restored_tokens - each.usage.restored_tokens) for each in self._asked if each.forecast
        ]
        found = (
            f"{max(errors):,} tokens at most, {sum(errors):,} in all; of those restored {max(restored):,}; "
            f"{len(errors)} questions, {len(self._asked) - len(errors)} without a forecast"
        )
        return Row("error of the forecast of cached tokens", found)

    def _ask(self, server: Server, about: Any, *, seed: int) -> Asked:
        asked = ask(server.base_url, question(about, seed=seed))
        print(json.dumps(asdict(asked)), file=sys.stderr, flush=True)
        self._asked.append(asked)
        return asked


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def _table(rows: Sequence[Row]) -> str:
    lines = ["| measure | found | goal |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {row.measure} | {row.found} | {row.goal} |" for row in rows)])


def main() -> None:
    """Measures and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="a folder; the tests' model of 8 layers where it is left out")
    parser.add_argument("--python", type=Path, default=_VLLM_PYTHON, help="of an environment with vLLM")
    parser.add_argument("--tokens", type=int, default=43_000, help="of a pack")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    load = [f"load before {os.getloadavg()[0]:.1f}"]
    with tempfile.TemporaryDirectory(prefix="repoask-benchmark-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        model = options.model or make_model(work / "tiny", python=options.python)
        bench = Bench(work, model=model, python=options.python, tokens=options.tokens)
        rows = []
        for row in bench.rows():
            print(row, file=sys.stderr, flush=True)
            rows.append(row)
    load.append(f"after {os.getloadavg()[0]:.1f}")
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(load)}"
    print(f"{machine}\n\n{_table(rows)}")
    if options.json:
        report = {"machine": machine, "rows": [asdict(row) for row in rows]}
        options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
