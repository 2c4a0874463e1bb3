"""What the files of a snapshot say, as a pack takes them: which have a text, which are left out and why.

A file is read once; what was made of its bytes is remembered by its content, so that a pack of known files reads none.
All is of one snapshot: a file that vanished or changed meanwhile is an error with its name. Knows nothing of prompts,
tokens or the order of files.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

from ...errors import SourceError
from ...ingest.languages import language_of
from ...ingest.reader import transform_id
from ...ingest.types import FileEntry, Omission, Progress, Reason, Selection, Snapshot

if TYPE_CHECKING:
    from ..storage.row_cache import RowCache
    from .types import PackFile

__all__ = ["Contents", "Material", "content_of", "snapshot_digest"]

_IS_TEXT, _IS_OMISSION = 0, 1  # the first byte of what is remembered; a text or the word of a reason follows
_WRITE_BYTES = 16_000_000  # what a killed run may lose, and what one file of the cache is worth
# Twelve times the tokens of the largest context there is; what is left out is told, a process killed for memory is not.
_MAX_FILE_BYTES = 500_000_000
# The rules of secrets take 48 MB and 0.25 s to load: after a long reading they are let go.
_LONG_READING_BYTES = 8_000_000


class Material(Protocol):
    """What is packed: all of a snapshot, or a choice from it."""

    @property
    def files(self) -> Sequence["PackFile"]:
        """Sorted by path."""
        ...

    @property
    def omissions(self) -> Sequence[Omission]:
        """What is left out of the snapshot, sorted by path."""
        ...

    def text(self, file: "PackFile", /) -> str:
        """The text of one of the files, as `TextReader` gives it."""
        ...


class Contents:
    """All files of one snapshot.

    Attributes:
        files: Those with a text, sorted by path.
        omissions: All others, with those that the listing left out, sorted by path.
        num_read: Files whose bytes were read, so far.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        selection: Selection,
        cache: "RowCache | None" = None,
        known: Mapping[str, Reason | None] | None = None,
        current: Mapping[str, str] | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Looks at every file that nothing is known of yet.

        Args:
            snapshot: The files.
            selection: What the snapshot was taken with.
            cache: Remembers texts by content, for any snapshot of any source.
            known: Contents that an earlier pack knows: why they are left out, or None for a text.
            current: Path -> content of an earlier pack's files under the same rules, so that few must be named again.
            progress: Told how many files were read.

        Raises:
            SourceError: A file vanished or changed since the snapshot was taken.
        """
        self._snapshot, self._selection, self._cache = snapshot, selection, cache
        self._progress: Progress = progress or (lambda stage, done, total: None)
        self.num_read = 0
        self._texts: dict[str, str] = {}
        named = list(_named(snapshot, transform_id(selection), current or {}))
        self._entries = dict(named)
        self._reasons: dict[str, Reason | None] = dict(known or {})
        self._find_out()
        self.files, self.omissions = self._divided(named)

    @property
    def unpackable(self) -> dict[str, Reason]:
        """Why contents of the snapshot are left out, by content."""
        reasons = ((content, self._reasons[content]) for content in self._entries)
        return {content: reason for content, reason in reasons if reason is not None}

    def text(self, file: "PackFile", /) -> str:
        """The text of a file, secrets withheld.

        Raises:
            SourceError: The file vanished or changed since the snapshot was taken.
        """
        if file.content not in self._texts and not self._recall([file.content]):
            self._read([file.content])
        return self._texts[file.content]

    def _divided(self, named: Sequence[tuple[str, FileEntry]]) -> tuple[tuple["PackFile", ...], tuple[Omission, ...]]:
        from .types import PackFile

        files: list[PackFile] = []
        omissions = [*self._snapshot.omissions]
        for content, entry in named:
            reason = self._reasons[content]
            if reason is None:
                files.append(PackFile(entry.path, content))
            else:
                omissions.append(Omission(entry.path, reason))
        return tuple(files), tuple(sorted(omissions, key=attrgetter("path")))

    def _find_out(self) -> None:
        """Finds for each content whether it is a text: what is not known is recalled, and else read."""
        unknown = [content for content in self._entries if content not in self._reasons]
        too_large = {content for content in unknown if self._entries[content].size > _MAX_FILE_BYTES}
        self._reasons.update(dict.fromkeys(too_large, Reason.TOO_LARGE))
        unknown = [content for content in unknown if content not in too_large]
        if unknown:
            found = self._recall(unknown)
            self._read([content for content in unknown if content not in found])

    def _recall(self, contents: Sequence[str]) -> set[str]:
        """Takes from the cache what it has, and says which those are."""
        if self._cache is None:
            return set()
        found = self._cache.get(contents)
        for content, row in found.items():
            data = row.tobytes()
            if data[0] == _IS_TEXT:
                self._reasons[content] = None
                self._texts[content] = data[1:].decode()
            else:
                self._reasons[content] = Reason(data[1:].decode())
        return set(found)

    def _read(self, contents: Sequence[str]) -> None:
        """Reads files, and remembers what was made of them."""
        rows: dict[str, bytes] = {}
        size = 0
        for content, made in self._made(contents):
            if isinstance(made, Reason):
                self._reasons[content] = made
                rows[content] = bytes([_IS_OMISSION]) + made.encode()
            else:
                data = made.encode("utf-8", "replace")  # a notebook may hold half a surrogate pair
                self._reasons[content] = None
                self._texts[content] = made if len(data) == len(made) else data.decode()
                rows[content] = bytes([_IS_TEXT]) + data
            size += len(rows[content])
            if size > _WRITE_BYTES:
                self._remember(rows)
                rows, size = {}, 0
        self._remember(rows)

    def _made(self, contents: Sequence[str]) -> Iterator[tuple[str, str | Reason]]:
        """What the bytes of each content say; one file of each is read.

        Raises:
            SourceError: None of the files that have the content has it any more.
        """
        from ...ingest import secrets
        from ...ingest.reader import read_document
        from ...ingest.snapshot import read_entries

        wanted = {self._entries[content].path: content for content in contents}
        entries = [self._entries[content] for content in contents]
        num_bytes = sum(entry.size for entry in entries)
        if not self._selection.allow_secrets:
            secrets.prepare_early(num_bytes)
        for entry, data in read_entries(self._snapshot, entries):
            document = read_document(entry.path, data, selection=self._selection)
            yield wanted.pop(entry.path), document if isinstance(document, Reason) else document.text
            self.num_read += 1
            self._progress("reading", self.num_read, len(contents))
        if wanted:
            raise _moved(min(wanted))
        if num_bytes > _LONG_READING_BYTES:
            secrets.unload()

    def _remember(self, rows: Mapping[str, bytes]) -> None:
        if self._cache is not None and rows:
            import numpy as np

            self._cache.put({content: np.frombuffer(data, np.uint8) for content, data in rows.items()})


def content_of(entry: FileEntry, transform: str) -> str:
    """Names the text of a file: its bytes, what they are read as, and by what rules."""
    return f"{entry.blob_id}.{language_of(entry.path) or 'plain'}.{transform}"


def _named(snapshot: Snapshot, transform: str, current: Mapping[str, str]) -> Iterator[tuple[str, FileEntry]]:
    """Each file with the name of its content, by path; those that are current elsewhere have theirs from there."""
    for entry in _sorted(snapshot):
        content = current.get(entry.path)
        if content is None or not content.startswith(entry.blob_id):
            content = content_of(entry, transform)
        yield content, entry


def snapshot_digest(snapshot: Snapshot, *, selection: Selection) -> str:
    """Names all that decides the contents of a snapshot, but where it lies. Hex, 32 digits."""
    digest = hashlib.sha256(transform_id(selection).encode())
    lines = [f"{entry.path}\0{entry.blob_id}" for entry in _sorted(snapshot)]
    lines += sorted(f"{omission.path}\0{omission.reason}" for omission in snapshot.omissions)
    digest.update("\0".join(lines).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:32]


def _sorted(snapshot: Snapshot) -> list[FileEntry]:
    return sorted(snapshot.entries, key=attrgetter("path"))


def _moved(path: str) -> SourceError:
    return SourceError(
        f"{path}: it vanished or changed while the snapshot was packed; pack again, or a commit with --rev"
    )
