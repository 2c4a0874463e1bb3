"""Words as numbers: which are learned, and texts as bags of them. Knows nothing of files, and needs no torch."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pair_files import RepositoryPairs
from prose_pairs import Pair, stems_of
from repoask.context import terms

__all__ = ["Bags", "Corpus", "Vocabulary", "make_corpus", "read_thesaurus"]

_MIN_REPOSITORIES = 3  # what stands in fewer is the talk of a project
_MIN_SAID, _MIN_CODE = 10, 15  # pairs; fewer teach nothing
_MIN_KNOWN = 2  # words of a text: one alone tells too little
_MOST_CODE_TERMS = 120


class Bags:
    """Texts as bags of word numbers.

    Attributes:
        ids: Of all texts, one text after the other. Shape (n,).
        starts: Where each text starts, and the end. Shape (texts + 1,).
    """

    def __init__(self, texts: Sequence[Sequence[int]]) -> None:
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        self.starts = np.concatenate(([0], np.cumsum(lengths)))
        self.ids = np.fromiter((word for text in texts for word in text), np.int32, int(self.starts[-1]))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def take(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The words of some texts, and the text that each stands in, counted from 0. Shapes (m,) and (m,)."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        of = np.repeat(np.arange(len(rows)), lengths)
        firsts = np.cumsum(lengths) - lengths
        return self.ids[np.arange(len(of)) - (firsts - self.starts[rows])[of]].astype(np.int64), of


class Vocabulary(NamedTuple):
    """Words by number, the most frequent first.

    Attributes:
        numbers: The number of each word.
        counts: In how many texts each stands. Shape (words,).
        num_texts: Of all that were counted.
    """

    numbers: Mapping[str, int]
    counts: NDArray[np.int64]
    num_texts: int

    def known(self, words: Iterable[str]) -> list[int]:
        """The numbers of those words that have one."""
        return [self.numbers[word] for word in words if word in self.numbers]


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is learned from: text `i` of `said` is about text `i` of `code`.

    Attributes:
        group: What each pair is of: no two repositories share one, nor the comments and the commits of one. Shape (n,).
        said_synonyms, code_synonyms: The thesaurus, likewise.
    """

    question_words: Vocabulary
    code_terms: Vocabulary
    said: Bags
    code: Bags
    group: NDArray[np.int64]
    said_synonyms: Bags
    code_synonyms: Bags


def read_thesaurus(file: Path) -> list[Pair]:
    """The entries of a thesaurus, lines as of `context/retrieval/thesaurus.txt`: `what is said: names in code`."""
    entries = dict(line.split(": ", 1) for line in file.read_text(encoding="utf-8").splitlines())
    pairs = [
        Pair(stems_of(key), tuple(dict.fromkeys(terms.join(terms.split_identifier(name)) for name in names.split())))
        for key, names in sorted(entries.items())
    ]
    return [pair for pair in pairs if pair.said and pair.code]


def make_corpus(repositories: Sequence[RepositoryPairs], thesaurus: Sequence[Pair]) -> Corpus:
    """Chooses the words, and keeps the pairs that have enough of them."""
    of_said = _vocabulary([[pair.said for pair in _pairs(one)] for one in repositories], thesaurus, side="said")
    of_code = _vocabulary([[pair.code for pair in _pairs(one)] for one in repositories], thesaurus, side="code")
    said, code, group = [], [], []
    for number, pairs in enumerate(pairs for one in repositories for pairs in (one.comments, one.commits)):
        for pair in pairs:
            words, names = of_said.known(pair.said), of_code.known(pair.code)[:_MOST_CODE_TERMS]
            if min(len(words), len(names)) >= _MIN_KNOWN:
                said.append(words)
                code.append(names)
                group.append(number)
    return Corpus(
        of_said,
        of_code,
        Bags(said),
        Bags(code),
        np.array(group, np.int64),
        Bags([of_said.known(entry.said) for entry in thesaurus]),
        Bags([of_code.known(entry.code) for entry in thesaurus]),
    )


def _pairs(repository: RepositoryPairs) -> list[Pair]:
    return [*repository.comments, *repository.commits]


def _vocabulary(repositories: Iterable[Sequence[Sequence[str]]], thesaurus: Sequence[Pair], *, side: str) -> Vocabulary:
    counts: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    num_texts = 0
    for texts in repositories:
        own = Counter(word for text in texts for word in text)
        counts.update(own)
        spread.update(own.keys())
        num_texts += len(texts)
    least = _MIN_SAID if side == "said" else _MIN_CODE
    chosen = {word for word, count in counts.items() if count >= least and spread[word] >= _MIN_REPOSITORIES}
    of_thesaurus = Counter(word for entry in thesaurus for word in getattr(entry, side))
    chosen |= of_thesaurus.keys()
    counts.update(of_thesaurus)
    ordered = sorted(chosen, key=lambda word: (-counts[word], word))
    numbers = {word: number for number, word in enumerate(ordered)}
    return Vocabulary(numbers, np.array([counts[word] for word in ordered], np.int64), num_texts + len(thesaurus))
