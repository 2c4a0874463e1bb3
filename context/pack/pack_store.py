"""Keeps the packs of a source, so that one made before is found, and the best one to go on from.

A pack is a manifest and the files that it names; those hold new segments alone, the others are its parent's. Files
appear whole and are never changed, the manifest last: no lock is needed, and what a killed run leaves is removed later.
A pack whose files are gone, damaged or of another version is none. Knows nothing of how packs are made.
"""

import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import PackError
from ...ingest.reader import transform_id
from ...ingest.types import FileEntry, Selection, Snapshot
from ..garbage import fewer_collections
from .contents import content_of
from .heads import Heads
from .manifest import PACK_VERSION, Manifest, named_files, read_manifest
from .pack import Pack
from .segments import SegmentWriter

if TYPE_CHECKING:
    from ..storage.row_cache import RowCache
    from .types import TokenCounter, Tokenizer

__all__ = ["PackStore"]

_SUFFIX = ".json"
_MAX_PACKS = 12
_KEPT_PACKS = 8  # after a clearing; between the two numbers nothing is looked through
# What is written and not yet named by a manifest belongs to a run that is under way, which may take an hour.
_LEFT_OVER_S = 3600.0
_BYTES_A_TOKEN = 4
_NEAR_ENOUGH = 0.001  # of the pack: no other one can save more, and each takes 9 ms to look at for 10M tokens
_NOTE_TOKENS = 20  # what it takes to say that a file changed or is gone

_log = logging.getLogger(__name__)


