"""Finds the lines that use a name: its calls, its overrides, its re-exports, and what merely names it.

The index says only which chunks refer to a name, so the lines are found in their text, by the name as a whole word.
Which of several things of one name a file means is judged by what else it names: the owner, or the module. Knows
nothing of questions.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .. import terms
from ..index.segment import stem_of
from .corpus import Corpus
from .declared import Declared

__all__ = ["Use", "find_uses"]

_MOST_CHUNKS = 300  # read line by line, 0.02 ms each
_COMMON = 40  # chunks that refer to it: then it belongs to many things, as `get` does
_TELL_NOTHING = frozenset({"main", "index", "init", "__init__", "mod", "lib", "core", "base", "types", "util", "utils"})
"""Stems that do not tell which module a file names."""

_IMPORT = re.compile(r"\s*(?:import|from|use|using|require\w*|#\s*include|@import|alias)\b|.*\brequire\s*\(")
_EXPORT = re.compile(r"\s*(?:pub(?:\(\w+\))?\s+use\b|export\s*(?:type\s*)?[{*]|module\.exports\b|__all__)")
_COMMENT = re.compile(
    r"\s*(?:#(?!\s*(?:include|define|if|el|end)|\[)|//|/\*|\*(?:\s|/|$)|--(?!>)|;;|%|'''|\"\"\"|<!--)"
)
_ARTICLES = re.compile(r"\b(?:the|an?|of|to|that|this|be|are|which|it)\b", re.IGNORECASE)
_HEIR = re.compile(
    r"^\s*(?:[\w@]+\s+)*(?:class|struct|interface|trait|impl|protocol|extension|object|enum|record|instance)\b"
)
_CALL = r"(?<![\w$]){}\s*(?:::<[^>]*>|<[^<>()]*>|!)?\s*[({{\[]"


@dataclass(frozen=True, slots=True)
class Use:
    """A line that uses a name.

    Attributes:
        file: Its file row.
        line: The line.
        how: What it does, in words that stand before the name: "calls", "extends", "overrides", "has its own", "uses",
            "re-exports", "imports", "names".
        sure: Nothing says that its file means another thing of the name.
    """

    file: int
    line: int
    how: str
    sure: bool


def find_uses(name: str, meant: Sequence[Declared], others: Sequence[Declared], corpus: Corpus) -> list[Use]:
    """Every line that uses a name, by path and line; none inside what is meant, so that recursion is no use.

    Args:
        name: As it is written where it is defined.
        meant: The definitions that are meant.
        others: What else has the name.
        corpus: Where to look.
    """
    key = terms.identifier_key(name)
    referring = frozenset(corpus.chunks_referring_to(key)[0].tolist())
    rows = referring if referring and _is_word(name) else referring | set(corpus.chunks_with(key)[0].tolist())
    is_common = len(referring) > _COMMON or bool(others)
    told = _files_that_tell(meant, corpus) if is_common else frozenset()
    own = [(each.file, each.start, each.end) for each in meant]
    defined = {(each.file, each.line) for each in others}
    found = [
        Use(each.file, each.line, "overrides" if each.file in told else "has its own", each.file in told)
        for each in others
    ]
    for row in corpus.chunks_in_order(np.array(sorted(rows), np.int64))[:_MOST_CHUNKS].tolist():
        file = int(corpus.chunk_file[row])
        sure = not is_common or file in told
        for line, text in _lines_with(name, row, corpus):
            is_own = any(file == where and start <= line <= end for where, start, end in own)
            if not is_own and (file, line) not in defined:
                found.append(Use(file, line, _how(text, name, file, corpus, is_referred=row in referring), sure))
    return sorted(found, key=lambda use: (corpus.path(use.file), use.line))


def _is_word(name: str) -> bool:
    """Whether a name may as well be a word of prose, or a local variable: only what the parser calls a use is one."""
    return name.islower() and "_" not in name


def _files_that_tell(meant: Sequence[Declared], corpus: Corpus) -> Collection[int]:
    """The files of what is meant, their package in Go, and those that name the owner or the module."""
    files = {each.file for each in meant}
    for each in meant:
        stem = stem_of(corpus.path(each.file))
        tell = {each.owner, "" if stem.lower() in _TELL_NOTHING else stem} - {"", each.name}
        for word in tell:
            files.update(corpus.chunk_file[corpus.chunks_with(terms.identifier_key(word))[0]].tolist())
    packages = {_folder(each.file, corpus) for each in meant if corpus.language(each.file) == "go"}
    if packages:
        files.update(row for row in corpus.live.nonzero()[0].tolist() if _folder(row, corpus) in packages)
    return files


def _folder(file: int, corpus: Corpus) -> str:
    return corpus.path(file).rpartition("/")[0]


def _lines_with(name: str, row: int, corpus: Corpus) -> Iterator[tuple[int, str]]:
    segment, local = corpus.chunk(row)
    text = segment.texts[local]
    if name not in text:
        return
    whole = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
    for line, written in enumerate(text.split("\n"), int(segment.chunk_start[local])):
        if name in written and whole.search(written):
            yield line, written


def _how(text: str, name: str, file: int, corpus: Corpus, *, is_referred: bool) -> str:
    roles = corpus.roles(file)
    if roles.document or roles.data:
        return "names"
    if _EXPORT.match(text):
        return "re-exports"
    if _IMPORT.match(text):
        return "re-exports" if roles.index else "imports"
    if _COMMENT.match(text) or (not is_referred and _is_prose(text, name)):
        return "names"
    if _HEIR.match(text):
        return "extends"
    if is_referred and re.search(_CALL.format(re.escape(name)), text):
        return "calls"
    return "re-exports" if roles.index else "uses"


def _is_prose(text: str, name: str) -> bool:
    """Whether a line of code is one of a docstring: it marks the name up, or is a sentence."""
    return f"`{name}" in text or f"{name}`" in text or len(_ARTICLES.findall(text)) > 1
