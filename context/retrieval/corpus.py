"""The live files of several segments under one numbering, as if they were one index without dead rows.

Rows of files, chunks and definitions are numbered through all segments; lookups return live rows only. Counts and
lengths are of live rows, sums of whole numbers, and rows in order are those by path and line: so an image with an
overlay, or one whose files came in another order, ranks as one that was built anew. Knows nothing of questions.
"""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from ..index.columns import Postings
from ..index.segment import LiveSegment, Segment, places_of
from ..word_vectors import DIMENSIONS, FULL
from .definition_chunks import DefinitionChunks
from .joining import Found, found_in, joined, starts_of
from .reference_rows import ReferenceRows
from .roles import Roles, roles_of

__all__ = ["Corpus", "Hits", "corpus_of"]

Hits = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Rows, ascending, and how often each holds what was looked up."""


class Corpus:
    """What of the segments can be searched.

    Attributes:
        num_files, num_chunks: Live ones.
        size: All file rows, live or not: the length of arrays that are indexed by file row.
        live: Whether each file row is live.
        chunk_file: The file row of each chunk row.
        chunk_length: How many terms, of each chunk row.
    """

    def __init__(self, segments: Sequence[LiveSegment], *, under: str = "") -> None:
        self._segments = [each.segment for each in segments]
        self._first_file = starts_of(segment.num_files for segment in self._segments)
        self._first_chunk = starts_of(segment.num_chunks for segment in self._segments)
        self._first_definition = starts_of(len(segment.definition_file) for segment in self._segments)
        self.size = self._first_file[-1]
        self.live = joined([each.live & _under(each.segment, under) for each in segments], np.bool_)
        self.chunk_file = joined(
            [segment.chunk_file.astype(np.int64) + at for segment, at in self._each(self._first_file)], np.int64
        )
        self.chunk_length = joined([segment.chunk_length for segment in self._segments], np.float32)
        self._live_chunk = self.live[self.chunk_file]
        self._all_live = bool(self.live.all())
        self.num_files = int(self.live.sum())
        self.num_chunks = int(self._live_chunk.sum())
        self.mean_chunk_length = _mean(self.chunk_length[self._live_chunk])
        self._paths: dict[int, str] = {}
        self._roles: dict[int, Roles] = {}

    @cached_property
    def file_length(self) -> NDArray[np.float32]:
        """How many terms, of each file row."""
        return np.bincount(self.chunk_file, self.chunk_length, self.size).astype(np.float32)

    @cached_property
    def mean_file_length(self) -> float:
        """Of the live ones."""
        return _mean(self.file_length[self.live])

    @cached_property
    def chunk_bounds(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The first chunk row of each file row, and the one after its last."""
        parts = list(zip(self._segments, self._first_chunk, strict=False))
        starts = joined([segment.file_chunks[:-1] + first for segment, first in parts], np.int64)
        return starts, joined([segment.file_chunks[1:] + first for segment, first in parts], np.int64)

    @cached_property
    def first_chunks(self) -> NDArray[np.int64]:
        """The first chunk row of each file that has chunks, ascending."""
        return np.flatnonzero(np.diff(self.chunk_file, prepend=-1))

    @cached_property
    def num_chunk_lines(self) -> NDArray[np.float32]:
        """How many lines, of each chunk row."""
        return joined([each.chunk_end - each.chunk_start.astype(np.int64) + 1 for each in self._segments], np.float32)

    def chunks_of_definitions(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The first chunk row of each of these definitions, from where its name stands, and the one after its last."""
        return self._definition_chunks.of(rows)

    @cached_property
    def _definition_chunks(self) -> DefinitionChunks:
        return DefinitionChunks(self._segments, self._first_chunk, self._first_definition)

    def _each(self, firsts: list[int]) -> list[tuple[Segment, int]]:
        return list(zip(self._segments, firsts, strict=False))

    def parts(self) -> list[tuple[Segment, int]]:
        """Each segment with the number of its first file row."""
        return self._each(self._first_file)

    def definition_parts(self) -> list[tuple[Segment, int]]:
        """Each segment with the number of its first definition row."""
        return self._each(self._first_definition)

    def find(self, field: str, keys: NDArray[np.uint64]) -> Found:
        """The rows that hold some keys in `text`, `path`, `stem` or `name`: of chunks, files or definitions."""
        firsts = {"text": self._first_chunk, "name": self._first_definition}.get(field, self._first_file)
        each = [getattr(segment, field).get_many_counted(keys) for segment in self._segments]
        found = found_in(each, firsts)
        if self._all_live:
            return found
        of_file = {"text": self.chunk_file, "name": self._definition_file}.get(field)
        kept = self.live[found.rows if of_file is None else of_file[found.rows]]
        return Found(found.rows[kept], found.of[kept], found.counts[kept])

    def num_chunks_with(self, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
        """In how many chunks each of some terms stands."""
        if not self._all_live:
            return np.bincount(self.find("text", keys).of, minlength=len(keys))
        return sum((segment.text.sizes(keys) for segment in self._segments), np.zeros(len(keys), np.int64))

    def chunks_with(self, key: int) -> Hits:
        """The chunks in whose text a term stands."""
        rows, counts = self._gather([segment.text for segment in self._segments], key, self._first_chunk)
        return self._kept(rows, counts, self._live_chunk)

    def chunks_referring_to(self, key: int) -> Hits:
        """The chunks that refer to an identifier."""
        rows, counts = self._gather([segment.reference for segment in self._segments], key, self._first_chunk)
        return self._kept(rows, counts, self._live_chunk)

    def files_with(self, field: str, key: int) -> Hits:
        """The files in whose `path` or `stem` a term stands."""
        rows, counts = self._gather([getattr(each, field) for each in self._segments], key, self._first_file)
        return self._kept(rows, counts, self.live)

    def _kept(self, rows: NDArray[np.int64], counts: NDArray[np.float32], live: NDArray[np.bool_]) -> Hits:
        if self._all_live:
            return rows, counts
        kept = live[rows]
        return rows[kept], counts[kept]

    @property
    def num_definition_rows(self) -> int:
        """All definition rows, live or not."""
        return self._first_definition[-1]

    def definitions_with(self, key: int) -> NDArray[np.int64]:
        """The definitions in whose name a term stands."""
        return self._live_definitions([segment.name for segment in self._segments], key)

    def definitions_named(self, key: int) -> NDArray[np.int64]:
        """The definitions of an identifier, by path and line."""
        rows = self._live_definitions([segment.identifier for segment in self._segments], key)
        return rows if len(rows) < 2 else rows[np.lexsort((rows, self.file_order[self._definition_file[rows]]))]

    def definitions_of_names(self, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The definitions of some identifiers, and which of these each has."""
        found = [segment.identifier.get_many(keys) for segment in self._segments]
        rows = joined([own + at for (own, _), at in zip(found, self._first_definition, strict=False)], np.int64)
        live = self.live[self._definition_file[rows]]
        return rows[live], joined([of for _, of in found], np.int64)[live]

    @cached_property
    def references(self) -> ReferenceRows:
        """What each chunk refers to."""
        return ReferenceRows(self._segments)

    def _live_definitions(self, postings: list[Postings], key: int) -> NDArray[np.int64]:
        rows, _ = self._gather(postings, key, self._first_definition)
        return rows if self._all_live else rows[self.live[self._definition_file[rows]]]

    @cached_property
    def _definition_file(self) -> NDArray[np.int64]:
        parts = [each.definition_file.astype(np.int64) + first for each, first in self.parts()]
        return joined(parts, np.int64)

    def _gather(self, postings: list[Postings], key: int, firsts: list[int]) -> Hits:
        found = [each.get(key) for each in postings]
        if len(found) == 1:
            return found[0][0].astype(np.int64), found[0][1].astype(np.float32)
        rows = [rows.astype(np.int64) + first for (rows, _), first in zip(found, firsts, strict=False)]
        return joined(rows, np.int64), joined([counts for _, counts in found], np.float32)

    @cached_property
    def file_order(self) -> NDArray[np.int64]:
        """The place of each file row by path; of the rows of one file those of chunks and definitions ascend."""
        if len(self._segments) == 1:
            return self._segments[0].file_order.astype(np.int64)
        return places_of([path for segment in self._segments for path in segment.paths]).astype(np.int64)

    @cached_property
    def chunk_order(self) -> NDArray[np.int64]:
        """The place by path of the file of each chunk row."""
        order: NDArray[np.int64] = self.file_order[self.chunk_file]
        return order

    def chunks_in_order(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """These chunk rows by path and line."""
        return rows[np.lexsort((rows, self.chunk_order[rows]))]

    def files_of_definitions(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The file row of each of these definitions."""
        return self._definition_file[rows]

    def file(self, row: int) -> tuple[Segment, int]:
        """The segment of a file row, and its row there."""
        return self._local(row, self._first_file)

    def chunk(self, row: int) -> tuple[Segment, int]:
        """The segment of a chunk row, and its row there."""
        return self._local(row, self._first_chunk)

    def definition(self, row: int) -> tuple[Segment, int]:
        """The segment of a definition row, and its row there."""
        return self._local(row, self._first_definition)

    def _local(self, row: int, firsts: list[int]) -> tuple[Segment, int]:
        at = bisect_right(firsts, row) - 1
        return self._segments[at], row - firsts[at]

    def path(self, file: int) -> str:
        """The path of a file row."""
        known = self._paths.get(file)
        if known is None:
            segment, row = self.file(file)
            known = self._paths[file] = segment.paths[row]
        return known

    def language(self, file: int) -> str:
        """The language of a file row."""
        segment, row = self.file(file)
        return segment.languages[int(segment.file_language[row])]

    @cached_property
    def num_lines(self) -> NDArray[np.int64]:
        """How many lines, of each file row."""
        return joined([segment.file_lines for segment in self._segments], np.int64)

    def roles(self, file: int) -> Roles:
        """What kind of file a file row is."""
        if file not in self._roles:
            self._roles[file] = roles_of(self.path(file), self.language(file))
        return self._roles[file]

    def chunks_of(self, file: int) -> range:
        """The chunk rows of a file row."""
        starts, stops = self.chunk_bounds
        return range(int(starts[file]), int(stops[file]))

    def meanings(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """The cosine of the word vector of each chunk row with that of a question; 0 for dead ones."""
        # the numbers are whole and small: the products are exact, however they are summed
        cosines: NDArray[np.float32] = np.einsum("ji,j->i", self._meanings, vector) / np.float32(FULL)
        return cosines if self._all_live else np.where(self._live_chunk, cosines, np.float32(0))

    @cached_property
    def _meanings(self) -> NDArray[np.float32]:
        """Number by number, in which order they are multiplied in half the time. Shape (DIMENSIONS, chunks)."""
        parts = [np.zeros((0, DIMENSIONS), np.int8), *(segment.meanings for segment in self._segments)]
        return np.concatenate(parts).T.astype(np.float32, order="C")

    def similarities(self, vector: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """The cosine of each chunk row with a unit vector, 0 for dead ones; None where there are no such vectors."""
        if any(segment.vectors.shape[1] != len(vector) for segment in self._segments) or not self.num_chunks:
            return None
        # not `@`: its threads wait for cores, up to 60 ms on a busy machine; this takes 0.2 ms for 15,000 chunks
        similar = joined([np.einsum("ij,j->i", each.vectors, vector) for each in self._segments], np.float32)
        return np.where(self._live_chunk, similar, np.float32(0))


@lru_cache(maxsize=2)
def corpus_of(segments: tuple[LiveSegment, ...], under: str) -> Corpus:
    """The corpus of these very segments: what does not hang on a question is made for the first one only."""
    return Corpus(segments, under=under)


def _mean(lengths: NDArray[np.float32]) -> float:
    """To divide by: 1 where there is no text at all."""
    # of whole numbers in 64 bits: in 32 it would hang on the order of the rows
    return float(lengths.mean(dtype=np.float64)) or 1.0 if len(lengths) else 1.0


def _under(segment: Segment, folder: str) -> NDArray[np.bool_]:
    if not folder:
        return np.ones(segment.num_files, np.bool_)
    inside = folder.rstrip("/") + "/"
    return np.fromiter((path.startswith(inside) for path in segment.paths), np.bool_, segment.num_files)
