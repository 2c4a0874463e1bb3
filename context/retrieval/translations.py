"""Keeps one of the versions in which a page is there in several languages, so that ten of it fill no answer.

The version in English, or without a language in its path, is kept: question words are English here. A question that
has none of them may be in another language, and keeps all. Knows paths alone, and nothing of scores.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ..index.segment import stem_of
from .corpus import Corpus
from .forms.listing import Listing
from .question import Question
from .stopwords import STOP_WORDS

__all__ = ["without_translations"]

# What pages are translated into. Not `cs`, `ts` or `ml`, which are rather folders of C#, TypeScript and OCaml.
_LANGUAGES = "ar bn da de el es fa fi fr he hi hu id it ja ko nb nl pl pt ro ru sv th tr uk vi zh"
_CODE = rf"(?P<code>(?:{'|'.join(_LANGUAGES.split())})(?:[-_](?:[A-Za-z]{{2}}|[Hh]an[st]))?)"
_FOLDER = re.compile(rf"(?<![^/]){_CODE}/")  # docs/de/start.md
_SUFFIX = re.compile(rf"[._-]{_CODE}(?=\.\w+$)")  # README.de.md, README_zh-CN.md
_OF_FOLDERS = frozenset({"readme", "index"})
"""Each folder has its own: that of the folder above is no original of it."""


def without_translations(files: Sequence[int], question: Question, corpus: Corpus) -> list[int]:
    """The file rows, ascending by path: for each translated page the row of its original, which may be another one."""
    if not any(word in STOP_WORDS for word in question.text.lower().split()):
        return list(files)
    known = _known(corpus)
    if unknown := [file for file in files if file not in known]:
        listing = Listing(corpus)
        known.update((file, _original(file, listing, corpus)) for file in unknown)
    originals = [known[file] for file in files]
    return originals if originals == list(files) else sorted(set(originals), key=corpus.path)


@lru_cache(maxsize=2)
def _known(corpus: Corpus) -> dict[int, int]:
    """The original of each file row of a corpus that was asked for: most are candidates of many questions."""
    return {}


def _original(file: int, listing: Listing, corpus: Corpus) -> int:
    """The row of the page that a file translates; its own where it translates none."""
    path = corpus.path(file)
    if not corpus.roles(file).document:
        return file
    for original in _originals(path):
        found = listing.at(original)
        if found is not None:
            return found
    return file


def _originals(path: str) -> Iterator[str]:
    """Where the original of a translated page may lie."""
    for match in _FOLDER.finditer(path):
        yield path[: match.start()] + "en/" + path[match.end() :]
        if stem_of(path).lower() not in _OF_FOLDERS:
            yield path[: match.start()] + path[match.end() :]
    for match in _SUFFIX.finditer(path):
        yield path[: match.start()] + path[match.end() :]
        yield path[: match.start("code")] + "en" + path[match.end() :]
