r"""Finds the files, folders and lines that a question names by path: `src/app.py`, `app.py:10-12`, `a\b.cs(12,3)`.

Knows paths, line counts and the names of definitions. A word that merely looks like a file's name without its ending
is none: `routing` asks for what is called so, `routing.go` for the file.
"""

import re
from collections.abc import Iterator

from ....ingest.languages import language_of
from ... import terms
from ..corpus import Corpus
from ..roles import roles_of
from .listing import Listing, normal
from .place import Place

__all__ = ["find_files", "find_lines", "missing_file"]

_PATH = r"[^\s\[\]()<>`'\",;:#?*|]{1,400}"
_START = r"(?<![^\s\[\]()<>`'\",;:#?*|])"  # not inside a path: each start costs a look at 400 characters
_LINES = re.compile(
    rf"{_START}(?P<path>(?:[A-Za-z]:[\\/])?{_PATH})(?:(?::|#)L?(?P<start>\d{{1,7}})(?:[-\u2010-\u2015]L?(?P<end>\d{{1,7}}))?(?!\w)"
    r"|\((?P<line>\d{1,7})(?:,\d{1,7}(?:,(?P<last>\d{1,7}),\d{1,7})?)?\))"
)
_FILE = re.compile(rf"(?<![\w@]){_PATH}")
_HAS_ENDING = re.compile(r"[^/\\]\.\w{1,15}$|^\.\w")
_MOST_LINES_GIVEN = 10  # of a compiler's output
_MOST_TRIED = 1_000  # of a pasted list
_MOST_OF_A_NAME = 3  # `index.ts:3` may be any of a hundred
_MOST_FILES = 5
_MOST_IN_FOLDER = 3
_MOST_SHOWN = 60  # lines of a file or of its main definition: what is read as one place


def find_lines(text: str, listing: Listing, corpus: Corpus) -> tuple[list[Place], dict[str, list[int]]]:
    """The lines that a text gives.

    Returns:
        Those that are there, in the text's order; and as they are written those that are not, each with the files that
        are too short for it.
    """
    places: list[Place] = []
    beyond: dict[str, list[int]] = {}
    for path, start, end in _given_lines(text):
        meant = _meant(path, listing, corpus)
        lines = {file: int(corpus.num_lines[file]) for file in meant}
        there = [file for file in meant if 1 <= start <= lines[file] and (end is None or start <= end)]
        places += [Place(file, start, None if end is None else min(end, lines[file])) for file in there]
        if meant and all(start > lines[file] for file in meant):
            beyond[f"{path}:{start}"] = meant
        if len(places) >= _MOST_LINES_GIVEN:
            break
    return places[:_MOST_LINES_GIVEN], beyond


def _given_lines(text: str) -> Iterator[tuple[str, int, int | None]]:
    given: dict[tuple[str, int, int | None], None] = {}
    for match in _LINES.finditer(text):
        end = match["end"] or match["last"]
        given[match["path"], int(match["start"] or match["line"]), int(end) if end else None] = None
        if len(given) == _MOST_TRIED:
            break
    yield from given


def _meant(path: str, listing: Listing, corpus: Corpus) -> list[int]:
    """The one file of exactly that path or of another machine's, or a few that end so."""
    if path.startswith("/") or path[1:2] == ":":
        file = listing.in_trace(path)
        return [] if file is None else [file]
    found = listing.called(path)
    is_whole = bool(found) and corpus.path(found[0]) == normal(path)
    return found[: 1 if is_whole else _MOST_OF_A_NAME]


def find_files(text: str, listing: Listing, corpus: Corpus) -> list[Place]:
    """A span of each file that a text names, and of those in a folder that it names."""
    places: dict[int, Place] = {}
    for written in _named_files(text):
        files = listing.called(written)
        if not files and written[:1] in ("/", "~"):
            file = listing.in_trace(written)
            files = [] if file is None else [file]
        for file in files[:_MOST_FILES]:
            places.setdefault(file, _span(file, corpus))
        if not files and "/" in written.replace("\\", "/"):
            for place in _in_folder(written, listing, corpus):
                places.setdefault(place.file, place)
        if len(places) >= _MOST_FILES:
            break
    return list(places.values())[:_MOST_FILES]


def _named_files(text: str) -> list[str]:
    """What is written as a file or folder; a name without ending only where the text is nothing else."""
    alone = text.strip().strip("`'\"")
    if alone and not re.search(r"\s", alone) and alone[:1].isupper() and _FILE.fullmatch(alone):
        return [alone]  # Makefile
    found: dict[str, None] = {}
    for match in _FILE.finditer(text):
        written = match[0].rstrip(".!…")
        if "/" in written or "\\" in written or _HAS_ENDING.search(written):
            found[written] = None
        if len(found) == _MOST_TRIED:
            break
    return list(found)


def missing_file(text: str, listing: Listing, corpus: Corpus) -> str:
    """The path of a file that is not here, where a text is nothing else: `src/app.py:10`, `src/app.py`; or ""."""
    alone = text.strip().strip("`'\"")
    match = _LINES.fullmatch(alone)
    path = match["path"] if match else alone
    if "://" in path or not _FILE.fullmatch(path) or not (match or "/" in path) or not language_of(path):
        return ""
    return "" if find_files(path, listing, corpus) or listing.in_trace(path) is not None else path


def _span(file: int, corpus: Corpus) -> Place:
    """The definition that the file is named after, or its start."""
    segment, row = corpus.file(file)
    stem = corpus.path(file).rpartition("/")[2].lstrip(".").partition(".")[0]
    key = terms.identifier_key(stem) if stem else None
    for at in segment.definitions_of(row):
        if terms.identifier_key(segment.names[at]) == key:
            start, end = int(segment.definition_start[at]), int(segment.definition_end[at])
            reason = "what the file that was asked for is named after"
            return Place(file, start, min(end, start + _MOST_SHOWN - 1), reason)
    lines = max(1, int(segment.file_lines[row]))
    return Place(file, 1, min(lines, _MOST_SHOWN), "the file that was asked for")


def _in_folder(folder: str, listing: Listing, corpus: Corpus) -> list[Place]:
    """What tells most of a folder: its own text, then the file that gathers the others, then these by name."""
    files = listing.inside(folder)
    files.sort(key=lambda each: (not _is_readme(each[0]), not roles_of(each[0], "").index, each[0]))
    reason = "in the folder that was asked for"
    found = []
    for _, file in files[:_MOST_IN_FOLDER]:
        segment, row = corpus.file(file)
        found.append(Place(file, 1, min(max(1, int(segment.file_lines[row])), _MOST_SHOWN), reason))
    return found


def _is_readme(path: str) -> bool:
    return path.rpartition("/")[2].lower().startswith("readme")
