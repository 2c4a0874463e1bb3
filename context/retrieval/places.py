"""Finds the places that a question hands over: frames of a trace, hunks of a diff, lines, files, literals, patterns.

Runs the finders of `forms` one after the other. Knows their order, and nothing of scores.
"""

from dataclasses import dataclass, replace

from .corpus import Corpus
from .excerpt import excerpt
from .forms.diffs import find_hunks
from .forms.files import find_files, find_lines
from .forms.listing import Listing
from .forms.literals import Literal, read_wanted
from .forms.place import Place
from .forms.strings import find_strings
from .forms.traces import find_frames

__all__ = ["Given", "Place", "find_places"]

_MOST_READ = 50_000  # characters of a trace or a diff: a thousand frames
_MOST_RANKED = 4_000  # of what is ranked by, of which 64 words count anyway; 3 ms for a thousand characters


@dataclass(frozen=True, slots=True)
class Given:
    """What a question hands over.

    Attributes:
        places: Best first, each with its reason.
        words: What of the question is left to rank by: all of it, or all but the frames of a trace.
        missing: Literals and patterns that stand nowhere.
        is_all: The question is nothing but literals and patterns.
    """

    places: tuple[Place, ...] = ()
    words: str = ""
    missing: tuple[str, ...] = ()
    is_all: bool = False

    @property
    def note(self) -> str:
        """That what was asked for as it stands is not there."""
        return f"No line here holds {' or '.join(f'“{each}”' for each in self.missing)}."


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
    if not hunks:  # the lines of a diff speak of whatever they change
        places += [*find_lines(rest, listing, corpus), *find_files(rest, listing, corpus)]
    wanted = read_wanted(rest)
    literals = tuple(each for each in wanted.literals if not _is_of_a_file(each, listing, corpus))
    standing = find_strings(replace(wanted, literals=literals), corpus)
    places += standing.places
    words = excerpt(rest if frames else question, characters=_MOST_RANKED)
    is_all = wanted.is_all and not places
    return Given(
        tuple(places), words if words.strip() else excerpt(question, characters=_MOST_RANKED), standing.missing, is_all
    )


def _is_of_a_file(literal: Literal, listing: Listing, corpus: Corpus) -> bool:
    """Whether a quoted text is the path of something that is here, which has been found as such."""
    if len(literal.text.split()) > 1:
        return False
    return bool(find_lines(literal.text, listing, corpus) or find_files(literal.text, listing, corpus))
