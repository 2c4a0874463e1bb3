"""The pack of a snapshot that questions are asked with: always the same, and going on from what was packed before.

What a model's server has cached of the pack before stays good, from question to question and from commit to commit.
Knows nothing of questions, models or prompts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...context.citations import shown_path
from ...context.pack.contents import snapshot_digest
from ...context.pack.packer import THETA
from ...ingest.types import Progress, Selection, Snapshot
from ..packing import Packed, Packing, is_of

if TYPE_CHECKING:
    from ...context.index.index import View
    from ...context.pack.pack import Pack
    from ...context.pack.pack_store import PackStore
    from ...context.pack.types import TokenCounter

__all__ = ["SnapshotPack", "SnapshotPacks"]


@dataclass(frozen=True, slots=True)
class SnapshotPack:
    """A pack to ask with.

    Attributes:
        pack: The pack.
        tokenizer: What it was counted or encoded with.
        num_files: Files that stand in it in full.
        num_omitted: Files of the snapshot with a text that do not.
        num_kept_tokens: Tokens at its start that are those of the pack before; all where it is that one.
        paths: Of the files that stand in it in full, as they are shown.
    """

    pack: "Pack"
    tokenizer: "TokenCounter"
    num_files: int
    num_omitted: int
    num_kept_tokens: int
    paths: frozenset[str]


class SnapshotPacks:
    """The packs of one snapshot with one tokenizer."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        selection: Selection,
        tokenizer: "TokenCounter",
        store: "PackStore",
        open_view: "Callable[[], View]",
        progress: Progress | None = None,
    ) -> None:
        """Packs nothing yet; the arguments are those of `Packing`."""
        self._snapshot, self._selection, self._tokenizer = snapshot, selection, tokenizer
        self._store, self._open_view, self._progress = store, open_view, progress

    def whole(self) -> SnapshotPack:
        """Everything, in full.

        Raises:
            SourceError: A file vanished or changed since the snapshot was taken.
            PackError: The pack cannot be written.
        """
        return self._told(self._whole)

    def fitting(self, max_tokens: int) -> SnapshotPack:
        """Everything where it fits, else what matters most to all questions, and an outline of the rest.

        Raises:
            InputError: Not even a part of the outline fits.
            SourceError, PackError: As `whole`.
        """
        if self._whole.pack.num_tokens <= max_tokens:
            return self.whole()
        found = self._found(max_tokens)
        if found is None:
            found = self._choose(max_tokens)
            self._keep(found, max_tokens)
        return self._told(found)

    @cached_property
    def _whole(self) -> Packed:
        found = self._found(None)
        if found is None:
            found = self._made_of_all()
            self._keep(found, None)
        return found

    def _made_of_all(self) -> Packed:
        return self._packing(self._parent(None)).whole()

    def _choose(self, max_tokens: int) -> Packed:
        whole = self._whole
        if whole.pack.num_tokens * (1 - THETA) <= max_tokens:
            # without what it supersedes it may fit after all
            anew = self._packing(None).whole()
            if anew.pack.num_tokens <= max_tokens:
                return anew
        return self._packing(self._parent(max_tokens)).fitting(max_tokens, whole=whole)

    def _parent(self, max_tokens: int | None) -> "Pack | None":
        """The pack to go on from; none that is of other files, as that of a branch without a common history."""
        made_with: dict[str, Any] = {"selection": self._selection, "tokenizer": self._tokenizer}
        if max_tokens is None:
            parent = self._store.best_parent(self._snapshot, **made_with)
        else:
            parent = self._store.best_parent_of_choice(self._snapshot, **made_with, max_tokens=max_tokens)
        return parent if parent is not None and is_of(parent, self._snapshot) else None

    def _packing(self, onto: "Pack | None") -> Packing:
        return Packing(
            self._snapshot,
            selection=self._selection,
            tokenizer=self._tokenizer,
            store=self._store,
            open_view=self._open_view,
            onto=onto,
            progress=self._progress,
        )

    def _found(self, max_tokens: int | None) -> Packed | None:
        """The pack that was asked with last, which is its own parent: nothing of it is new to a server."""
        key = self._store.heads.find(self._digest, tokenizer=self._tokenizer, max_tokens=max_tokens)
        pack = self._store.find(key, tokenizer=self._tokenizer) if key else None
        if pack is None:
            return None
        return Packed(pack, lambda: self._packing(None).known(pack).material, onto=pack)

    def _keep(self, packed: Packed, max_tokens: int | None) -> None:
        self._store.heads.keep(packed.pack.manifest.key, self._digest, tokenizer=self._tokenizer, max_tokens=max_tokens)

    def _told(self, packed: Packed) -> SnapshotPack:
        num_all = self._whole.num_files(self._snapshot)
        if packed is self._whole:
            paths = frozenset(shown_path(entry.path) for entry in self._snapshot.entries)
            return SnapshotPack(packed.pack, self._tokenizer, num_all, 0, packed.num_kept_tokens, paths)
        entries = {entry.path for entry in self._snapshot.entries}
        # the outline is in the pack, and no file of the snapshot
        full = [path for path in packed.pack.current if path in entries]
        paths = frozenset(map(shown_path, full))
        return SnapshotPack(packed.pack, self._tokenizer, len(full), num_all - len(full), packed.num_kept_tokens, paths)

    @cached_property
    def _digest(self) -> str:
        return snapshot_digest(self._snapshot, selection=self._selection)
