"""Remembers which pack was last made of a snapshot, so that the next question is asked with the very same one.

A pack that goes on from another depends on what came before, so it is not found by the snapshot alone. What is lost or
damaged here costs a look through the packs, never an answer. Knows nothing of how packs are made or kept.
"""

import hashlib
import logging
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .manifest import PACK_VERSION

if TYPE_CHECKING:
    from .types import TokenCounter

__all__ = ["Heads"]

_KEY = re.compile(r"[0-9a-f]{40}")
_MAX_HEADS = 256  # twenty for each pack that is kept

_log = logging.getLogger(__name__)


class Heads:
    """The heads of one source, a small file each."""

    def __init__(self, folder: Path) -> None:
        """Reads nothing yet.

        Args:
            folder: Of heads alone.
        """
        self._folder = folder

    def find(self, digest: str, *, tokenizer: "TokenCounter", max_tokens: int | None = None) -> str | None:
        """The key of the pack that was made of a snapshot last.

        Args:
            digest: Of the snapshot, as `contents.snapshot_digest` gives it.
            tokenizer: What the pack was counted or encoded with.
            max_tokens: What it had to fit into; None for one of everything.
        """
        with suppress(OSError, UnicodeDecodeError):
            found = self._file(digest, tokenizer, max_tokens).read_text("ascii")
            return found if _KEY.fullmatch(found) else None
        return None

    def keep(self, key: str, digest: str, *, tokenizer: "TokenCounter", max_tokens: int | None = None) -> None:
        """The next `find` gives this key."""
        from ..storage.replacement import replace_file

        try:
            replace_file(self._file(digest, tokenizer, max_tokens), key.encode("ascii"))
            self._clear()
        except OSError as error:
            _log.debug("%s: not remembered: %s", self._folder, error)

    def _file(self, digest: str, tokenizer: "TokenCounter", max_tokens: int | None) -> Path:
        parts = (PACK_VERSION, digest, getattr(tokenizer, "id", ""), tokenizer.name, max_tokens)
        return self._folder / hashlib.sha256(repr(parts).encode()).hexdigest()[:40]

    def _clear(self) -> None:
        """Removes the oldest, where there are many."""
        with os.scandir(self._folder) as entries:
            found = sorted((entry.stat().st_mtime_ns, entry.path) for entry in entries)
        for _, path in found[:-_MAX_HEADS]:
            Path(path).unlink(missing_ok=True)
