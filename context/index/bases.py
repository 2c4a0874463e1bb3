"""Keeps the learned bases of a source, says which is current, and when one has to be learned anew.

Knows nothing of the vectors made with one.
"""

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..storage.array_file import DamagedFileError
from ..storage.replacement import replace_file
from ..types import Chunk
from .latent import SAMPLE_CHUNKS, LatentEmbedder, learn
from .layout import unwritable

__all__ = ["Bases", "is_outgrown"]

_CURRENT = "current.json"
# A basis learned from few chunks is outgrown by four times as many; one learned from a full sample is not, unless the
# words themselves have changed: its vocabulary covers a fifth less of the new text than it did of the old.
_GROWTH = 4
_COVERAGE_LOSS = 0.8
_MIN_GROWN_CHUNKS = 200

_log = logging.getLogger(__name__)


class Bases:
    """The bases in a source's folder. Writing is done under the source's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "bases"

    def current(self) -> LatentEmbedder | None:
        """The basis in use, or None where none was learned yet or it cannot be read."""
        try:
            return self.load(json.loads((self._folder / _CURRENT).read_bytes())["id"])
        except FileNotFoundError:
            return None
        except (DamagedFileError, OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("%s: %s; the basis is learned anew", self._folder, error)
            return None

    def load(self, basis_id: str) -> LatentEmbedder:
        """One basis by its id.

        Raises:
            FileNotFoundError: It is not kept.
            DamagedFileError: It cannot be read.
        """
        return LatentEmbedder.load(self._path(basis_id))

    def learn(self, sample: Sequence[Chunk]) -> LatentEmbedder:
        """Learns a basis, keeps it and makes it the current one.

        Raises:
            IndexStoreError: It cannot be written.
        """
        basis = learn(sample)
        try:
            basis.save(self._path(basis.id))
            replace_file(self._folder / _CURRENT, json.dumps({"id": basis.id}).encode())
        except OSError as error:
            raise unwritable(self._folder, error) from error
        return basis

    def forget_others(self, basis_id: str) -> None:
        """Removes all bases but one."""
        for path in self._folder.glob("*.basis"):
            if path != self._path(basis_id):
                with suppress(OSError):  # mapped by another process on Windows
                    path.unlink()

    def _path(self, basis_id: str) -> Path:
        return self._folder / f"{basis_id}.basis"


def is_outgrown(basis: LatentEmbedder, *, num_chunks: int, coverage: float | None) -> bool:
    """Whether a basis should be learned anew.

    Args:
        basis: In use until now.
        num_chunks: How many chunks the snapshot has now.
        coverage: The share of the new chunks' terms that the basis knows, when they are most of the snapshot.
    """
    grown = num_chunks >= max(_GROWTH * basis.num_learned, _MIN_GROWN_CHUNKS) and basis.num_learned < SAMPLE_CHUNKS
    return grown or (coverage is not None and coverage < _COVERAGE_LOSS * basis.coverage)
