"""Stamps a source's folder with the version of its layout; clears one that cannot be read. Knows no file's content."""

import json
import logging
import shutil
from enum import Enum
from pathlib import Path

from ...errors import IndexStoreError
from .array_file import replace_file

__all__ = ["LAYOUT_VERSION", "DamagedStoreError", "Layout", "clear", "read_layout", "stamp", "unwritable"]

LAYOUT_VERSION = 1
"""Raised when folders, tables or file names change; an older layout is then built anew, a newer one refused."""

_STAMP = "layout.json"
_PARTS = ("lance", "log", "images", "bases")

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
    return Layout.CURRENT if version == LAYOUT_VERSION else Layout.UNUSABLE


def stamp(folder: Path) -> None:
    """Makes the folder one of the current layout. Call it under the lock."""
    if read_layout(folder) is Layout.UNUSABLE:
        _log.warning("%s: the index is of an older layout or damaged; it is built anew", folder)
        clear(folder)
    if read_layout(folder) is not Layout.CURRENT:
        replace_file(folder / _STAMP, json.dumps({"layout": LAYOUT_VERSION}).encode())


def clear(folder: Path) -> None:
    """Removes all that can be built anew; the lock and what others keep in the folder stay."""
    (folder / _STAMP).unlink(missing_ok=True)
    for part in _PARTS:
        shutil.rmtree(folder / part, ignore_errors=True)


def unwritable(folder: Path, error: Exception) -> IndexStoreError:
    """The one line for a folder that the system refuses to write."""
    reason = getattr(error, "strerror", None) or (str(error).splitlines() or [type(error).__name__])[0]
    return IndexStoreError(
        f"{folder}: the index cannot be written ({reason}); free some space or give another --index-dir"
    )
