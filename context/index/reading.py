"""Reads the files of a snapshot into texts to parse, or into the word why not. Knows nothing of stores or workers."""

from collections.abc import Iterator, Sequence

from ...ingest.languages import language_of
from ...ingest.reader import read_document
from ...ingest.snapshot import read_entries
from ...ingest.types import FileEntry, Reason, Selection, Snapshot
from ..types import FileRecord
from .keys import content_key
from .parsing import Work

__all__ = ["read_works"]


def read_works(
    snapshot: Snapshot, entries: Sequence[FileEntry], *, selection: Selection, transform: str
) -> Iterator[Work | tuple[str, FileRecord]]:
    """The text of each file, or its key and the record that says why it is left out.

    A file that vanished or changed since the snapshot was taken is passed over.
    """
    for entry, data in read_entries(snapshot, entries):
        key = content_key(entry, transform=transform)
        document = read_document(entry.path, data, selection=selection)
        if isinstance(document, Reason):
            yield key, FileRecord(entry.blob_id, language_of(entry.path), document, len(data))
        else:
            withheld = len({line for line, _ in document.withheld})
            yield Work(key, entry.blob_id, document.language, len(data), document.text, withheld, document.shape)
