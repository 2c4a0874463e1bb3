"""Measures of one answer against what is known to be right, their means, and how sure those are.

NDCG@10, Hit@k, Recall@10 and MRR are those of the development questions' `score.py`, to the digit. Knows nothing of how
an answer was found.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from questions import Target

__all__ = [
    "MAX_SPAN_LINES",
    "SHOWN",
    "Estimate",
    "Scored",
    "Shown",
    "estimate",
    "line_measures",
    "mean_over_languages",
    "mean_over_questions",
    "ndcg",
]

MAX_SPAN_LINES = 150
"""A longer result points at nothing: it hits no target."""

SHOWN = (100, 200, 300)
"""How many lines somebody reads."""

_DEPTH = 10
_REPLICATES = 2000


@dataclass(frozen=True, slots=True)
class Shown:
    """One result: lines `start` to `end` of `path`, 1-based and inclusive."""

    path: str
    start: int
    end: int

    @property
    def num_lines(self) -> int:
        """How many lines are shown."""
        return self.end - self.start + 1


@dataclass(frozen=True, slots=True)
class Scored:
    """One question's measures, and what means are taken over. A measure that does not apply is left out."""

    repository: str
    language: str
    kind: str
    measures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over `count` questions, and the 95% interval that chance in the choice of questions leaves."""

    value: float
    low: float
    high: float
    count: int


Mean = Callable[[Sequence[tuple[str, str, NDArray[np.float64]]]], NDArray[np.float64]]
"""From (repository, language, values) to the mean. Shapes: values (replicates, questions), mean (replicates,)."""


def ndcg(paths: Iterable[str], targets: Sequence[str], *, depth: int = _DEPTH) -> float:
    """NDCG of distinct files with a gain of 0 or 1 (Jaervelin and Kekaelaeinen 2002).

    A path that ends as the other begins below the top counts as the same: labels may be written from a sub-folder.
    """
    shown = list(dict.fromkeys(paths))[:depth]
    ranks = {next((rank for rank, path in enumerate(shown) if _same(path, target)), None) for target in targets}
    gained = sum(1 / math.log2(rank + 2) for rank in sorted(rank for rank in ranks if rank is not None))
    ideal = sum(1 / math.log2(rank + 2) for rank in range(min(depth, len(targets))))
    return gained / ideal if ideal else 0.0


def _same(path: str, target: str) -> bool:
    return path == target or path.endswith("/" + target) or target.endswith("/" + path)


def line_measures(results: Sequence[Shown], targets: Sequence[Target], *, found: bool) -> dict[str, float]:
    """The measures of one question with line answers; only "absent found out" where there are no targets.

    "answer in 100 lines": a result that hits a grade-2 target is seen by whoever reads that many lines, results best
    first, the last one cut where the lines end. "lines a span": mean over the results.
    """
    if not targets:
        return {"absent found out": float(not found)}
    results = results[:_DEPTH]
    answers = [target for target in targets if target.grade == 2]
    first = next((rank for rank, result in enumerate(results) if _hits_any(result, answers)), None)
    measures = {
        "hit@1": float(first == 0),
        "hit@5": float(first is not None and first < 5),
        "recall@10": fmean(float(any(_hits(result, target) for result in results)) for target in targets),
        "mrr": 0.0 if first is None else 1 / (first + 1),
        "answerable refused": float(not found),
    }
    measures |= {f"answer in {most} lines": float(_seen(results, answers, most)) for most in SHOWN}
    if results:
        measures["lines a span"] = fmean(result.num_lines for result in results)
    return measures


def _hits(result: Shown, target: Target) -> bool:
    overlaps = result.path == target.path and result.start <= target.end and target.start <= result.end
    return overlaps and result.num_lines <= MAX_SPAN_LINES


def _hits_any(result: Shown, targets: Iterable[Target]) -> bool:
    return any(_hits(result, target) for target in targets)


def _seen(results: Iterable[Shown], targets: Sequence[Target], most_lines: int) -> bool:
    left = most_lines
    for result in results:
        end = min(result.end, result.start + left - 1)
        if result.num_lines <= MAX_SPAN_LINES and _hits_any(Shown(result.path, result.start, end), targets):
            return True
        left -= result.num_lines
        if left <= 0:
            return False
    return False


def mean_over_questions(parts: Sequence[tuple[str, str, NDArray[np.float64]]]) -> NDArray[np.float64]:
    """The plain mean over all questions."""
    joined: NDArray[np.float64] = np.concatenate([values for _, _, values in parts], axis=1).mean(axis=1)
    return joined


def mean_over_languages(parts: Sequence[tuple[str, str, NDArray[np.float64]]]) -> NDArray[np.float64]:
    """The mean over languages of the mean over their repositories, so that a language with many weighs no more."""
    languages: dict[str, list[NDArray[np.float64]]] = {}
    for _, language, values in parts:
        languages.setdefault(language, []).append(values.mean(axis=1))
    return np.mean([np.mean(values, axis=0) for values in languages.values()], axis=0)


def estimate(scored: Iterable[Scored], measure: str, *, mean: Mean, seed: int = 0) -> Estimate | None:
    """The mean of one measure over the questions that have it; None where none has.

    The interval is a percentile bootstrap that draws questions anew within each repository (Efron 1979, stratified): it
    says what other questions on the same repositories would give, not what other repositories would. The same questions
    with the same seed are drawn alike, so the interval of a difference is had by scoring the differences.
    """
    by_repository: dict[tuple[str, str], list[float]] = {}
    for one in scored:
        if measure in one.measures:
            by_repository.setdefault((one.repository, one.language), []).append(one.measures[measure])
    if not by_repository:
        return None
    random = np.random.default_rng(seed)
    parts, redrawn = [], []
    for (repository, language), values in sorted(by_repository.items()):
        row = np.array(values)
        parts.append((repository, language, row[None, :]))
        drawn = random.integers(len(row), size=(_REPLICATES, len(row)))
        redrawn.append((repository, language, row[drawn]))
    low, high = np.percentile(mean(redrawn), (2.5, 97.5))
    count = sum(map(len, by_repository.values()))
    return Estimate(float(mean(parts)[0]), float(low), float(high), count)
