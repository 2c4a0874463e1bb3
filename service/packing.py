"""Packs a snapshot as a user asked for it: all of it, what fits, or its outline; anew or onto an earlier pack.

Knows nothing of terminals, settings or the files that a pack is written to.
"""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING

from ..context.pack.contents import Contents, Material
from ..context.pack.packer import pack_snapshot
from ..errors import InputError, PackError
from ..ingest.types import Progress, Selection, Snapshot
from .printable import printable

if TYPE_CHECKING:
    from ..context.index.index import View
    from ..context.pack.chooser import Chooser
    from ..context.pack.pack import Pack
    from ..context.pack.pack_store import PackStore
    from ..context.pack.selection import Chosen
    from ..context.pack.types import TokenCounter
    from ..context.retrieval.ranker import Ranker

__all__ = ["Packed", "Packing", "is_of"]


# Of the files in a pack to go on from; two repositories share a README.md and an empty __init__.py.
_LEAST_SHARED = 0.1


class Packed:
    """A pack and how it came about.

    Attributes:
        pack: The pack.
        chosen: What became of each file where not all of them stand in full; None where they do.
        onto: The pack that it goes on from; None where it was made anew.
        num_kept_tokens: Those at its start that are the same in the pack before.
    """

    def __init__(
        self, pack: "Pack", read: Callable[[], Material], *, chosen: "Chosen | None" = None, onto: "Pack | None" = None
    ) -> None:
        """Takes a pack; `read` gives `material`."""
        self.pack, self.chosen, self.onto = pack, chosen, onto
        # at once: the pack before may lie where this one is to be written
        self.num_kept_tokens = pack.num_shared_tokens(onto) if onto else 0
        self._read = read

    @cached_property
    def material(self) -> Material:
        """The files that it holds, with their texts; read now, for a pack that was found needs none of them."""
        return self._read()

    def num_files(self, snapshot: Snapshot) -> int:
        """How many files of the snapshot could be packed; where nothing had to be chosen, they all stand in it.

        Counted from what is left out: to ask the pack itself takes numpy, for which one that was found need not wait.
        """
        if self.chosen is not None:
            return len(self.chosen.choices)
        return len(snapshot.entries) + len(snapshot.omissions) - len(self.pack.omissions)


