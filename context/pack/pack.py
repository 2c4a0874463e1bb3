"""A stored pack: its text and ids by segment, what it holds, and the way from a token to `path:line` and back.

Knows nothing of how a pack is made, nor where packs are kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import PackError
from .entry_bytes import EntryBytes
from .manifest import Extent, Manifest, read_manifest
from .types import EntryKind

if TYPE_CHECKING:
    from ...ingest.types import Omission
    from .entries import Table
    from .places import Place
    from .types import TokenIds, Tokenizer

__all__ = ["Pack", "manifest_beside"]


def manifest_beside(path: Path) -> Path:
    """Where the manifest of an `.npy` file of ids lies."""
    return path.with_name(f"{path.name}.manifest.json")


class Pack:
    """A whole snapshot as one prompt. Offsets count tokens from its start.

    Attributes:
        manifest: All that is known of it but text and ids.
        folder: Where the files lie that the manifest names.
        entries: Text and ids of each entry.

    Args:
        tokenizer: The one that gave the ids. Only the places within a file, and the text of a pack that keeps ids
            alone, need it.
        kept_as: The manifest's file where the pack can be made again: it is removed when the bytes prove damaged.
    """

    def __init__(
        self,
        manifest: Manifest,
        *,
        folder: Path,
        tokenizer: "Tokenizer | None" = None,
        kept_as: Path | None = None,
    ) -> None:
        self.manifest = manifest
        self.folder = folder
        self.entries = EntryBytes(manifest, folder=folder, tokenizer=tokenizer, kept_as=kept_as)

    @classmethod
    def load(cls, path: Path, *, tokenizer: "Tokenizer | None" = None) -> "Pack":
        """The pack of an `.npy` file of ids, by the manifest beside it.

        Raises:
            PackError: There is no manifest, it is damaged or of another version, or the ids are not those it tells of.
        """
        beside = manifest_beside(path)
        try:
            manifest = read_manifest(beside)
        except FileNotFoundError:
            raise PackError(f"{path}: there is no {beside.name} beside it; pack anew, without --onto") from None
        from .soundness import is_sound

        if not is_sound(manifest):
            raise PackError(f"{beside}: the manifest is damaged; pack anew, without --onto")
        pack = cls(manifest, folder=path.parent, tokenizer=tokenizer)
        if not pack.is_whole():
            raise PackError(f"{path}: not the ids that {beside.name} tells of; pack anew, without --onto")
        return pack

    def write(self, path: Path, *, num_bytes: int) -> None:
        """Writes the manifest beside an `.npy` file that holds, or will hold, the ids of this pack, one array of them.

        Args:
            path: Of the `.npy` file.
            num_bytes: Its size.

        Raises:
            PackError: The pack has no ids, or the file is too short to hold them.
            OSError: It cannot be written.
        """
        if not self.has_ids:
            raise PackError(f"{path}: a pack without a tokenizer has no ids; name one with --tokenizer")
        from ..storage.replacement import replace_file

        start = num_bytes - 4 * self.num_tokens  # behind the header
        if start < 0:
            raise PackError(f"{path}: it does not hold the {self.num_tokens:,} ids of the pack")
        segments = []
        for segment in self.manifest.segments:
            segments.append(segment._replace(text=None, ids=Extent(path.name, start)))
            start += 4 * segment.num_tokens
        replace_file(manifest_beside(path), replace(self.manifest, segments=tuple(segments)).to_json())

    def is_whole(self) -> bool:
        """Whether the files are there and long enough; their checksums are looked at when they are read."""
        return self.entries.are_whole()

    @property
    def id(self) -> str:
        """The Merkle hash of the last segment: equal ids are equal packs, byte for byte. Hex."""
        return self.manifest.chain[-1]

    @property
    def num_tokens(self) -> int:
        """Of the whole; an estimate unless `exact`."""
        return sum(segment.num_tokens for segment in self.manifest.segments)

    @property
    def num_bytes(self) -> int:
        """Of the whole text, in UTF-8."""
        return sum(segment.num_bytes for segment in self.manifest.segments)

    @property
    def exact(self) -> bool:
        """Whether tokens are counted, not estimated."""
        return self.manifest.exact

    @property
    def has_ids(self) -> bool:
        """Whether the ids are kept."""
        return all(segment.ids is not None for segment in self.manifest.segments)

    @property
    def tokenizer_name(self) -> str:
        """As it is said to the user."""
        return self.manifest.tokenizer_name

    @property
    def omissions(self) -> "tuple[Omission, ...]":
        """What is left out, sorted by path."""
        return self.manifest.omissions

    @cached_property
    def file_tokens(self) -> Mapping[str, int]:
        """Path -> tokens of all sections that tell of the file, superseded ones included, in the order of paths."""
        table, held = self._table, self._held
        return {path: sum(table.sizes[number] for number in held[path]) for path in sorted(held)}

    def num_shared_tokens(self, other: "Pack") -> int:
        """How many tokens at its start are those of another pack; of packs without ids whole segments are counted.

        Raises:
            PackError: The files are gone or damaged.
        """
        shared = 0
        links = zip(self.manifest.chain, other.manifest.chain, strict=False)
        for number, (ours, theirs) in enumerate(links):
            if ours != theirs:
                return shared + (self._num_shared_in(other, number) if self.has_ids and other.has_ids else 0)
            shared += self.manifest.segments[number].num_tokens
        return shared

    def _num_shared_in(self, other: "Pack", segment: int) -> int:
        ours, theirs = self.entries.segment_ids(segment), other.entries.segment_ids(segment)
        length = min(len(ours), len(theirs))
        different = (ours[:length] != theirs[:length]).nonzero()[0]
        return int(different[0]) if len(different) else length

    @property
    def revision(self) -> str:
        """The snapshot that it is of, as its text says it."""
        return str(self.manifest.state["revision"])

    @property
    def num_sections(self) -> int:
        """How many times it went on since its base."""
        kinds: str = self.manifest.state["columns"]["kinds"]
        return kinds.count(EntryKind.UPDATE.value[0])

    def text(self) -> Iterator[bytes]:
        """The prompt, a segment at a time, in UTF-8; cut between characters alone.

        Raises:
            PackError: The files are gone or damaged.
        """
        return map(self.entries.segment_text, range(len(self.manifest.segments)))

    def ids(self) -> "Iterator[TokenIds]":
        """The ids, a segment at a time.

        Raises:
            PackError: The pack has none, or the files are gone or damaged.
        """
        self._check_has_ids()
        return map(self.entries.segment_ids, range(len(self.manifest.segments)))

    def segment_ids(self, number: int) -> bytes:
        """The ids of one segment, by its number; 4 little-endian bytes each.

        Raises:
            PackError: The pack has none, or the files are gone or damaged.
        """
        self._check_has_ids()
        return self.entries.segment_id_bytes(number)

    def _check_has_ids(self) -> None:
        if not self.has_ids:
            raise PackError("a pack without a tokenizer has no ids; name one with --tokenizer")

    def place(self, offset: int) -> "Place":
        """Which line of which file a token belongs to. Where counts are estimates, so is the line.

        Raises:
            IndexError: There are not so many tokens.
            PackError: The ids are kept, but not the tokenizer to read them with.
        """
        from .parts import line_of_file, parts_of
        from .places import place_in

        if not 0 <= offset < self.num_tokens:
            raise IndexError(f"token {offset} of a pack of {self.num_tokens}")
        number, token = self.entries.holding(offset)
        position = self.entries.byte_of_token(number, token)
        place = place_in(self._table, self._held, number, self.entries.text(number).encode(), position)
        # a superseded line was shown as the version was that its own section made
        parts = parts_of(self.current[place.path] if place.is_current else self._table.contents[number])
        return replace(place, line=line_of_file(parts, place.line)) if parts else place

    def offset(self, path: str, line: int) -> int:
        """The token with which a line of the current version of a file begins; it may begin before the line.

        Raises:
            KeyError: There is no such file.
            IndexError: It has not so many lines, or stands in parts of which none has this one.
            PackError: The ids are kept, but not the tokenizer to read them with.
        """
        from .parts import parts_of, shown_line
        from .places import byte_of_line, section_of_line

        parts = parts_of(self.current[path])
        shown = shown_line(parts, line) if parts else line
        number, index = section_of_line(self._table, self._held[path], shown)
        position = byte_of_line(self._table, number, self.entries.text(number).encode(), index)
        return self.entries.token_at_byte(number, position)

    @cached_property
    def current(self) -> Mapping[str, str]:
        """Path -> content of each current file."""
        contents = self._table.contents
        return {path: contents[sections[-1]] for path, sections in self._held.items()}

    @cached_property
    def _table(self) -> "Table":
        from .entries import LogState, Table

        return Table.of(LogState.from_json(self.manifest.state))

    @cached_property
    def _held(self) -> dict[str, tuple[int, ...]]:
        from .entries import sections_of

        return sections_of(self._table, range(len(self._table)))

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Pack) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)
