"""How many tokens a snapshot's pack has: each file's text in its wrapper, as a pack holds it. Knows no model."""

from typing import TYPE_CHECKING

from ...context.pack.contents import Contents
from ...context.pack.format import file, rules
from ...ingest.types import Progress, Selection, Snapshot
from .plan import PlannedPack

if TYPE_CHECKING:
    from ...context.pack.types import TokenCounter

__all__ = ["measure_pack"]

_BATCH_FILES = 256


def measure_pack(
    snapshot: Snapshot, *, named: str, selection: Selection, counter: "TokenCounter", progress: Progress
) -> PlannedPack:
    """The size of a snapshot's pack.

    Args:
        snapshot: Which files.
        named: How the user named its source.
        selection: What of them is wanted.
        counter: Counts their tokens.
        progress: Told how far it is.

    Raises:
        SourceError: A file vanished or changed since the snapshot was taken.
    """
    contents = Contents(snapshot, selection=selection, progress=progress)
    files = contents.files
    tokens = sum(counter.count([piece.text for piece in rules()]))
    for start in range(0, len(files), _BATCH_FILES):
        batch = [_wrapped(each.path, contents.text(each)) for each in files[start : start + _BATCH_FILES]]
        tokens += sum(counter.count(batch))
        progress("counting", start + len(batch), len(files))
    return PlannedPack(source=named, files=len(files), tokens=tokens, counted_by=counter.name, exact=counter.exact)


def _wrapped(path: str, text: str) -> str:
    return "".join(piece.text for piece in file(path, text, ""))