class Packing:
    """One snapshot that is packed with one tokenizer."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        selection: Selection,
        tokenizer: "TokenCounter",
        store: "PackStore",
        open_view: "Callable[[], View]",
        onto: "Pack | None" = None,
        progress: Progress | None = None,
    ) -> None:
        """Packs nothing yet.

        Args:
            snapshot: The files.
            selection: What it was taken with.
            tokenizer: Counts, or encodes.
            store: Where packs are kept.
            open_view: Opens the index of the snapshot, where a choice needs it.
            onto: A pack to go on from.
            progress: Told of long work.

        Raises:
            PackError: `onto` is of something else.
        """
        if onto is not None:
            _check_is_of(onto, snapshot)
        self._snapshot, self._selection, self._tokenizer = snapshot, selection, tokenizer
        self._store, self._open_view, self._onto, self._progress = store, open_view, onto, progress

    def whole(self) -> Packed:
        """Everything, in full."""
        return self._whole(self._onto)

    def known(self, pack: "Pack") -> Packed:
        """A pack of all of the snapshot that was made before."""
        return Packed(pack, lambda: self._contents(pack))

    def fitting(
        self, max_tokens: int, *, question: str = "", ranker: "Ranker | None" = None, whole: Packed | None = None
    ) -> Packed:
        """Everything where it fits, else what matters most, or most to a question, and an outline of the rest.

        Args:
            max_tokens: The budget.
            question: What the pack is for; "" for all questions.
            ranker: Scores files for the question; None for the built-in one.
            whole: Everything, packed before; None to pack it now.

        Raises:
            InputError: Not even a part of the outline fits.
        """
        if whole is None:
            whole = self.whole()
            if whole.pack.num_tokens > max_tokens and self._onto is not None:
                # superseded text is a part of a pack that goes on; without it all may fit
                whole = self._whole(None)
        if whole.pack.num_tokens <= max_tokens:
            return whole
        chooser = self._chooser(whole.material)
        choose = partial(
            chooser.fitting,
            sizes=whole.pack.file_tokens,
            ranking=chooser.ranking(printable(question), ranker=ranker) if question else None,
            previous=tuple(self._onto.file_tokens) if self._onto else (),
        )
        return self._chosen(whole.material, choose, max_tokens)

    def outlined(self, max_tokens: int | None = None) -> Packed:
        """The outline of everything, and no file in full.

        Raises:
            InputError: Not even a part of it fits.
        """
        contents = self._contents()
        chooser = self._chooser(contents)
        return self._chosen(contents, chooser.outlined, max_tokens)

    def _chosen(self, whole: Material, choose: "Callable[[int | None], Chosen]", max_tokens: int | None) -> Packed:
        """The pack of a choice that is made again with less room where the pack of it does not fit."""
        from ..context.pack.chosen_contents import ChosenContents

        room, around = max_tokens, 0
        while room is None or room > 0:
            chosen = choose(room)
            material = ChosenContents(whole, chosen)
            packed = self._going_on(material, chosen, max_tokens)
            if max_tokens is None or packed.pack.num_tokens <= max_tokens:
                return packed
            # what stands around the files is known only now
            around = packed.pack.num_tokens - chosen.tokens
            room = (room or max_tokens) - (packed.pack.num_tokens - max_tokens)
        raise InputError(
            f"--max-tokens {max_tokens}: not even an outline fits beside the {around:,} that a pack without files "
            "takes; allow more"
        )

    def _going_on(self, material: Material, chosen: "Chosen", max_tokens: int | None) -> Packed:
        """The pack that goes on, or one made anew where that one has no room for the text that it supersedes."""
        pack = self._pack(material, self._onto)
        if self._onto is None or max_tokens is None or pack.num_tokens <= max_tokens:
            return Packed(pack, lambda: material, chosen=chosen, onto=self._onto)
        return Packed(self._pack(material, None), lambda: material, chosen=chosen)

    def _whole(self, onto: "Pack | None") -> Packed:
        pack = self._pack(None, onto)
        return Packed(pack, lambda: self._contents(pack), onto=onto)

    def _chooser(self, contents: Material) -> "Chooser":
        from ..context.pack.chooser import Chooser

        return Chooser(contents, self._open_view(), counter=self._tokenizer)

    def _pack(self, material: Material | None, onto: "Pack | None") -> "Pack":
        return pack_snapshot(
            self._snapshot,
            selection=self._selection,
            tokenizer=self._tokenizer,
            store=self._store,
            onto=onto,
            material=material,
            progress=self._progress,
        )

    def _contents(self, pack: "Pack | None" = None) -> Contents:
        """All files of the snapshot; a pack may know already which of them have a text."""
        return Contents(
            self._snapshot,
            selection=self._selection,
            cache=self._store.texts(),
            known=pack.manifest.unpackable if pack else {},
            current=pack.current if pack else {},
            progress=self._progress,
        )


def is_of(pack: "Pack", snapshot: Snapshot) -> bool:
    """Whether a pack is of this source: a good part of its files is of the snapshot, by path or by content."""
    num_shared, num_files = _shared_files(pack, snapshot)
    return not snapshot.entries or num_shared >= _LEAST_SHARED * num_files


def _shared_files(pack: "Pack", snapshot: Snapshot) -> tuple[int, int]:
    """How many files of a pack are of the snapshot, and how many it has."""
    columns = pack.manifest.state["columns"]
    named = zip(columns["paths"], columns["contents"], strict=True)
    contents = {path: content for path, content in named if content}
    paths = {entry.path for entry in snapshot.entries}
    blobs = {entry.blob_id for entry in snapshot.entries}
    return sum(path in paths or content.partition(".")[0] in blobs for path, content in contents.items()), len(contents)


def _check_is_of(pack: "Pack", snapshot: Snapshot) -> None:
    """Refuses a pack of something else: its text would stay in the new one, as history, to be sent to a model.

    Raises:
        PackError: Hardly any of its files is one of the snapshot, by path or by content.
    """
    if not is_of(pack, snapshot):
        num_shared, num_files = _shared_files(pack, snapshot)
        raise PackError(
            f"the pack to go on from shares {num_shared:,} of its {num_files:,} files with this snapshot: it is of "
            "something else, and its text would stay; pack anew, without --onto"
        )
