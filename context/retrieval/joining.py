"""Joins what several segments hold under one numbering of rows. Knows nothing of what the rows are."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Found", "found_in", "joined", "starts_of"]


class Found(NamedTuple):
    """What holds some keys that were looked up at once, key by key.

    Attributes:
        rows: Ascending for each key.
        of: Which of the keys each holds.
        counts: How often each holds it.
    """

    rows: NDArray[np.int64]
    of: NDArray[np.int64]
    counts: NDArray[np.float32]


def found_in(
    each: Sequence[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]], firsts: Sequence[int]
) -> Found:
    """What each segment holds of the same keys, together; `firsts` are the numbers of their first rows."""
    if len(each) == 1:
        return Found(*each[0])
    rows = joined([rows + first for (rows, _, _), first in zip(each, firsts, strict=False)], np.int64)
    of = joined([of for _, of, _ in each], np.int64)
    order = np.argsort(of, kind="stable")
    return Found(rows[order], of[order], joined([counts for *_, counts in each], np.float32)[order])


def starts_of(sizes: Iterable[int]) -> list[int]:
    """Where each of these many rows starts, and where the last ones end."""
    starts = [0]
    for size in sizes:
        starts.append(starts[-1] + size)
    return starts


def joined(parts: Sequence[NDArray[Any]], dtype: Any) -> NDArray[Any]:
    """One array of a type; an empty one of nothing."""
    return np.concatenate([np.zeros(0, dtype), *parts]).astype(dtype, copy=False)
