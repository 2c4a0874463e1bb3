"""Takes the rows with the highest scores, the same ones whatever the order of rows. Knows nothing of what they are."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["highest"]


def highest(scores: NDArray[np.floating], files: NDArray[np.int64], *, most: int) -> NDArray[np.int64]:
    """The rows with the highest scores, best first, at most so many.

    Args:
        scores: Of each row. Shape (n,).
        files: The place by path of each row's file, in which rows are in order of their lines: ties go by both. Shape
            (n,).
        most: How many.
    """
    rows = np.arange(len(scores))
    if len(rows) > most:  # few of many: the rest need not be put in order
        rows = np.flatnonzero(scores >= np.partition(scores, -most)[-most])
    return rows[np.lexsort((rows, files[rows], -scores[rows]))][:most]
