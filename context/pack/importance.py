"""How much a file matters where nobody has asked anything yet, in whole points, and why.

Counted, not learned: who uses what a file defines (the reference graph of the index), what its name says it is for, and
its length. All of it is coarse on purpose (logarithms, rounded), so that a commit seldom moves a file by a point. Knows
nothing of budgets or tokens.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..retrieval.corpus import Corpus
from ..retrieval.roles import Roles

__all__ = ["Importance", "importance_of", "num_users"]

_MOST_DEFINERS = 4  # a name that more files define, as `get`, tells of no use of one of them
_POINTS_A_DOUBLING = 2  # of the files that use it; of its length, one point less
_USUAL_LINES = 128  # shorter files gain by their length, longer ones lose
_SIDE_ROLES = {
    "test": "a test",
    "example": "an example",
    "benchmark": "a benchmark",
    "vendored": "somebody else's code",
    "history": "about the project, not what it makes",
    "data": "data or settings",
}
_SIDE_POINTS = -12
_LESSER_ROLES = {"document": "a document", "compatibility": "kept for old versions", "types_only": "declarations alone"}
_LESSER_POINTS = -4
_ENTRIES = (
    (re.compile(r"^readme[^/]*$", re.IGNORECASE), 20, "the README"),
    (re.compile(r"(^|/)readme[^/]*$", re.IGNORECASE), 6, "a folder's README"),
    (re.compile(r"^docs?/([^/]*/)?(index|readme|overview|architecture|getting[-_]?started)\.\w+$", re.IGNORECASE), 8,
     "an entry page of the documentation"),
    (re.compile(r"^(pyproject\.toml|package\.json|Cargo\.toml|go\.mod|composer\.json|Gemfile|mix\.exs|build\.gradle(\.kts)?"
                r"|pom\.xml|Package\.swift|CMakeLists\.txt|[^/]+\.(cabal|gemspec))$"), 14, "says what is built"),
    (re.compile(r"(^|/)(__main__\.py|(main|cli|app|server)\.\w+|lib\.rs|cmd/[^/]+/[^/]+\.go)$"), 4, "an entry point"),
)  # fmt: skip

_FAMILIES = {
    language: family.split()[0]
    for family in ("c cpp objc cuda", "javascript typescript tsx vue svelte", "java kotlin scala groovy")
    for language in family.split()
}


@dataclass(frozen=True, slots=True)
class Importance:
    """What a file is worth, and why.

    Attributes:
        points: Whole; higher matters more.
        reasons: In words, for whoever asks why a file was left out; no figures that each commit changes.
    """

    points: int
    reasons: tuple[str, ...]


def importance_of(corpus: Corpus) -> dict[str, Importance]:
    """The importance of every live file, by path."""
    users, lines = num_users(corpus), corpus.num_lines
    return {
        corpus.path(row): _weigh(corpus.path(row), corpus.roles(row), int(users[row]), int(lines[row]))
        for row in np.flatnonzero(corpus.live).tolist()
    }


def _weigh(path: str, roles: Roles, users: int, lines: int) -> Importance:
    counted = list(_by_name(path, roles))
    used = round(_POINTS_A_DOUBLING * np.log2(1 + users))
    if used:
        about = 1 << round(float(np.log2(users)))
        counted.insert(0, (used, f"about {about} files use what it defines" if users > 1 else "a file uses it"))
    length = -round(float(np.log2((1 + lines) / _USUAL_LINES)))
    told = [*counted, (length, "short" if length > 0 else "long")] if abs(length) > 1 else counted
    return Importance(sum(points for points, _ in counted) + length, tuple(reason for _, reason in told))


def _by_name(path: str, roles: Roles) -> Iterator[tuple[int, str]]:
    yield from [(points, reason) for pattern, points, reason in _ENTRIES if pattern.search(path)][:1]
    for name, reason in _SIDE_ROLES.items():
        if getattr(roles, name):
            yield _SIDE_POINTS, reason
            return  # an example's test is no worse than a test
    for name, reason in _LESSER_ROLES.items():
        if getattr(roles, name):
            yield _LESSER_POINTS, reason


def num_users(corpus: Corpus) -> NDArray[np.int64]:
    """How many other files refer to a name that a file defines, of each file row.

    Tests, examples and the like are no users: they use everything. A heading or a setting is no name to use, and a name
    that many files define tells of no use of one of them.
    """
    names, definers = _pairs([(*part.identifier.items(), part.definition_file, at) for part, at in corpus.parts()])
    used_names, users = _pairs([(*part.reference.items(), part.chunk_file, at) for part, at in corpus.parts()])
    families, is_user = _families(corpus), corpus.live & ~_has_role(corpus, _SIDE_ROLES)
    kept = (corpus.live & ~_has_role(corpus, ("data", "document")))[definers]
    names, definers = names[kept], definers[kept]
    used_names, users = used_names[is_user[users]], users[is_user[users]]
    _, at, sizes = np.unique(names, return_inverse=True, return_counts=True)
    telling = sizes[at] <= _MOST_DEFINERS
    names, definers = names[telling], definers[telling]
    firsts = used_names.searchsorted(names)
    counts = used_names.searchsorted(names, side="right") - firsts
    starts = np.cumsum(counts) - counts
    of_user = users[np.arange(int(counts.sum())) + np.repeat(firsts - starts, counts)]
    of_file = np.repeat(definers, counts)
    other = (of_user != of_file) & (families[of_user] == families[of_file])
    edges = np.unique(of_file[other] * corpus.size + of_user[other])
    return np.bincount(edges // max(corpus.size, 1), minlength=corpus.size)


def _has_role(corpus: Corpus, names: Collection[str]) -> NDArray[np.bool_]:
    roles = (corpus.roles(row) for row in range(corpus.size))
    return np.fromiter((any(getattr(each, name) for name in names) for each in roles), np.bool_, corpus.size)


def _families(corpus: Corpus) -> NDArray[np.int64]:
    """A number for each file row, the same for languages that call each other by name."""
    languages = [corpus.language(row) for row in range(corpus.size)]
    numbers: dict[str, int] = {}
    family = (_FAMILIES.get(language, language) for language in languages)
    return np.fromiter((numbers.setdefault(name, len(numbers)) for name in family), np.int64, corpus.size)


_Part = tuple[NDArray[np.uint64], NDArray[np.uint32], NDArray[np.uint32], int]


def _pairs(parts: list[_Part]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """The distinct pairs of a name and a file row, ascending by name.

    Args:
        parts: Of each segment: names, the rows that have them, the file of each row, the segment's first file row.
    """
    names = np.concatenate([np.zeros(0, np.uint64), *(keys for keys, _, _, _ in parts)])
    files = np.concatenate(
        [np.zeros(0, np.int64), *(of_row[rows].astype(np.int64) + at for _, rows, of_row, at in parts)]
    )
    order = np.lexsort((files, names))
    names, files = names[order], files[order]
    new = np.append(True, (np.diff(files) != 0) | (names[1:] != names[:-1]))[: len(names)]
    return names[new], files[new]
