"""What the files of a snapshot say, as a pack takes them: which have a text, which are left out and why.

A file is read once; what was made of its bytes is remembered by its content, so that a pack of known files reads none.
All is of one snapshot: a file that vanished or changed meanwhile is an error with its name. Knows nothing of prompts,
tokens or the order of files.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol

from ...errors import SourceError
from ...ingest.languages import language_of
from ...ingest.reader import transform_id
from ...ingest.types import FileEntry, Omission, Progress, Reason, Selection, Snapshot

if TYPE_CHECKING:
    from ..storage.row_cache import RowCache
    from .types import PackFile

__all__ = ["Contents", "Material", "content_of", "material_digest", "snapshot_digest"]

_IS_TEXT, _IS_OMISSION = 0, 1  # the first byte of what is remembered; a text or the word of a reason follows
_WRITE_BYTES = 16_000_000  # what a killed run may lose, and what one file of the cache is worth
# Twelve times the tokens of the largest context there is; what is left out is told, a process killed for memory is not.
_MAX_FILE_BYTES = 500_000_000
# The rules of secrets take 48 MB and 0.25 s to load: after a long reading they are let go.
_LONG_READING_BYTES = 8_000_000
_LINES_A_PART = 512
_NOTHING: Mapping[str, Any] = {}


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
        unpackable: Why contents of the snapshot are left out, by content.
        num_read: Files whose bytes were read, so far.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        selection: Selection,
        cache: "RowCache | None" = None,
        known: Mapping[str, Reason] = _NOTHING,
        current: Mapping[str, str] = _NOTHING,
        progress: Progress | None = None,
    ) -> None:
        """Looks at every file that nothing is known of yet.

        Args:
            snapshot: The files.
            selection: What the snapshot was taken with.
            cache: Remembers texts by content, for any snapshot of any source.
            known: Why contents are left out, by content, of an earlier pack.
            current: Path -> content of an earlier pack's files, so that few must be named or looked up again.
            progress: Told how many files were read.

        Raises:
            SourceError: A file vanished or changed since the snapshot was taken.
        """
        from .types import PackFile  # a pack that is found makes none

        self._snapshot, self._selection, self._cache = snapshot, selection, cache
        self._progress: Progress = progress or (lambda stage, done, total: None)
        self.num_read = 0
        self._texts: dict[str, str] = {}
        self._reasons: dict[str, Reason | None] = dict(known)
        files, others = self._sorted_out(current)
        self._find_out(others)
        self.unpackable: Mapping[str, Reason] = {
            content: reason for content, _ in others if (reason := self._reasons[content]) is not None
        }
        files += [PackFile(entry.path, content) for content, entry in others if content not in self.unpackable]
        self.files = tuple(sorted(files, key=attrgetter("path")))
        left_out = [Omission(entry.path, reason) for content, entry in others if (reason := self._reasons[content])]
        self.omissions = tuple(sorted((*snapshot.omissions, *left_out), key=attrgetter("path")))

    def text(self, file: "PackFile", /) -> str:
        """The text of a file, secrets withheld.

        Raises:
            SourceError: The file vanished or changed since the snapshot was taken.
        """
        if file.content not in self._texts and not self._recall([file.content]):
            self._read({file.content: self._entries[file.path]})
        return self._texts[file.content]

    @cached_property
    def _entries(self) -> dict[str, FileEntry]:
        return {entry.path: entry for entry in self._snapshot.entries}

    def _sorted_out(self, current: Mapping[str, str]) -> "tuple[list[PackFile], list[tuple[str, FileEntry]]]":
        """The files that are current elsewhere, which have a text, and all others by content; both sorted by path."""
        from .types import PackFile

        files: list[PackFile] = []
        others: list[tuple[str, FileEntry]] = []
        transform = transform_id(self._selection)
        for entry in _sorted(self._snapshot):
            content = current.get(entry.path)
            # what stands there in parts ends otherwise
            if content is not None and content.startswith(entry.blob_id) and content.endswith(transform):
                files.append(PackFile(entry.path, content))
            else:
                others.append((content_of(entry, transform), entry))
        return files, others

    def _find_out(self, named: Sequence[tuple[str, FileEntry]]) -> None:
        """Finds for each content whether it is a text: what is not known is recalled, and else read."""
        unknown = {content: entry for content, entry in named if content not in self._reasons}
        too_large = [content for content, entry in unknown.items() if entry.size > _MAX_FILE_BYTES]
        self._reasons.update(dict.fromkeys(too_large, Reason.TOO_LARGE))
        found = {*too_large, *self._recall([content for content in unknown if content not in self._reasons])}
        self._read({content: entry for content, entry in unknown.items() if content not in found})

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

    def _read(self, contents: Mapping[str, FileEntry]) -> None:
        """Reads a file of each content, and remembers what was made of them."""
        if not contents:
            return
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

    def _made(self, contents: Mapping[str, FileEntry]) -> Iterator[tuple[str, str | Reason]]:
        """What the bytes of each content say.

        Raises:
            SourceError: A file has not the content any more.
        """
        from ...ingest import secrets
        from ...ingest.reader import read_document
        from ...ingest.snapshot import read_entries

        wanted = {entry.path: content for content, entry in contents.items()}
        num_bytes = sum(entry.size for entry in contents.values())
        if not self._selection.allow_secrets:
            secrets.prepare_early(num_bytes)
        for entry, data in read_entries(self._snapshot, list(contents.values())):
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


def snapshot_digest(snapshot: Snapshot, *, selection: Selection) -> str:
    """Names all that decides the contents of a snapshot, but where it lies. Hex, 32 digits."""
    files = (f"{entry.path}\0{entry.blob_id}" for entry in _sorted(snapshot))
    return _digest(transform_id(selection), files, sorted(_lines(snapshot.omissions)))


def material_digest(material: Material, *, selection: Selection) -> str:
    """Names a choice from a snapshot. Hex, 32 digits."""
    files = (f"{file.path}\0{file.content}" for file in material.files)
    return _digest(transform_id(selection), files, _lines(material.omissions))


def _lines(omissions: Iterable[Omission]) -> Iterator[str]:
    return (f"{omission.path}\0{omission.reason}" for omission in omissions)


def _digest(transform: str, *lines: Iterable[str]) -> str:
    digest = hashlib.sha256(transform.encode())
    rest, separator = chain(*lines), ""
    # in parts that fit into memory at hand: for a megabyte in one piece the system takes longer than the hash
    while part := list(islice(rest, _LINES_A_PART)):
        digest.update((separator + "\0".join(part)).encode("utf-8", "surrogateescape"))
        separator = "\0"
    return digest.hexdigest()[:32]


def _sorted(snapshot: Snapshot) -> list[FileEntry]:
    return sorted(snapshot.entries, key=attrgetter("path"))


def _moved(path: str) -> SourceError:
    return SourceError(
        f"{path}: it vanished or changed while the snapshot was packed; pack again, or a commit with --rev"
    )
