"""Chooses from where a log is written anew. Knows only the sizes of entries and how much of each is current."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["choose_cut"]


def choose_cut(sizes: NDArray[np.int64], lives: NDArray[np.int64], *, first: int, theta: float) -> int | None:
    """The entry from which to write anew, or None to leave the log as it is.

    Args:
        sizes: Of each entry.
        lives: The current part of each.
        first: The first entry that may be rewritten.
        theta: The share of superseded text that the log may hold.
    """
    dead = (sizes - lives)[::-1].cumsum()[::-1]
    suffix = sizes[::-1].cumsum()[::-1]
    dense = np.nonzero(dead[first:] > theta * suffix[first:])[0]
    return first + int(dense[0]) if len(dense) else None
