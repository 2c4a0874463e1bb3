"""Has Python look for cycles seldom while thousands of values are made that have none. Knows nothing of the values."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["fewer_collections", "settle_collections"]

# Python looks for cycles after 700 new objects; records have none and make thousands. Saves a tenth of all time.
_OBJECTS_BETWEEN_COLLECTIONS = 20_000


@contextmanager
def fewer_collections() -> Iterator[None]:
    """Within the block; for a function as a decorator."""
    before = gc.get_threshold()
    settle_collections()
    try:
        yield
    finally:
        gc.set_threshold(*before)


def settle_collections() -> None:
    """From now on, in a process that does nothing else."""
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])
