"""Keeps the records of a new store in files until it is filled, so that LanceDB is not in memory while they come.

A run that was killed leaves them behind; the next one takes them into the store. Knows nothing of who makes records,
nor of stores.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..storage.array_file import DamagedFileError, read_arrays, write_arrays
from ..storage.replacement import discard
from .columns import Strings
from .flat_records import FLAT_ARRAYS, Embedded, FileHead, FlatRecords, StoredFile, joined
from .layout import unwritable

__all__ = ["Spool", "read_part"]

_SUFFIX = ".part"

_log = logging.getLogger(__name__)


class Spool:
    """The records that one source's new store still lacks. Used under the source's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def paths(self) -> list[Path]:
        """The file of each write, in the order of writing."""
        if not self._folder.is_dir():
            return []
        return sorted(path for path in self._folder.iterdir() if path.suffix == _SUFFIX)

    def add(self, parts: Sequence[Embedded]) -> None:
        """Writes records to a file of their own.

        Raises:
            IndexStoreError: The disk refused.
        """
        if not parts:
            return
        path = self._folder / f"{len(self.paths()):06}{_SUFFIX}"
        flat = joined([part.flat for part in parts])
        arrays: dict[str, Any] = {name: getattr(flat, name) for name in FLAT_ARRAYS}
        arrays["vectors"] = np.concatenate([part.vectors for part in parts])
        # JSON of JSON would take as long as parsing a tenth of the files did
        arrays |= Strings.pack("symbols_of_head", (head.symbols for head in flat.heads))
        meta = {
            "keys": [key for part in parts for key in part.keys],
            "heads": [asdict(replace(head, symbols="")) for head in flat.heads],
            "symbols": flat.symbols,
            "kinds": flat.kinds,
        }
        try:
            write_arrays(path, arrays, meta)
        except OSError as error:
            raise unwritable(self._folder, error) from error

    def parts(self) -> Iterator[Embedded]:
        """What was written and can be read; a damaged file is passed over, and its records are made anew."""
        for path in self.paths():
            try:
                yield read_part(path)
            except (FileNotFoundError, DamagedFileError) as error:
                _log.warning("%s; what it held is read anew", error)

    def files(self) -> Iterator[StoredFile]:
        """Each file by itself."""
        for part in self.parts():
            yield from part.files()

    def discard(self) -> None:
        """Removes all."""
        discard(self._folder)


def read_part(path: Path) -> Embedded:
    """The records of one write.

    Raises:
        FileNotFoundError: There is no such file.
        DamagedFileError: It cannot be read.
    """
    mapped, meta = read_arrays(path)
    symbols = list(Strings(mapped, "symbols_of_head"))
    heads = [FileHead(**{**head, "symbols": own}) for head, own in zip(meta["heads"], symbols, strict=True)]
    # copies: views would keep whole files mapped, and in memory, for as long as one chunk of them is used
    arrays = {name: mapped[name].copy() for name in (*FLAT_ARRAYS, "vectors")}
    vectors = arrays.pop("vectors")
    flat = FlatRecords(heads=tuple(heads), symbols=meta["symbols"], kinds=meta["kinds"], **arrays)
    return Embedded(meta["keys"], flat, vectors)
