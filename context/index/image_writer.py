"""Lays the records of a snapshot out as its read image. Knows nothing of where records come from."""

from collections.abc import Iterable, Sequence
from itertools import chain

from ...ingest.types import FileEntry, Progress, Reason
from ..types import FileRecord
from .flat_records import StoredFile
from .image import FileNotes
from .layout import unwritable
from .segment import SegmentBuilder
from .variant import Variant

__all__ = ["write_image"]


def write_image(
    entries: Sequence[FileEntry],
    keys: Sequence[str],
    files: Iterable[StoredFile],
    variant: Variant,
    *,
    progress: Progress,
) -> tuple[FileEntry, ...]:
    """Writes the image of a snapshot.

    Args:
        entries: Of the snapshot.
        keys: The content key of each entry.
        files: The records under those keys, in any order; one may be missing.
        variant: Of which index.
        progress: Told of each file.

    Returns:
        The files that the image is for.

    Raises:
        IndexStoreError: It cannot be written.
    """
    entries_by_key: dict[str, list[FileEntry]] = {}
    for key, entry in zip(keys, entries, strict=True):
        entries_by_key.setdefault(key, []).append(entry)
    builder, notes = SegmentBuilder(), FileNotes()
    num_keys = len(entries_by_key)
    for num_done, file in enumerate(files, 1):
        for entry in entries_by_key.pop(file.key, ()):
            notes.add(entry.path, file.record)
            if file.record.omission is None:
                builder.add(entry.path, file.record, file.vectors)
        progress("writing the image", num_done, num_keys)
    gone = _gone(chain.from_iterable(entries_by_key.values()), notes)
    there = tuple(entry for entry in entries if entry.path not in gone)
    try:
        variant.images().save(there, builder.finish(), notes=notes)
    except OSError as error:
        raise unwritable(variant.folder, error) from error
    return there


def _gone(unread: Iterable[FileEntry], notes: FileNotes) -> set[str]:
    """The paths of files that vanished or changed after the snapshot: to the next snapshot they are other files.

    An object that git's store lacks stays lost. It is noted as unreadable, so that no question looks for it again.
    """
    gone: set[str] = set()
    for entry in unread:
        if entry.on_disk:
            gone.add(entry.path)
        else:
            notes.add(entry.path, FileRecord(entry.blob_id, "", Reason.UNREADABLE, entry.size))
    return gone
