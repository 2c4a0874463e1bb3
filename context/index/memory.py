"""Has memory that is free go back to the system. Knows nothing of what it was used for.

Only glibc keeps so much of it that it is worth a word; elsewhere nothing is done.
"""

import ctypes
from contextlib import suppress

__all__ = ["return_large_blocks", "trim_memory"]

_MMAP_THRESHOLD = -3  # `M_MMAP_THRESHOLD` of glibc's malloc.h
_LARGE = 1 << 20


def return_large_blocks() -> None:
    """From now on a block of a megabyte and more goes back as soon as it is free.

    glibc otherwise keeps the larger ones after the first was freed: 80 of 560 MB while a source of 40 MB is indexed.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)


def trim_memory() -> None:
    """Gives back what is free now: 50 MB after a source of 40 MB was read or stored."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
