"""Reads definitions of the index as values: all of one name, or those that begin or stand in a chunk.

Knows nothing of questions or of what matches them.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..index.segment import Segment
from .corpus import Corpus

__all__ = ["Declared", "declared_as", "declared_in", "text_of"]

_MOST = 100  # of one name, such as `new`


@dataclass(frozen=True, slots=True)
class Declared:
    """A definition.

    Attributes:
        file: Its file row.
        owner: The last name around it, or "".
        name, kind, start, end, line: As parsed.
    """

    file: int
    name: str
    owner: str
    kind: str
    start: int
    end: int
    line: int

    @property
    def qualified(self) -> str:
        """The name with its owner."""
        return f"{self.owner}.{self.name}" if self.owner else self.name


def declared_as(name_key: int, corpus: Corpus) -> list[Declared]:
    """The definitions of a name, given by its `identifier_key`; at most 100, by path and line."""
    rows = corpus.definitions_named(name_key)[:_MOST]
    files = corpus.files_of_definitions(rows).tolist()
    return [_read(*corpus.definition(row), file) for row, file in zip(rows.tolist(), files, strict=True)]


def declared_in(chunk: int, corpus: Corpus) -> Iterator[Declared]:
    """The definitions of which a part stands in a chunk, in order of their start."""
    segment, local = corpus.chunk(chunk)
    start, end = int(segment.chunk_start[local]), int(segment.chunk_end[local])
    file = int(corpus.chunk_file[chunk])
    for row in segment.definitions_of(corpus.file(file)[1]):
        if segment.definition_start[row] > end:
            return
        if segment.definition_end[row] >= start:
            yield _read(segment, row, file)


def text_of(declared: Declared, corpus: Corpus, *, most_lines: int) -> str:
    """The first lines of a definition, its comment included."""
    segment, row = corpus.file(declared.file)
    last = min(declared.end, declared.start + most_lines - 1)
    lines: list[str] = []
    for chunk in segment.chunks_of(row):
        start, end = int(segment.chunk_start[chunk]), int(segment.chunk_end[chunk])
        if declared.start <= end and start <= last:
            lines += segment.texts[chunk].split("\n")[max(declared.start - start, 0) : last - start + 1]
    return "\n".join(lines)


def _read(segment: Segment, row: int, file: int) -> Declared:
    outer = segment.qualified_names[row].split(".")[:-1]
    return Declared(
        file=file,
        name=segment.names[row],
        owner=outer[-1] if outer else "",
        kind=segment.kinds[int(segment.definition_kind[row])],
        start=int(segment.definition_start[row]),
        end=int(segment.definition_end[row]),
        line=int(segment.definition_line[row]),
    )
