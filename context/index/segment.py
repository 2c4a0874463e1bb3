"""A segment: files as named numpy arrays that answer questions without being loaded.

Rows are numbered: files in the order in which they were added, chunks and definitions file by file. What can be
searched: the text of chunks, the paths and stems of files, the words in the names of definitions, definitions by their
whole name, and the chunks that refer to a name. Knows nothing of how arrays are stored, which files are current, or how
anything is ranked.
"""

from array import array
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import terms
from ..types import FileRecord
from ..word_vectors import DIMENSIONS, CodeVectors
from .columns import Arrays, Postings, StringColumn, Strings, offsets_of

__all__ = ["SEGMENT_VERSION", "LiveSegment", "Segment", "SegmentBuilder", "places_of", "stem_of"]

SEGMENT_VERSION = 4
"""Part of the key of a stored image: raise it when `SegmentBuilder.finish` lays out other arrays."""


def stem_of(path: str) -> str:
    """The file's name without its extensions: `src/app.test.ts` gives `app`, `.env` gives `env`."""
    return path.rpartition("/")[2].lstrip(".").split(".", 1)[0]


def places_of(paths: Sequence[str]) -> NDArray[np.uint32]:
    """The place of each path among all of them in order."""
    places = np.empty(len(paths), np.uint32)
    places[sorted(range(len(paths)), key=paths.__getitem__)] = np.arange(len(paths), dtype=np.uint32)
    return places


class Segment:
    """Reads the arrays of `SegmentBuilder.finish`.

    Attributes:
        paths: Of each file.
        file_language: Row in `languages`, of each file.
        file_lines: How many, of each file.
        file_order: Its place among all files by path, of each file.
        file_chunks, file_definitions: First chunk and definition of each file, and the end. Shape (files + 1,).
        chunk_file, chunk_start, chunk_end: File row, first and last line of each chunk.
        chunk_length: How many terms, of each chunk.
        definition_kind: Row in `kinds`.
        texts, symbols: Of each chunk.
        definition_file, definition_start, definition_end, definition_line: Of each definition.
        names, qualified_names: Of each definition.
        text: From a term to chunks.
        path, stem: From a term to files.
        name: From a term to the definitions in whose names it stands.
        identifier: From `terms.identifier_key` to the definitions of that name.
        reference: From `terms.identifier_key` to the chunks that refer to that name.
        referred: The names that each chunk refers to, as `terms.identifier_key`, chunk by chunk.
        chunk_references: Where those of each chunk begin, and the end. Shape (chunks + 1,).
        meanings: The word vector of each chunk. Shape (chunks, DIMENSIONS).
        vectors: An embedder's, of each chunk. Shape (chunks, d); d is 0 when there are none.
    """

    def __init__(self, arrays: Arrays) -> None:
        self.paths = Strings(arrays, "path_of_file")
        self.languages = Strings(arrays, "language")
        self.file_language: NDArray[np.uint16] = arrays["file_language"]
        self.file_lines: NDArray[np.uint32] = arrays["file_lines"]
        self.file_order: NDArray[np.uint32] = arrays["file_order"]
        self.file_chunks: NDArray[np.int64] = arrays["file_chunks"]
        self.file_definitions: NDArray[np.int64] = arrays["file_definitions"]
        self.chunk_file: NDArray[np.uint32] = arrays["chunk_file"]
        self.chunk_start: NDArray[np.uint32] = arrays["chunk_start"]
        self.chunk_end: NDArray[np.uint32] = arrays["chunk_end"]
        self.chunk_length: NDArray[np.uint32] = arrays["chunk_length"]
        self.definition_file: NDArray[np.uint32] = arrays["definition_file"]
        self.definition_start: NDArray[np.uint32] = arrays["definition_start"]
        self.definition_end: NDArray[np.uint32] = arrays["definition_end"]
        self.definition_line: NDArray[np.uint32] = arrays["definition_line"]
        self.definition_kind: NDArray[np.uint16] = arrays["definition_kind"]
        self.kinds = Strings(arrays, "kind")
        self.texts = Strings(arrays, "text_of_chunk")
        self.symbols = Strings(arrays, "symbol_of_chunk")
        self.names = Strings(arrays, "name_of_definition")
        self.qualified_names = Strings(arrays, "qualified_name_of_definition")
        self.text = Postings(arrays, "text")
        self.path = Postings(arrays, "path")
        self.stem = Postings(arrays, "stem")
        self.name = Postings(arrays, "name")
        self.identifier = Postings(arrays, "identifier")
        self.reference = Postings(arrays, "reference")
        self.chunk_references: NDArray[np.int64] = arrays["chunk_references"]
        self.referred: NDArray[np.uint64] = arrays["referred"]
        self.meanings: NDArray[np.int8] = arrays["meanings"]
        self.vectors: NDArray[np.float32] = arrays["vectors"]

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Segment":
        """A segment over arrays, which may be memory-mapped."""
        return cls(arrays)

    @property
    def num_files(self) -> int:
        """How many files, live or not."""
        return len(self.file_lines)

    @property
    def num_chunks(self) -> int:
        """How many chunks, live or not."""
        return len(self.chunk_file)

    def chunks_of(self, file: int) -> range:
        """The chunk rows of a file."""
        return range(int(self.file_chunks[file]), int(self.file_chunks[file + 1]))

    def definitions_of(self, file: int) -> range:
        """The definition rows of a file, in order of their start."""
        return range(int(self.file_definitions[file]), int(self.file_definitions[file + 1]))


