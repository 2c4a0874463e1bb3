"""How many tokens the pack of a snapshot has. The pack is made, and kept for whoever packs next. Knows no model."""

from typing import TYPE_CHECKING

from ...context.pack.packer import pack_snapshot
from ...ingest.types import Progress, Selection, Snapshot
from .plan import PlannedPack

if TYPE_CHECKING:
    from ...context.pack.pack_store import PackStore
    from ...context.pack.types import TokenCounter

__all__ = ["measure_pack"]


def measure_pack(
    snapshot: Snapshot,
    *,
    named: str,
    selection: Selection,
    tokenizer: "TokenCounter",
    store: "PackStore",
    progress: Progress,
) -> PlannedPack:
    """The size of a snapshot's pack.

    Args:
        snapshot: Which files.
        named: How the user named its source.
        selection: What the snapshot was taken with.
        tokenizer: Counts its tokens.
        store: Where packs are kept.
        progress: Told how far it is.

    Raises:
        SourceError: A file vanished or changed since the snapshot was taken.
        PackError: The pack cannot be written.
    """
    pack = pack_snapshot(snapshot, selection=selection, tokenizer=tokenizer, store=store, progress=progress)
    return PlannedPack(
        source=named,
        files=len(snapshot.entries) + len(snapshot.omissions) - len(pack.omissions),
        tokens=pack.num_tokens,
        counted_by=pack.tokenizer_name,
        exact=pack.exact,
    )