class PackStore:
    """The packs of one source, in a folder of their own within that of the source.

    Attributes:
        has_grown: Whether a pack was kept, so that what is over a limit may have to go.
    """

    def __init__(self, folder: Path) -> None:
        """Makes and reads nothing yet.

        Args:
            folder: Of the source, as `catalog.Catalog.folder` gives it.
        """
        self._top = folder / "packs"
        self._folder = self._top / f"v{PACK_VERSION}"
        self.has_grown = False

    @property
    def ids_folder(self) -> Path:
        """Where the ids of texts are remembered."""
        return self._top / "ids"

    @property
    def heads(self) -> Heads:
        """Which pack was made of a snapshot last."""
        return Heads(self._top / "heads")

    def texts(self) -> "RowCache":
        """What was made of the bytes of files, by content."""
        import numpy as np

        from ..storage.row_cache import RowCache

        return RowCache(self._top / "texts", np.uint8)

    def find(self, key: str, *, tokenizer: "TokenCounter | None" = None) -> Pack | None:
        """The pack that was made from exactly this, if it is still there.

        Args:
            key: Of its manifest.
            tokenizer: Which the pack is to be read with.
        """
        path = self._folder / f"{key}{_SUFFIX}"
        pack = self._open(path, tokenizer)
        if pack is not None:
            try:
                os.utime(path)  # the longest unused go first
            except OSError:
                _log.debug("%s: it cannot be noted that it was used", path)
        return pack

    @fewer_collections()
    def best_parent(self, snapshot: Snapshot, *, selection: Selection, tokenizer: "TokenCounter") -> Pack | None:
        """The pack that leaves the fewest tokens to prefill, when the snapshot is laid onto it; None where all must be.

        Told from which files differ, and how large they are: a patch of a file may yet be smaller. The last used pack
        comes first, and one that leaves under a thousandth is good enough.
        """
        best: tuple[int, Pack] | None = None
        for pack in self._fit_to_go_on(snapshot, selection, tokenizer):
            cost = _tokens_to(snapshot.entries, pack)
            if cost < (best[0] if best else pack.num_tokens):
                best = cost, pack
            if cost < _NEAR_ENOUGH * pack.num_tokens:
                break
        return best[1] if best else None

    def best_parent_of_choice(
        self, snapshot: Snapshot, *, selection: Selection, tokenizer: "TokenCounter", max_tokens: int
    ) -> Pack | None:
        """The pack to go on from where not all fits: the one of which the most stays; None where nothing does.

        What a pack has not is no matter, for it may not be chosen this time either.

        Args:
            snapshot: What is chosen from.
            selection: What it was taken with.
            tokenizer: What the packs must have been made with.
            max_tokens: Larger packs leave no room to go on.
        """
        best: tuple[int, Pack] | None = None
        for pack in self._fit_to_go_on(snapshot, selection, tokenizer):
            if pack.num_tokens > max_tokens:
                continue
            stays = pack.num_tokens - _tokens_to([each for each in snapshot.entries if each.path in pack.current], pack)
            if stays > (best[0] if best else 0):
                best = stays, pack
        return best[1] if best else None

    def _fit_to_go_on(self, snapshot: Snapshot, selection: Selection, tokenizer: "TokenCounter") -> Iterator[Pack]:
        """The packs made by the same rules with the same tokenizer, the last used first.

        Superseded text stays in a pack: none is fit that holds a file which is left out of the snapshot now.
        """
        made_with = transform_id(selection), getattr(tokenizer, "id", "")
        omitted = {omission.path for omission in snapshot.omissions}
        for path in self._newest():
            pack = self._open(path, tokenizer)
            if pack is None or (pack.manifest.transform, pack.manifest.tokenizer_id) != made_with:
                continue
            if omitted.isdisjoint(_with_folders(pack.manifest.state["columns"]["paths"])):
                yield pack

    @contextmanager
    def writing(self, key: str, *, with_ids: bool) -> Iterator[SegmentWriter]:
        """Takes the new segments of a pack, whole or not at all.

        Raises:
            PackError: They cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with SegmentWriter(self._folder / key, with_ids=with_ids) as writer:
                yield writer
        except OSError as error:
            raise self._unwritable(error) from error

    def keep(self, manifest: Manifest, *, tokenizer: "TokenCounter | None" = None) -> Pack:
        """Keeps a pack whose segments are written; the longest unused ones go where there are many.

        Raises:
            PackError: It cannot be written.
        """
        from ..storage.replacement import replace_file

        try:
            replace_file(self._folder / f"{manifest.key}{_SUFFIX}", manifest.to_json())
        except OSError as error:
            raise self._unwritable(error) from error
        self.has_grown = True
        self._clear()
        return self._pack(manifest, tokenizer)

    def _newest(self) -> list[Path]:
        """The manifests, the last used first."""
        try:
            with os.scandir(self._folder) as entries:
                found = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if entry.name.endswith(_SUFFIX)]
        except OSError:
            return []
        return [Path(path) for _, path in sorted(found, reverse=True)]

    def _open(self, path: Path, tokenizer: "TokenCounter | None") -> Pack | None:
        try:
            pack = self._pack(read_manifest(path), tokenizer)
        except FileNotFoundError:
            return None
        except PackError as error:
            _log.debug("%s", error)
            return None
        return pack if pack.is_whole() else None

    def _pack(self, manifest: Manifest, tokenizer: "TokenCounter | None") -> Pack:
        vocabulary: Tokenizer | None = tokenizer if hasattr(tokenizer, "decode") else None  # type: ignore[assignment]
        kept_as = self._folder / f"{manifest.key}{_SUFFIX}"
        return Pack(manifest, folder=self._folder, tokenizer=vocabulary, kept_as=kept_as)

    def _clear(self) -> None:
        """Removes the packs longest unused, and the files that no pack names any more."""
        manifests = self._newest()
        if len(manifests) <= _MAX_PACKS:
            return
        named = {path.name for path in manifests[:_KEPT_PACKS]}
        for path in manifests[:_KEPT_PACKS]:
            with suppress(OSError, ValueError, KeyError, TypeError):  # damaged: its files serve no pack
                named |= named_files(path)
        before = time.time() - _LEFT_OVER_S
        with suppress(OSError):  # another process clears too
            for path in manifests[_KEPT_PACKS:]:
                path.unlink(missing_ok=True)
            for path in self._folder.iterdir():
                if path.name not in named and path.stat().st_mtime < before:
                    path.unlink(missing_ok=True)

    def _unwritable(self, error: OSError) -> PackError:
        return PackError(
            f"{self._folder}: the pack cannot be written ({error.strerror or error}); free some space, "
            "or give another --index-dir"
        )


def _tokens_to(entries: Sequence[FileEntry], pack: Pack) -> int:
    """About how many tokens it takes to go on to a snapshot: those of all files that are new, changed or gone.

    Args:
        entries: All files of the snapshot.
        pack: To go on from, made by the same rules: where the path and the blob are the same, the text is.
    """
    current, unpackable, transform = pack.current, pack.manifest.unpackable, pack.manifest.transform
    held = [current.get(entry.path) for entry in entries]
    others = [
        entry
        for entry, content in zip(entries, held, strict=True)
        if content is None or not (content.startswith(entry.blob_id) and content.endswith(transform))
    ]
    changed = sum(
        entry.size // _BYTES_A_TOKEN + _NOTE_TOKENS
        for entry in others
        if content_of(entry, transform) not in unpackable
    )
    num_gone = len(current) - (len(held) - held.count(None))
    return changed + _NOTE_TOKENS * num_gone


def _with_folders(paths: Iterable[str]) -> set[str]:
    """The paths, and every folder that one of them lies in: there are few of these, and each is looked at once."""
    found = set(paths)
    folders = found
    while folders:
        folders = {folder.rpartition("/")[0] for folder in folders} - found
        found |= folders
    return found - {""}
