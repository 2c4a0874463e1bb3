"""Finds the places that a question gives outright: `[src/auth.py:1-2]`, `auth.py:10`, `auth.py#L10-L12`.

Knows paths and line counts, nothing of words or scores.
"""

import re
from dataclasses import dataclass

from .corpus import Corpus

__all__ = ["Place", "find_places"]

_PLACE = re.compile(r"([^\s\[\]()`'\",:#]+)(?::|#)L?(\d{1,7})(?:[-\u2010-\u2015]L?(\d{1,7}))?(?!\w)")
_MOST_GIVEN = 10  # of a pasted stack trace
_MOST_OF_A_NAME = 3  # `index.ts:3` may be any of a hundred


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of a file row; `end` is None where one line was given."""

    file: int
    start: int
    end: int | None


def find_places(question: str, corpus: Corpus) -> list[Place]:
    """The places that a question gives and that are there, in the order of the question."""
    given = list(dict.fromkeys(_PLACE.findall(question)))[:_MOST_GIVEN]
    if not given:
        return []
    places = []
    for path, start, end in given:
        for file in _files_called(path.removeprefix("./"), corpus):
            segment, row = corpus.file(file)
            if 1 <= int(start) <= int(segment.file_lines[row]) and (not end or int(start) <= int(end)):
                last = min(int(end), int(segment.file_lines[row])) if end else None
                places.append(Place(file, int(start), last))
    return places


def _files_called(name: str, corpus: Corpus) -> list[int]:
    """The files of that path, or else those whose path ends so, the shallowest first."""
    live = corpus.live.nonzero()[0].tolist()
    called = [file for file in live if corpus.path(file) == name or corpus.path(file).endswith(f"/{name}")]
    called.sort(key=lambda file: (corpus.path(file).count("/"), corpus.path(file)))
    return called[: 1 if called and corpus.path(called[0]) == name else _MOST_OF_A_NAME]
