"""Replays the last commits of real repositories and tells how much of a pack each commit makes a server prefill again.

    python benchmarks/prefix_reuse.py --tokenizer TOKENIZER GIT_DIR...

Shares are of the pack's tokens, with what is kept rounded down to the server's blocks: vLLM's own of 16 tokens, and
8,192, the chunk of Llama 4's local attention. Weighted by attention each token counts as much as stands before it.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from histories import History, read_history
from layouts import Cost, Counting, LogLayout, RepackedLayout, by_churn, by_path, costs
from numpy.typing import NDArray
from repoask.context.pack.tokenizers.opening import open_tokenizer

_BLOCK, _CHUNK = 16, 8_192
_LARGE = 1_000_000
_LOG = "log"


@dataclass(frozen=True, slots=True)
class Row:
    """One layout over the commits of one repository; shares in percent.

    Attributes:
        tokens: Of the last commit's pack, packed anew.
        mean, median, p90: Prefilled again per commit, in whole blocks of 16.
        chunked: The mean in whole chunks of 8,192.
        attention: The mean weighted by attention.
        extra: Mean length over that of the pack packed anew.
        stale, stale_max: Superseded text.
        rewrites: Commits at which a suffix was written anew.
        mismatches: Commits at which the reader got other files.
    """

    repository: str
    layout: str
    tokens: int
    mean: float
    median: float
    p90: float
    chunked: float
    attention: float
    extra: float
    stale: float
    stale_max: float
    rewrites: int = 0
    mismatches: int = 0


def main(arguments: Sequence[str]) -> None:
    """Measures every repository named, prints a table, writes JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("repositories", nargs="+", type=Path, metavar="GIT_DIR")
    parser.add_argument("--tokenizer", required=True, help="a model's folder, tokenizer.json or file of ranks")
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--theta", type=float, default=0.2)
    parser.add_argument("--json", type=Path, help="where to write the rows")
    options = parser.parse_args(arguments)
    tokenizer = open_tokenizer(options.tokenizer)
    if not tokenizer.exact or not hasattr(tokenizer, "encode"):
        parser.error(f"{options.tokenizer}: gives counts only, and token ids are compared here")
    rows: list[Row] = []
    for repository in options.repositories:
        started = time.perf_counter()
        rows += _measure(read_history(repository, num_commits=options.commits), Counting(tokenizer), options.theta)
        print(f"{repository}: {time.perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
    print(_table(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


def _measure(history: History, count: Counting, theta: float) -> list[Row]:
    log = LogLayout(read=history.text, count=count, theta=theta)
    path_order = costs(RepackedLayout(by_path, read=history.text, count=count), history.steps())
    churn_order = costs(RepackedLayout(by_churn, read=history.text, count=count), history.steps())
    of_log = costs(log, history.steps())
    row = _row(history.name, _LOG, of_log, path_order, rewrites=log.num_rewrites, mismatches=log.mismatches)
    return [
        _row(history.name, "path order", path_order, path_order),
        _row(history.name, "repomix order", churn_order, path_order),
        row,
    ]


def _row(
    repository: str,
    layout: str,
    measured: Sequence[Cost],
    plain: Sequence[Cost],
    *,
    rewrites: int = 0,
    mismatches: int = 0,
) -> Row:
    sizes = np.array([cost.size for cost in measured], np.float64)
    kept = np.array([cost.kept for cost in measured], np.int64)
    stale = 100 * np.array([cost.stale for cost in measured]) / sizes
    plain_sizes = np.array([cost.size for cost in plain])
    blocks = kept // _BLOCK * _BLOCK
    shares = _share(sizes, blocks)
    return Row(
        repository=repository,
        layout=layout,
        tokens=plain[-1].size,
        mean=float(shares.mean()),
        median=float(np.median(shares)),
        p90=float(np.percentile(shares, 90)),
        chunked=float(_share(sizes, kept // _CHUNK * _CHUNK).mean()),
        attention=float((100 * (1 - (blocks / sizes) ** 2)).mean()),
        extra=float((100 * (sizes / plain_sizes - 1)).mean()),
        stale=float(stale.mean()),
        stale_max=float(stale.max()),
        rewrites=rewrites,
        mismatches=mismatches,
    )


def _share(sizes: NDArray[np.float64], kept: NDArray[np.int64]) -> NDArray[np.float64]:
    return 100 * (sizes - kept) / sizes


def _table(rows: Sequence[Row]) -> str:
    lines = [
        "| repository | M tokens | layout | mean % | median | p90 | mean at 8,192 | attention | extra length | stale "
        "mean / max | rewrites | mismatches |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [_line(row, f"{row.tokens / 1e6:.2f}") for row in sorted(rows, key=lambda row: row.tokens)]
    for name, large in (("under 1M, mean", False), ("over 1M, mean", True)):
        for layout in dict.fromkeys(row.layout for row in rows):
            group = [row for row in rows if row.layout == layout and (row.tokens > _LARGE) is large]
            if group:
                lines.append(_line(_mean(name, group), ""))
    return "\n".join(lines)


def _mean(name: str, rows: Sequence[Row]) -> Row:
    def mean(field: str) -> float:
        return float(np.mean([getattr(row, field) for row in rows]))

    means = {field: mean(field) for field in ("mean", "median", "p90", "chunked", "attention", "extra", "stale")}
    return Row(
        repository=f"**{name}**",
        layout=rows[0].layout,
        tokens=0,
        stale_max=max(row.stale_max for row in rows),
        rewrites=sum(row.rewrites for row in rows),
        mismatches=sum(row.mismatches for row in rows),
        **means,
    )


def _line(row: Row, tokens: str) -> str:
    log = row.layout == _LOG
    cells = [
        row.repository,
        tokens,
        row.layout,
        f"{row.mean:.2f}",
        f"{row.median:.2f}",
        f"{row.p90:.2f}",
        f"{row.chunked:.2f}",
        f"{row.attention:.2f}",
        f"{row.extra:.1f}",
        f"{row.stale:.1f} / {row.stale_max:.1f}" if log else "",
        str(row.rewrites) if log else "",
        str(row.mismatches) if log else "",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main(sys.argv[1:])
