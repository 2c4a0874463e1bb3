"""Token ids as a `.npy` file that numpy maps: one row of little-endian uint32. Knows nothing of what they stand for."""

from collections.abc import Iterable
from typing import BinaryIO

import numpy as np

from ..types import TokenIds

__all__ = ["write_token_ids"]

_ID = np.dtype("<u4")


def write_token_ids(runs: Iterable[TokenIds], out: BinaryIO, *, count: int) -> None:
    """Writes runs of ids one after the other.

    Args:
        runs: Taken one at a time.
        out: May be a pipe; nothing is sought in it.
        count: How many ids there are in all, which the file's head says before the first.
    """
    head = {"descr": _ID.str, "fortran_order": False, "shape": (count,)}
    np.lib.format.write_array_header_1_0(out, head)
    for run in runs:
        out.write(np.ascontiguousarray(run, dtype=_ID).data)
        count -= len(run)
    if count:
        raise ValueError(f"{abs(count):,} ids too {'few' if count > 0 else 'many'} were handed over")
