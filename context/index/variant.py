"""One variant of a source's index: what a selection makes of bytes, and whose vectors go with it.

Knows where the parts of a variant lie in the source's folder; opens none of them itself.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ...ingest.types import Selection
from .embedder import NO_EMBEDDER, Embedder
from .flat_records import FlatRecords
from .image import Images
from .keys import index_transform

if TYPE_CHECKING:
    from .wal import WriteAheadLog

__all__ = ["Variant"]


@dataclass(frozen=True, slots=True)
class Variant:
    """Which index of a source is meant.

    Attributes:
        folder: Of the source.
        selection: What is wanted of it.
        transform: Part of every content key.
        given: The embedder that the user named; None where there are no vectors.
    """

    folder: Path
    selection: Selection
    transform: str
    given: Embedder | None

    @classmethod
    def of(cls, folder: Path, *, selection: Selection, embedder: Embedder | None) -> "Variant":
        """The variant for a selection and an embedder."""
        return cls(folder, selection, index_transform(selection), embedder)

    @property
    def embedder_id(self) -> str:
        """Whose vectors go with it."""
        return self.given.id if self.given else NO_EMBEDDER

    @property
    def dimensions(self) -> int:
        """The length of every vector; 0 where there are none."""
        return self.given.dimensions if self.given else 0

    @property
    def store_folder(self) -> Path:
        """Where LanceDB keeps this variant's tables; other transforms are there too."""
        return self.folder / "lance" / self.embedder_id

    @property
    def spool_folder(self) -> Path:
        """Where records wait for tables that are still to be made."""
        return self.folder / "spool" / self.embedder_id

    def images(self) -> Images:
        """The images of this variant."""
        return Images(self.folder, embedder_id=self.embedder_id, transform=self.transform)

    def embed(self, records: FlatRecords) -> NDArray[np.float32]:
        """The vectors of all chunks. Shape (chunks, dimensions)."""
        return self.given.embed(records.chunks()) if self.given else np.zeros((records.num_chunks, 0), np.float32)

    def log(self) -> "WriteAheadLog":
        """The log of records that the tables do not hold yet."""
        from .wal import WriteAheadLog  # a warm question has no use for it

        return WriteAheadLog(self.folder, embedder_id=self.embedder_id)
