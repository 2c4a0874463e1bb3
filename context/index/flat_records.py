"""Records laid out as columns: the one form in which they cross a process, lie in the log and enter the store.

A FileRecord is thousands of small objects; pickled one by one they cost more than parsing did. Here numbers and texts
are arrays, and the symbols of a file are one JSON string. What changes here raises `keys.RECORDS_VERSION`. Knows
nothing of Arrow, of files, or of where columns go.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...ingest.types import Definition, Import, Reason, Reference
from ..types import Chunk, FileRecord

__all__ = [
    "FLAT_ARRAYS",
    "Embedded",
    "FileHead",
    "FlatRecords",
    "StoredFile",
    "flatten",
    "head_of",
    "joined",
    "record_of",
    "symbols_of",
]


FLAT_ARRAYS = ("starts", "ends", "text", "text_offsets", "terms", "counts", "term_offsets")
"""The arrays among the columns of `FlatRecords`."""


@dataclass(frozen=True, slots=True)
class FileHead:
    """What is kept of a file beside its chunks.

    Attributes:
        omission: The reason's value, or "".
        symbols: Definitions, references and imports as JSON.
        num_chunks: How many chunks belong to it.
    """

    blob_id: str
    language: str
    omission: str
    size: int
    lines: int
    parsed: bool
    withheld: int
    symbols: str
    num_chunks: int


@dataclass(frozen=True, slots=True)
class FlatRecords:
    """Some records as columns; f files, c chunks, t distinct terms of chunks.

    Attributes:
        heads: One a file, in order; their chunks follow one another in the same order.
        starts, ends: Lines of each chunk. Shape (c,).
        symbols, kinds: Of each chunk. Length c.
        text: UTF-8 of all chunks. Shape (bytes,).
        text_offsets: Where each chunk's text starts, and the end. Shape (c + 1,).
        terms, counts: Term hashes of all chunks and how often each stands there. Shape (t,).
        term_offsets: Where each chunk's terms start, and the end. Shape (c + 1,).
    """

    heads: tuple[FileHead, ...]
    starts: NDArray[np.int32]
    ends: NDArray[np.int32]
    symbols: list[str]
    kinds: list[str]
    text: NDArray[np.uint8]
    text_offsets: NDArray[np.int32]
    terms: NDArray[np.uint64]
    counts: NDArray[np.uint16]
    term_offsets: NDArray[np.int32]

    @property
    def num_chunks(self) -> int:
        """How many chunks all files have together."""
        return len(self.starts)

    def chunks(self) -> list[Chunk]:
        """The chunks of all files; their arrays are views of the columns."""
        text, text_offsets, term_offsets = self.text.tobytes(), self.text_offsets.tolist(), self.term_offsets.tolist()
        starts, ends = self.starts.tolist(), self.ends.tolist()
        return [
            Chunk(
                starts[row],
                ends[row],
                text[text_offsets[row] : text_offsets[row + 1]].decode(),
                self.symbols[row],
                self.kinds[row],
                self.terms[term_offsets[row] : term_offsets[row + 1]],
                self.counts[term_offsets[row] : term_offsets[row + 1]],
            )
            for row in range(len(starts))
        ]

    def records(self) -> Iterator[FileRecord]:
        """The records that were flattened."""
        chunks, first = self.chunks(), 0
        for head in self.heads:
            yield record_of(head, tuple(chunks[first : first + head.num_chunks]))
            first += head.num_chunks


@dataclass(frozen=True, slots=True)
class Embedded:
    """Records under their content keys, with the vectors of their chunks. Shape of `vectors`: (chunks, dimensions)."""

    keys: Sequence[str]
    flat: FlatRecords
    vectors: NDArray[np.float32]

    def files(self) -> Iterator["StoredFile"]:
        """Each file by itself."""
        first = 0
        for key, record in zip(self.keys, self.flat.records(), strict=True):
            last = first + len(record.chunks)
            yield StoredFile(key, record, self.vectors[first:last])
            first = last


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One record under its content key, and the vectors of its chunks. Shape of `vectors`: (chunks, dimensions)."""

    key: str
    record: FileRecord
    vectors: NDArray[np.float32]