@dataclass(frozen=True, slots=True, eq=False)
class LiveSegment:
    """A segment and which of its files are current, equal to itself alone. Shape of `live`: (files,), boolean."""

    segment: Segment
    live: NDArray[np.bool_]


class SegmentBuilder:
    """Gathers files, then lays them out as arrays."""

    def __init__(self) -> None:
        # arrays of the standard library: a list of integers takes five times the memory
        self._columns = {name: array("I") for name in _INTEGER_COLUMNS}
        self._strings = {name: StringColumn() for name in _STRING_COLUMNS}
        self._languages: dict[str, int] = {}
        self._kinds: dict[str, int] = {}
        self._chunk_terms: list[NDArray[np.uint64]] = []
        self._chunk_counts: list[NDArray[np.uint16]] = []
        self._meanings: list[NDArray[np.int8]] = []
        self._small_fields = {name: _RowTerms() for name in ("path", "stem", "name", "identifier", "reference")}
        self._vectors: list[NDArray[np.float32] | None] = []

    def add(self, path: str, record: FileRecord, vectors: NDArray[np.float32] | None = None) -> None:
        """Adds a file. `vectors` holds one row a chunk, or there are none."""
        columns = self._columns
        file = len(columns["file_lines"])
        columns["file_language"].append(self._languages.setdefault(record.language, len(self._languages)))
        columns["file_lines"].append(record.lines)
        self._strings["path_of_file"].append(path)
        self._small_fields["path"].add(file, terms.hash_counts(path))
        self._small_fields["stem"].add(file, terms.hash_counts(stem_of(path)))
        self._add_references(record)
        self._add_chunks(file, record)
        self._add_definitions(file, record)
        self._vectors.append(vectors if vectors is not None or record.chunks else np.zeros((0, 0), np.float32))

    def _add_chunks(self, file: int, record: FileRecord) -> None:
        columns, code_vectors = self._columns, CodeVectors.shipped()
        for chunk in record.chunks:
            columns["chunk_file"].append(file)
            columns["chunk_start"].append(chunk.start)
            columns["chunk_end"].append(chunk.end)
            columns["chunk_length"].append(int(chunk.counts.sum()))
            self._strings["text_of_chunk"].append(chunk.text)
            self._strings["symbol_of_chunk"].append(chunk.symbol)
            self._chunk_terms.append(chunk.terms)
            self._chunk_counts.append(chunk.counts)
            self._meanings.append(code_vectors.of_terms(chunk.terms, chunk.counts))

    def _add_definitions(self, file: int, record: FileRecord) -> None:
        columns = self._columns
        for definition in record.definitions:
            row = len(columns["definition_file"])
            columns["definition_file"].append(file)
            columns["definition_start"].append(definition.start)
            columns["definition_end"].append(definition.end)
            columns["definition_line"].append(definition.line)
            columns["definition_kind"].append(self._kinds.setdefault(definition.kind, len(self._kinds)))
            self._strings["name_of_definition"].append(definition.name)
            self._strings["qualified_name_of_definition"].append(definition.qualified_name)
            self._small_fields["name"].add(row, terms.hash_counts(definition.name))
            self._small_fields["identifier"].add(row, {terms.identifier_key(definition.name): 1})

    def _add_references(self, record: FileRecord) -> None:
        first = len(self._columns["chunk_file"])
        starts = [chunk.start for chunk in record.chunks]
        used: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for reference in record.references:
            chunk = first + bisect_right(starts, reference.line) - 1
            used[max(chunk, first)][terms.identifier_key(reference.name)] += 1
        if starts:
            for chunk in sorted(used):
                self._small_fields["reference"].add(chunk, used[chunk])

    def finish(self) -> dict[str, NDArray[Any]]:
        """The arrays, by name; the same files in the same order give the same arrays."""
        arrays: dict[str, NDArray[Any]] = {
            name: np.array(values, _INTEGER_COLUMNS[name]) for name, values in self._columns.items()
        }
        num_files = len(self._columns["file_lines"])
        for of_file, rows in (("file_chunks", "chunk_file"), ("file_definitions", "definition_file")):
            arrays[of_file] = offsets_of(np.bincount(arrays[rows], minlength=num_files))
        for name, strings in self._strings.items():
            arrays |= strings.arrays(name)
        arrays["file_order"] = places_of(list(Strings(arrays, "path_of_file")))
        arrays |= Strings.pack("language", self._languages)
        arrays |= Strings.pack("kind", self._kinds)
        arrays |= self._text_postings()
        for name, field in self._small_fields.items():
            arrays |= Postings.pack(name, *field.columns())
        arrays["referred"], referring, _ = self._small_fields["reference"].columns()  # in the order of chunks
        arrays["chunk_references"] = offsets_of(np.bincount(referring, minlength=len(self._columns["chunk_file"])))
        arrays["meanings"] = np.array(self._meanings, np.int8).reshape(-1, DIMENSIONS)
        arrays["vectors"] = self._all_vectors()
        return arrays

    def _text_postings(self) -> dict[str, NDArray[Any]]:
        sizes = [len(chunk) for chunk in self._chunk_terms]
        keys = np.concatenate([np.zeros(0, np.uint64), *self._chunk_terms])
        counts = np.concatenate([np.zeros(0, np.uint16), *self._chunk_counts])
        self._chunk_terms, self._chunk_counts = [], []  # 25 MB for a source of 40
        return Postings.pack("text", keys, np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes), counts)

    def _all_vectors(self) -> NDArray[np.float32]:
        dimensions = max((each.shape[1] for each in self._vectors if each is not None), default=0)
        if not dimensions or any(each is None for each in self._vectors):
            return np.zeros((len(self._columns["chunk_file"]), 0), np.float32)
        return np.concatenate([each.reshape(-1, dimensions) for each in self._vectors if each is not None])


