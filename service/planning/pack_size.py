"""How many tokens a snapshot's pack has. Counts what a counter counts; knows no model."""

from collections.abc import Iterator

from ...context.pack.types import TokenCounter
from ...ingest.reader import read_document
from ...ingest.snapshot import read_entries
from ...ingest.types import Document, Progress, Selection, Snapshot
from .plan import PlannedPack

__all__ = ["measure_pack"]

_BATCH_FILES = 256


def measure_pack(
    snapshot: Snapshot, *, named: str, selection: Selection, counter: TokenCounter, progress: Progress
) -> PlannedPack:
    """The pack of a snapshot: every file's text, secrets withheld, in its wrapper.

    Args:
        snapshot: Which files.
        named: How the user named its source.
        selection: What of them is wanted.
        counter: Counts their tokens.
        progress: Told how far it is.
    """
    files = tokens = 0
    batch: list[str] = []
    for text in _texts(snapshot, selection, progress):
        files += 1
        batch.append(text)
        if len(batch) == _BATCH_FILES:
            tokens += sum(counter.count(batch))
            batch.clear()
    tokens += sum(counter.count(batch))
    return PlannedPack(source=named, files=files, tokens=tokens, counted_by=counter.name, exact=counter.exact)


def _texts(snapshot: Snapshot, selection: Selection, progress: Progress) -> Iterator[str]:
    total = len(snapshot.entries)
    for done, (entry, data) in enumerate(read_entries(snapshot, snapshot.entries), 1):
        progress("count", done, total)
        document = read_document(entry.path, data, selection=selection)
        if isinstance(document, Document):
            yield f'<file path="{entry.path}">\n{document.text}</file>\n'