def flatten(records: Sequence[FileRecord]) -> FlatRecords:
    """Lays records out as columns."""
    chunks = [chunk for record in records for chunk in record.chunks]
    texts = [chunk.text.encode("utf-8", "replace") for chunk in chunks]
    return FlatRecords(
        heads=tuple(map(head_of, records)),
        starts=np.array([chunk.start for chunk in chunks], np.int32),
        ends=np.array([chunk.end for chunk in chunks], np.int32),
        symbols=[chunk.symbol for chunk in chunks],
        kinds=[chunk.kind for chunk in chunks],
        text=np.frombuffer(b"".join(texts), np.uint8),
        text_offsets=_offsets([len(text) for text in texts]),
        terms=_joined([chunk.terms for chunk in chunks], np.uint64),
        counts=_joined([chunk.counts for chunk in chunks], np.uint16),
        term_offsets=_offsets([len(chunk.terms) for chunk in chunks]),
    )


def joined(parts: Sequence[FlatRecords]) -> FlatRecords:
    """The records of all parts as one."""
    if len(parts) == 1:
        return parts[0]
    return FlatRecords(
        heads=tuple(head for part in parts for head in part.heads),
        starts=_joined([part.starts for part in parts], np.int32),
        ends=_joined([part.ends for part in parts], np.int32),
        symbols=[symbol for part in parts for symbol in part.symbols],
        kinds=[kind for part in parts for kind in part.kinds],
        text=_joined([part.text for part in parts], np.uint8),
        text_offsets=_joined_offsets([part.text_offsets for part in parts]),
        terms=_joined([part.terms for part in parts], np.uint64),
        counts=_joined([part.counts for part in parts], np.uint16),
        term_offsets=_joined_offsets([part.term_offsets for part in parts]),
    )


def head_of(record: FileRecord) -> FileHead:
    """A record without its chunks."""
    return FileHead(
        blob_id=record.blob_id,
        language=record.language,
        omission=record.omission.value if record.omission else "",
        size=record.size,
        lines=record.lines,
        parsed=record.parsed,
        withheld=record.withheld,
        symbols=_symbols_json(record),
        num_chunks=len(record.chunks),
    )


def record_of(head: FileHead, chunks: tuple[Chunk, ...]) -> FileRecord:
    """A record from its head and its chunks."""
    definitions, references, imports = symbols_of(head.symbols)
    return FileRecord(
        blob_id=head.blob_id,
        language=head.language,
        omission=Reason(head.omission) if head.omission else None,
        size=head.size,
        lines=head.lines,
        chunks=chunks,
        definitions=definitions,
        references=references,
        imports=imports,
        parsed=head.parsed,
        withheld=head.withheld,
    )


def symbols_of(symbols: str) -> tuple[tuple[Definition, ...], tuple[Reference, ...], tuple[Import, ...]]:
    """Definitions, references and imports from their JSON."""
    if not symbols:
        return (), (), ()
    definitions, references, imports = json.loads(symbols)
    return (
        tuple(Definition(*row) for row in definitions),
        tuple(map(Reference, *references)) if references else (),
        tuple(map(Import, *imports)) if imports else (),
    )


def _symbols_json(record: FileRecord) -> str:
    if not (record.definitions or record.references or record.imports):
        return ""
    definitions = [
        (made.name, made.qualified_name, made.kind, made.start, made.end, made.line) for made in record.definitions
    ]
    # as two lists, since a file may hold thousands of references
    references = [[used.name for used in record.references], [used.line for used in record.references]]
    imports = [[used.target for used in record.imports], [used.line for used in record.imports]]
    return json.dumps((definitions, references, imports), separators=(",", ":"))


def _offsets(sizes: list[int]) -> NDArray[np.int32]:
    offsets = np.zeros(len(sizes) + 1, np.int32)
    np.cumsum(sizes, out=offsets[1:])
    return offsets


def _joined_offsets(parts: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    return _offsets([int(size) for offsets in parts for size in np.diff(offsets)])


def _joined(arrays: list[NDArray[Any]], dtype: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype)