class _RowTerms:
    """Postings while they are gathered, for fields with few terms a row."""

    def __init__(self) -> None:
        self._keys = array("Q")
        self._rows = array("I")
        self._counts = array("I")

    def add(self, row: int, counted: Mapping[int, int]) -> None:
        self._keys.extend(counted)
        self._rows.extend([row] * len(counted))
        self._counts.extend(counted.values())

    def columns(self) -> tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.uint16]]:
        counts = np.minimum(np.array(self._counts), np.iinfo(np.uint16).max)
        return np.array(self._keys, np.uint64), np.array(self._rows, np.uint32), counts.astype(np.uint16)


_INTEGER_COLUMNS: dict[str, type[np.unsignedinteger[Any]]] = {
    "file_language": np.uint16,
    "file_lines": np.uint32,
    "chunk_file": np.uint32,
    "chunk_start": np.uint32,
    "chunk_end": np.uint32,
    "chunk_length": np.uint32,
    "definition_file": np.uint32,
    "definition_start": np.uint32,
    "definition_end": np.uint32,
    "definition_line": np.uint32,
    "definition_kind": np.uint16,
}

_STRING_COLUMNS = (
    "path_of_file",
    "text_of_chunk",
    "symbol_of_chunk",
    "name_of_definition",
    "qualified_name_of_definition",
)
