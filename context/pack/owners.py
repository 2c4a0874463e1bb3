"""Which entry each current line of a file stands in, and where in it. Knows only numbers, no texts.

It makes two things cheap: what of a section is still current, and the way from a place in the pack to `path:line` and
back.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from ...errors import InputError
from .entries import Table
from .format import Hunk

__all__ = ["Run", "live_parts", "runs_of"]


class Run(NamedTuple):
    """Neighbouring lines of a file that stand together in one entry.

    Attributes:
        entry: Its number in the log.
        start: The first of them, from 0, among the lines that the entry brings.
        length: How many.
    """

    entry: int
    start: int
    length: int


def runs_of(table: Table, sections: Sequence[int]) -> list[Run]:
    """The lines of a file's last version, in order, by where they stand.

    Args:
        table: The entries.
        sections: The numbers of the file's sections: a whole file, then patches.
    """
    runs = [Run(sections[0], 0, table.num_lines[sections[0]])]
    for number in sections[1:]:
        runs = _splice(runs, number, table.hunks.get(number, ()))
    return [run for run in runs if run.length]


def live_parts(table: Table, sections: Sequence[int], lines: Sequence[str]) -> dict[int, int]:
    """Of each section the part of its size that is current, by its share of characters.

    Args:
        table: The entries.
        sections: The file's.
        lines: Of the file's last version.

    Raises:
        InputError: The entries are of another number of lines.
    """
    ends = [0, *accumulate(len(line) + 1 for line in lines)]
    chars = dict.fromkeys(sections, 0)
    at = 0
    runs = runs_of(table, sections)
    if sum(run.length for run in runs) != len(lines):
        raise InputError("the state of a pack is damaged: pack anew")
    for run in runs:
        chars[run.entry] += ends[at + run.length] - ends[at]
        at += run.length
    return {number: _part(table.sizes[number], chars[number], table.num_chars[number]) for number in sections}


def _part(size: int, live: int, brought: int) -> int:
    """A patch that brings nothing takes lines out: it stays true."""
    return round(size * min(live / brought, 1.0)) if brought else size


def _splice(runs: Iterable[Run], number: int, hunks: Iterable[Hunk]) -> list[Run]:
    """The runs after a patch, whose entry has this number."""
    cursor = _Cursor(runs)
    spliced: list[Run] = []
    at = brought = 0
    for hunk in hunks:
        spliced += cursor.take(hunk.old_start - at)
        cursor.take(hunk.old_end - hunk.old_start)
        num_new = hunk.new_end - hunk.new_start
        spliced.append(Run(number, brought, num_new))
        at, brought = hunk.old_end, brought + num_new
    return spliced + cursor.rest()


class _Cursor:
    """Takes lines off the front of runs."""

    def __init__(self, runs: Iterable[Run]) -> None:
        self._runs = list(reversed(list(runs)))

    def take(self, count: int) -> list[Run]:
        taken: list[Run] = []
        while count:
            run = self._runs.pop()
            if run.length > count:
                self._runs.append(Run(run.entry, run.start + count, run.length - count))
                run = Run(run.entry, run.start, count)
            taken.append(run)
            count -= run.length
        return taken

    def rest(self) -> list[Run]:
        return self._runs[::-1]
