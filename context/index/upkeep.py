"""Keeps a store in order around a run: takes in the log, drops what is not used any more.

Knows nothing of reading or parsing files.
"""

from collections.abc import Collection
from typing import TYPE_CHECKING

from .wal import WriteAheadLog

if TYPE_CHECKING:
    from .store import Store

__all__ = ["drop_unused", "fold_log"]

# Rows of other commits, selections and versions may be this many times the snapshot's own before they are dropped.
_MAX_UNUSED = 4
_MIN_UNUSED = 5_000


def fold_log(log: WriteAheadLog, store: "Store") -> None:
    """Moves the log into the store."""
    stored, entries = store.keys(), list(log.entries())
    store.add([entry for entry in entries if entry.keys[0] not in stored])
    log.remove(key for entry in entries for key in entry.keys)


def drop_unused(store: "Store", needed: Collection[str]) -> None:
    """Keeps the store from growing for ever with rows of old commits and versions.

    Args:
        store: After the run.
        needed: The content keys of the snapshot at hand.
    """
    unused = store.keys() - set(needed)
    if len(unused) > max(_MAX_UNUSED * len(needed), _MIN_UNUSED):
        store.remove(unused)
    store.tidy()
