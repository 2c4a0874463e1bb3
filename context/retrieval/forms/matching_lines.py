"""Searches the text of a corpus line by line for a string or a pattern, as it lies in the index: packed UTF-8.

Files that are not live and those outside the asked folder are passed over; secrets were masked before. Knows nothing
of what is done with the lines.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ....errors import InputError
from ...index.segment import Segment
from ..corpus import Corpus

__all__ = ["MatchingLine", "lines_holding", "lines_matching"]

_MOST_OF_FILE = 5  # lines: a table of messages is one place, not a hundred
_TIME_LIMIT_S = 2.0

_Finder = Callable[[bytes], Iterator[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class MatchingLine:
    """A line that matches: its file row, its number, and what matched."""

    file: int
    line: int
    matched: bytes


def lines_holding(text: str, corpus: Corpus) -> list[MatchingLine]:
    """The lines that hold a string, up to five a file."""
    wanted = text.encode("utf-8", "surrogatepass")

    def find(chunk: bytes) -> Iterator[tuple[int, int]]:
        at = chunk.find(wanted)
        while at >= 0:
            yield at, at + len(wanted)
            line_end = chunk.find(b"\n", at + len(wanted))
            at = chunk.find(wanted, line_end) if line_end >= 0 else -1

    found: list[MatchingLine] = []
    for segment, row, file in _files(corpus):
        # the chunks of a file lie side by side: most files are done in one look
        if wanted in segment.texts.packed(segment.chunks_of(row)):
            found += _in_file(segment, row, file, find)
    return found


def lines_matching(find: _Finder, corpus: Corpus, *, shown: str) -> list[MatchingLine]:
    """The lines in which `find` finds something, up to five a file.

    Raises:
        InputError: It took too long; `shown` is how the pattern is called.
    """
    deadline = time.monotonic() + _TIME_LIMIT_S
    found: list[MatchingLine] = []
    for segment, row, file in _files(corpus):
        found += _in_file(segment, row, file, find)
        if time.monotonic() > deadline:
            # an error, not a part of the lines: the same question must not get two answers
            raise InputError(f"{shown}: took over {_TIME_LIMIT_S:g} s; write a simpler pattern, or ask a sub-folder")
    return found


def _files(corpus: Corpus) -> Iterator[tuple[Segment, int, int]]:
    """Each live file: its segment, its row there, and its row in the corpus."""
    for segment, first in corpus.parts():
        for row in corpus.live[first : first + segment.num_files].nonzero()[0].tolist():
            yield segment, row, first + row


def _in_file(segment: Segment, row: int, file: int, find: _Finder) -> list[MatchingLine]:
    lines: list[MatchingLine] = []
    for chunk in segment.chunks_of(row):
        text = segment.texts.packed(range(chunk, chunk + 1))
        for start, end in find(text):
            line = int(segment.chunk_start[chunk]) + text.count(b"\n", 0, start)
            lines.append(MatchingLine(file, line, text[start:end]))
            if len(lines) == _MOST_OF_FILE:
                return lines
    return lines
