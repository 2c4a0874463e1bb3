"""Chooses from where a log is written anew. Knows only the sizes of entries and how much of each is current.

Superseded text costs length until it is cut off, and whatever stands behind it is prefilled again when it is. So a cut
is made where it frees the most for what it costs.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["choose_cut"]


def choose_cut(
    sizes: NDArray[np.int64], lives: NDArray[np.int64], *, first: int, before: int, theta: float
) -> int | None:
    """The entry from which to write anew, or None to leave the log as it is.

    A cut must free more than theta for each live token that it writes again, and of those it is the one that frees the
    most beyond that. What stands before it then holds at most theta superseded tokens for each live one, and so does a
    log that needs no cut: superseded text is never over theta / (1 + theta) of the whole.

    Small packs: 1.3% prefilled a commit and 8.3% longer. At 0.25 (0.15) for each live token a commit costs a seventh
    less (a fifth more) and a pack is 1.1% longer (1.6% shorter) than at 0.2.

    Args:
        sizes: Of each entry.
        lives: The current part of each.
        first: The first entry that may be rewritten.
        before: The cut must come before this entry; all from there on is live.
        theta: As above.
    """
    dead = (sizes - lives)[::-1].cumsum()[::-1][first:before]
    live = lives[::-1].cumsum()[::-1][first:before]
    if not len(dead):
        return None
    surplus = dead - theta * live
    cut = int(surplus.argmax())
    return first + cut if surplus[cut] > 0 else None
