"""Reads a tokenizer's file whole, within bounds, and names it by its content. Knows no format."""

import hashlib
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ....errors import ConfigError
from ...storage.replacement import replace_file

__all__ = ["content_id", "read_vocabulary_file", "remembered"]

# The largest known, Gemma 3's, is 33 MB.
_MAX_BYTES = 256 * 1024**2
# A file that is younger may be written once more within the clock's step.
_SETTLED_NS = 2_000_000_000


def read_vocabulary_file(path: Path) -> bytes:
    """All of the file.

    Raises:
        ConfigError: It cannot be read, is empty, or is too large for a tokenizer.
    """
    try:
        size = path.stat().st_size
        if size > _MAX_BYTES:
            raise ConfigError(
                f"{path}: {size / 1024**2:.0f} MB, over the {_MAX_BYTES // 1024**2} MB that a tokenizer may have; "
                "name its tokenizer.json or its file of ranks"
            )
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: this tokenizer cannot be read: {error.strerror or error}") from error
    if not data.strip():
        raise ConfigError(f"{path}: this tokenizer is empty; copy it again from the model's files")
    return data


def content_id(*parts: bytes) -> str:
    """Names everything that decides a tokenizer's ids. Hex, 32 digits."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def remembered(path: Path, cache: Path | None, make: Callable[[], str]) -> str:
    """What a file's bytes tell: as it was made before while its state is the same. Reading 28 MB for it takes 170 ms.

    Args:
        path: Of the file.
        cache: A folder; None remembers nothing.
        make: Reads the file.
    """
    try:
        found = path.stat()
    except OSError:
        return make()  # which says what is wrong
    if cache is None:
        return make()
    note = cache / f"{content_id(os.fsencode(path.absolute()))}.seen"
    state = [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
    with suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(note.read_bytes())
        if known["state"] == state and isinstance(known["made"], str):
            return known["made"]
    made = make()
    if time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) > _SETTLED_NS:
        with suppress(OSError):
            replace_file(note, json.dumps({"state": state, "made": made}).encode())
    return made
