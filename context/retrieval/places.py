"""Finds the places that a question hands over: frames of a trace, hunks of a diff, lines, files, literals, patterns.

Runs the finders of `forms` one after the other. Knows their order, and nothing of scores.
"""

from dataclasses import dataclass, replace

from .corpus import Corpus
from .excerpt import excerpt
from .forms.diffs import find_hunks
from .forms.files import find_files, find_lines, missing_file
from .forms.listing import Listing
from .forms.literals import Literal, read_wanted
from .forms.place import Place
from .forms.strings import find_strings
from .forms.traces import find_frames

__all__ = ["Given", "find_places"]

_MOST_READ = 40_000  # characters of a trace or a diff: hundreds of frames
_MOST_RANKED = 4_000  # of what is ranked by, of which 64 words count anyway; 3 ms for a thousand characters


@dataclass(frozen=True, slots=True)
class Given:
    """What a question hands over.

    Attributes:
        places: Best first, each with its reason.
        words: What of the question is left to rank by: all of it, or all but the frames of a trace.
        missing: Literals and patterns that stand nowhere.
        is_all: The question is nothing but literals and patterns.
        note: One sentence on what is missing, or "".
    """

    places: tuple[Place, ...] = ()
    words: str = ""
    missing: tuple[str, ...] = ()
    is_all: bool = False
    note: str = ""


def find_places(question: str, corpus: Corpus) -> Given:
    """The places that a question gives and that are there.

    Raises:
        InputError: A pattern in the question is none, or takes too long.
    """
    listing = Listing(corpus)
    text = excerpt(question, characters=_MOST_READ)
    frames, rest = find_frames(text, listing, corpus)
    hunks = find_hunks(rest, listing, corpus)
    places = [*frames, *hunks]
    beyond: tuple[str, ...] = ()
    if not hunks:  # the lines of a diff speak of whatever they change
        named, beyond = _of_files(rest, listing, corpus)
        places += named
    wanted = read_wanted(rest)
    literals = tuple(each for each in wanted.literals if not _is_of_a_file(each, listing, corpus))
    standing = find_strings(replace(wanted, literals=literals), corpus)
    places += standing.places
    words = excerpt(rest if rest.strip() else question, characters=_MOST_RANKED)
    if not places and (file := missing_file(rest, listing, corpus)):
        return Given((), words, (file,), True, f"No file “{file}” is among those that were read here.")
    return Given(tuple(places), words, (*beyond, *standing.missing), wanted.is_all, standing.note)


def _of_files(text: str, listing: Listing, corpus: Corpus) -> tuple[list[Place], tuple[str, ...]]:
    """The lines that a text gives, then the files that it names without lines; and the lines that are not there."""
    lines, beyond = find_lines(text, listing, corpus)
    shown = {place.file for place in lines}
    files = [place for place in find_files(text, listing, corpus) if place.file not in shown]
    too_short = {file for short in beyond.values() for file in short}
    return [*lines, *(_told(place, corpus) if place.file in too_short else place for place in files)], tuple(beyond)


def _told(place: Place, corpus: Corpus) -> Place:
    """The place in a file that has no such line as was asked for."""
    name, lines = corpus.path(place.file).rpartition("/")[2], int(corpus.num_lines[place.file])
    return replace(place, reason=f"{place.reason}; {name} has {lines} line{'s' * (lines != 1)}")


def _is_of_a_file(literal: Literal, listing: Listing, corpus: Corpus) -> bool:
    """Whether a quoted text is the path of something that is here, which has been found as such."""
    if len(literal.text.split()) > 1:
        return False
    return bool(_of_files(literal.text, listing, corpus)[0])
