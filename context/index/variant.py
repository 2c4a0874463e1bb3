"""One variant of a source's index: what a selection makes of bytes, and whose vectors go with it.

Knows where the parts of a variant lie in the source's folder; opens none of them itself.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...ingest.types import Selection
from .bases import Bases
from .embedder import Embedder
from .image import Image, Images
from .keys import index_transform

if TYPE_CHECKING:
    from .wal import WriteAheadLog

__all__ = ["Variant"]

_LEARNED = "latent"


@dataclass(frozen=True, slots=True)
class Variant:
    """Which index of a source is meant.

    Attributes:
        folder: Of the source.
        selection: What is wanted of it.
        transform: Part of every content key.
        given: The embedder that the user named; None for one learned from the source itself.
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
    def family(self) -> str:
        """Embedders whose vectors may share tables: all learned ones, or the one that was named."""
        return self.given.id if self.given else _LEARNED

    @property
    def store_folder(self) -> Path:
        """Where LanceDB keeps this variant's tables; other transforms are there too."""
        return self.folder / "lance" / self.family

    @property
    def spool_folder(self) -> Path:
        """Where records wait for tables that are still to be made."""
        return self.folder / "spool" / self.family

    def images(self) -> Images:
        """The images of this variant."""
        return Images(self.folder, family=self.family, transform=self.transform)

    def embedder_of(self, image: Image) -> Embedder:
        """The embedder that made an image's vectors.

        Raises:
            FileNotFoundError: Its basis is not kept any more.
            DamagedFileError: Its basis cannot be read.
        """
        return self.given or Bases(self.folder).load(image.embedder_id)

    def log(self, embedder_id: str) -> "WriteAheadLog":
        """The log of records that the tables do not hold yet."""
        from .wal import WriteAheadLog  # a warm question has no use for it

        return WriteAheadLog(self.folder, embedder_id=embedder_id)
