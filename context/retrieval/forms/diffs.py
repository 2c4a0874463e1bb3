"""Finds the places that a pasted diff changes: the new side of its hunks, without the context around them.

Knows the unified format, with and without git's header, and nothing of whether the diff has been applied.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from ..corpus import Corpus
from .listing import Listing
from .place import Place

__all__ = ["find_hunks"]

_TARGET = re.compile(r"^\+\+\+ (?:\"?[bw]/)?([^\t\n\"]{1,400}?)\"?(?:\t[^\n]*)?\r?$")
_HUNK = re.compile(r"^@@ -\d{1,7}(?:,(\d{1,7}))? \+(\d{1,7})(?:,(\d{1,7}))? @@")
_MOST = 10


def find_hunks(text: str, listing: Listing, corpus: Corpus) -> list[Place]:
    """The places of the hunks whose files are here, in the order of the diff."""
    places: list[Place] = []
    if "\n@@ -" not in text and not text.startswith("@@ -"):
        return places
    for path, start, end in _hunks(text.split("\n")):
        files = listing.called(path)
        if files:
            segment, row = corpus.file(files[0])
            lines = int(segment.file_lines[row])
            if lines:
                first = max(1, min(start, lines))
                places.append(Place(files[0], first, max(first, min(end, lines)), "changed by the diff"))
        if len(places) == _MOST:
            break
    return places


def _hunks(lines: list[str]) -> Iterator[tuple[str, int, int]]:
    """Path, first and last changed line of each hunk."""
    path = ""
    for at, line in enumerate(lines):
        if line.startswith("+++ ") and (target := _TARGET.match(line)):
            path = target[1]
        elif path and line.startswith("@@ ") and (hunk := _HUNK.match(line)):
            old, start, new = int(hunk[1] or 1), int(hunk[2]), int(hunk[3] or 1)
            yield path, *_changed(islice(lines, at + 1, None), old=old, start=start, new=new)


def _changed(body: Iterable[str], *, old: int, start: int, new: int) -> tuple[int, int]:
    """The first and last line that a hunk adds, or beside which it takes some away."""
    changed, at, end = [], start, start + new
    for line in body:
        if at >= end and old <= 0:  # what follows may be the head of the next file
            break
        if line.startswith("-"):
            old -= 1
            changed.append(at)
        elif line.startswith("+"):
            changed.append(at)
            at += 1
        elif line[:1] in (" ", "", "\r"):
            old -= 1
            at += 1
        elif not line.startswith("\\"):
            break
    return (min(changed), max(changed)) if changed else (start, max(start, end - 1))
