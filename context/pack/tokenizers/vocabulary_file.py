"""Reads a tokenizer's file whole, within bounds, and names it by its content. Knows no format."""

import hashlib
from pathlib import Path

from ....errors import ConfigError

__all__ = ["content_id", "read_vocabulary_file"]

# The largest known, Gemma 3's, is 33 MB.
_MAX_BYTES = 256 * 1024**2


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
