"""Turns the frames of a stack trace into places of the repository; frames of others' code are passed over."""

import re

import numpy as np

from ..corpus import Corpus
from .frames import Frame, read_frames
from .listing import Listing
from .place import Place

__all__ = ["find_frames"]

_HEADS = re.compile(
    r"^(?:Traceback \(most recent call last\):|goroutine \d+ \[[^\]\n]{0,80}\]:|\[signal [^\]\n]{0,200}\]"
    r"|stack backtrace:|(?:The above exception was|During handling of) [^\n]{0,100}:)[ \t\r]*$",
    re.MULTILINE,
)
"""What every trace says: no word of any question."""

_MOST = 6  # so that what the message speaks of still ranks among ten


def find_frames(text: str, listing: Listing, corpus: Corpus) -> tuple[list[Place], str]:
    """The places of the frames that are ours, innermost first, and the text without frames where some are."""
    frames = read_frames(text)
    places: dict[tuple[int, int], Place] = {}
    for number, frame in enumerate(frames, start=1):
        place = _place(frame, number, listing, corpus)
        if place:
            places.setdefault((place.file, place.start), place)
        if len(places) == _MOST:
            break
    return list(places.values()), _without(text, frames) if places else text


def _place(frame: Frame, number: int, listing: Listing, corpus: Corpus) -> Place | None:
    file = listing.in_trace(frame.path) if frame.package is None else listing.of_package(frame.package, frame.path)
    line = None if file is None else _line(frame, file, corpus)
    if file is None or line is None:
        return None
    inside = f", in `{frame.function}`" if frame.function else ""
    return Place(file, line, None, f"frame {number} of the stack trace{inside}")


def _line(frame: Frame, file: int, corpus: Corpus) -> int | None:
    """The frame's line, or that of its function where the trace is of another version of the file."""
    segment, row = corpus.file(file)
    rows = segment.definitions_of(row)
    starts, ends = segment.definition_start[rows.start : rows.stop], segment.definition_end[rows.start : rows.stop]
    named = [at for at in range(len(rows)) if frame.function and segment.names[rows.start + at] == frame.function]
    if named and not any(starts[at] <= frame.line <= ends[at] for at in named):
        nearest = min(named, key=lambda at: (abs(int(starts[at]) - frame.line), at))
        return int(np.asarray(segment.definition_line)[rows.start + nearest])
    return frame.line if 1 <= frame.line <= int(segment.file_lines[row]) else None


def _without(text: str, frames: list[Frame]) -> str:
    kept, at = [], 0
    for start, end in sorted(frame.span for frame in frames):
        kept.append(text[at : max(start, at)])
        at = max(at, end)
    return _HEADS.sub("", "".join([*kept, text[at:]]))
