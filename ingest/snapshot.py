"""Takes a snapshot of a source: which files, each with its blob id, and reads their bytes.

Knows nothing of what the bytes mean. What needs git is imported when git is needed: a question about a work tree that
has not changed since the last one asks git nothing.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import SourceError
from .disk import Folders, matching_bytes, read_file
from .snapshot_record import SnapshotRecord, can_be_recorded
from .types import FileEntry, Selection, Snapshot, Source, SourceKind

__all__ = ["read_entries", "recent_revisions", "take_snapshot"]

_EVERYTHING = Selection()


def take_snapshot(
    source: Source,
    *,
    revision: str | None = None,
    selection: Selection = _EVERYTHING,
    stat_cache: Path | None = None,
    record: Path | None = None,
) -> Snapshot:
    """Lists what the selection wants of a source, at a revision or as it lies.

    Args:
        source: What to list; only its sub-folder where it has one. A bare repository is listed at HEAD.
        revision: A commit, tag or branch; None for the work tree, uncommitted and untracked files included.
        selection: What is wanted.
        stat_cache: A file that remembers hashes of files which git's index does not vouch for.
        record: A file that remembers the whole snapshot of a work tree until something changes.

    Raises:
        RevisionError: there is no such revision.
        SourceError: the repository is damaged or cannot be read.
    """
    kept = None
    if record is not None and revision is None and can_be_recorded(source, selection):
        kept = SnapshotRecord(record, source=source, selection=selection)
        known = kept.read()
        if known is not None:
            return known
    from .taking import list_snapshot

    snapshot, listing = list_snapshot(source, revision=revision, selection=selection, stat_cache=stat_cache)
    if kept is not None:
        kept.write(snapshot, listing)
    return snapshot


def read_entries(snapshot: Snapshot, entries: Sequence[FileEntry]) -> Iterator[tuple[FileEntry, bytes]]:
    """Reads files, in any order. One that vanished or changed since the snapshot is passed over.

    Of a work tree the file itself is looked at first, and counts where its bytes have the very id; git's objects are
    what is left for those that are stored otherwise than they lie, or have changed meanwhile.
    """
    source = snapshot.source
    lies = snapshot.revision is None and source.kind is not SourceKind.BARE
    folders = Folders(source.root)
    stored: dict[str, list[FileEntry]] = {}
    for entry in entries:
        data = _read_unchanged(source.root, entry, folders) if lies else None
        if data is not None:
            yield entry, data
        elif not entry.on_disk:
            stored.setdefault(entry.blob_id, []).append(entry)
    if not stored:
        return
    from .submodules import read_stored

    places = {blob_id: [entry.path for entry in same] for blob_id, same in stored.items()}
    for blob_id, data in read_stored(source, places):
        for entry in stored.pop(blob_id):
            yield entry, data


def recent_revisions(source: Source, path: str, *, limit: int) -> list[str]:
    """The commits before HEAD, or HEAD itself, that changed a file; newest first, at most `limit`."""
    if source.git_dir is None:
        return []
    from .listing import git_for

    try:
        output = git_for(source).run("rev-list", f"--max-count={limit}", "HEAD", "--", path)
    except SourceError:
        return []
    return output.decode("ascii").split()


def _read_unchanged(root: Path, entry: FileEntry, folders: Folders) -> bytes | None:
    data = read_file(root, entry.path, folders=folders)
    return None if data is None else matching_bytes(data, entry.blob_id)
