"""Stamps a source's folder with the version of its layout; clears one that cannot be read. Knows no file's content."""

import errno
import json
import logging
import os
import re
from enum import Enum
from pathlib import Path

from ...errors import IndexStoreError
from ..storage.replacement import discard, replace_file

__all__ = [
    "LAYOUT_VERSION",
    "DamagedStoreError",
    "Layout",
    "clear",
    "is_refusal",
    "read_layout",
    "stamp",
    "unwritable",
]

LAYOUT_VERSION = 2
"""Raised when folders, tables or file names change; an older layout is then built anew, a newer one refused."""

_STAMP = "layout.json"
_PARTS = ("lance", "log", "spool", "images", "bases")  # the last one in layout 1 alone

# What the system says no to for good reason; anything else that LanceDB fails with is damage.
_REFUSALS = frozenset(
    getattr(errno, name, 0) for name in ("ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS", "EIO", "EMFILE", "ENFILE")
)
_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_RUST_ERRNO = re.compile(r"\(os error (\d+)\)")

_log = logging.getLogger(__name__)


class DamagedStoreError(Exception):
    """The tables cannot be read, or do not fit together; everything in them can be made again."""


class Layout(Enum):
    """What stands in a folder."""

    CURRENT = "current"
    ABSENT = "absent"
    UNUSABLE = "unusable"  # older, or the stamp cannot be read


def read_layout(folder: Path) -> Layout:
    """Says whether what lies in the folder can be read.

    Raises:
        IndexStoreError: A newer repoask wrote it, or it may not be read; it is left untouched.
    """
    try:
        version = json.loads((folder / _STAMP).read_bytes())["layout"]
    except FileNotFoundError:
        return Layout.UNUSABLE if any((folder / part).exists() for part in _PARTS) else Layout.ABSENT
    except IsADirectoryError:
        return Layout.UNUSABLE
    except OSError as error:
        raise IndexStoreError(
            f"{folder}: the index cannot be read ({error.strerror or error}); give another --index-dir"
        ) from error
    except (ValueError, KeyError, TypeError):
        return Layout.UNUSABLE
    if isinstance(version, int) and version > LAYOUT_VERSION:
        raise IndexStoreError(
            f"{folder}: a newer repoask wrote this index (layout {version}, this one reads {LAYOUT_VERSION}); "
            "update repoask or give another --index-dir"
        )
    is_whole = version == LAYOUT_VERSION and not any((folder / part).is_file() for part in _PARTS)
    return Layout.CURRENT if is_whole else Layout.UNUSABLE


def stamp(folder: Path) -> None:
    """Makes the folder one of the current layout. Call it under the lock."""
    if read_layout(folder) is Layout.UNUSABLE:
        _log.warning("%s: the index is of an older layout or damaged; it is built anew", folder)
        clear(folder)
    if read_layout(folder) is not Layout.CURRENT:
        replace_file(folder / _STAMP, json.dumps({"layout": LAYOUT_VERSION}).encode())


def clear(folder: Path) -> None:
    """Removes all that can be built anew; the lock and what others keep in the folder stay."""
    for name in (_STAMP, *_PARTS):
        discard(folder / name)


def is_refusal(error: Exception) -> bool:
    """Whether the system refused (the disk is full, no permission), rather than that what lies there is damaged."""
    return _errno(error) in _REFUSALS


def unwritable(folder: Path, error: Exception | str) -> IndexStoreError:
    """The one line for a folder that the system refuses to write."""
    number = _errno(error) if isinstance(error, Exception) else None
    reason = os.strerror(number) if number else str(error).partition("\n")[0] or type(error).__name__
    way_out = "free some space or give another --index-dir" if number in _FULL else "give another --index-dir"
    return IndexStoreError(f"{folder}: the index cannot be written ({reason}); {way_out}")


def _errno(error: Exception) -> int | None:
    if isinstance(error, OSError) and error.errno:
        return error.errno
    found = _RUST_ERRNO.search(str(error))
    return int(found[1]) if found else None
