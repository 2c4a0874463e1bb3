"""Two plain ways to find places, to stand beside the product: BM25 over whole files, and counting as `git grep` does.

Both split text at everything that is no word character, and show of a file the lines that hold most of the question.
Knows nothing of the index but the texts of files.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from measures import Shown
from repoask.context.index.index import View

__all__ = ["PlainFiles", "bm25", "grep_count"]

_WORD = re.compile(r"\w+")
_WINDOW = 40  # lines shown of a file: about what the product shows
_K1, _B = 1.2, 0.75  # Robertson's usual constants
_STOPWORDS = frozenset(
    """a an and are as at be by does for from how i in is it its of on or that the this to what when where which who why
    with""".split()  # noqa: SIM905 - a list of words reads better so
)


class PlainFiles:
    """The words of the files of a view, counted once."""

    def __init__(self, view: View) -> None:
        self.texts: dict[str, str] = {}
        self.postings: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self.lengths: dict[str, int] = {}
        for part in view.segments:
            for path, live in zip(part.segment.paths, part.live.tolist(), strict=True):
                if live:
                    self._add(path, view.text(path) or "")
        self.mean_length = sum(self.lengths.values()) / max(len(self.lengths), 1) or 1.0

    def _add(self, path: str, text: str) -> None:
        counts = Counter(_words(path) + _words(text))
        self.texts[path], self.lengths[path] = text, sum(counts.values())
        for word, count in counts.items():
            self.postings[word][path] = count

    def best(self, scores: Mapping[str, float], words: Sequence[str], limit: int) -> list[Shown]:
        """A window of each of the best files, ties by path."""
        ranked = sorted(scores, key=lambda path: (-scores[path], path))[:limit]
        return [self._window(path, words) for path in ranked]

    def _window(self, path: str, words: Sequence[str]) -> Shown:
        """The lines of a file in which most words of the question stand, each word worth its rarity."""
        worth = {word: 1 / len(self.postings[word]) for word in words if word in self.postings}
        lines = [{word for word in _words(line) if word in worth} for line in self.texts[path].split("\n")]
        most, best = -1.0, 0
        for start in range(0, max(len(lines) - _WINDOW // 2, 1), _WINDOW // 4):
            inside = sum(worth[word] for word in set().union(*lines[start : start + _WINDOW]))
            if inside > most:
                most, best = inside, start
        return Shown(path, best + 1, min(best + _WINDOW, len(lines)))


def bm25(files: PlainFiles, question: str, limit: int) -> list[Shown]:
    """Files by BM25 of their whole text and path."""
    words = _asked(question)
    scores: defaultdict[str, float] = defaultdict(float)
    for word in words:
        holding = files.postings.get(word, {})
        idf = math.log1p((len(files.lengths) - len(holding) + 0.5) / (len(holding) + 0.5))
        for path, count in holding.items():
            damping = _K1 * (1 - _B + _B * files.lengths[path] / files.mean_length)
            scores[path] += idf * count * (_K1 + 1) / (count + damping)
    return files.best(scores, words, limit)


def grep_count(files: PlainFiles, question: str, limit: int) -> list[Shown]:
    """Files by how many words of the question stand in them, then by how often: `git grep -c` for each word, summed."""
    words = _asked(question)
    distinct: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for word in words:
        distinct.update(files.postings.get(word, {}).keys())
        total.update(files.postings.get(word, {}))
    scores = {path: number + 1 - 1 / (1 + total[path]) for path, number in distinct.items()}
    return files.best(scores, words, limit)


def _asked(question: str) -> list[str]:
    return list(dict.fromkeys(word for word in _words(question) if word not in _STOPWORDS))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
