"""Asks the questions of repositories of several systems: the product, variants of it, and plain baselines.

A system is opened on a view and then asked as often as there are questions; only asking is timed. Knows nothing of what
the right answers are worth.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from baselines import PlainFiles, bm25, grep_count
from measures import Shown
from questions import Repository
from repoask.context.index.embedder import Embedder
from repoask.context.index.index import View, open_view
from repoask.context.retrieval.ranker import Ranker
from repoask.context.retrieval.reranker import Reranker
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Selection
from repoask.service.searching import Searcher

__all__ = ["BASELINES", "Baseline", "Indexes", "Product", "Reply", "System", "ask", "latencies", "num_bytes"]

FILE_LIMIT = 30  # spans: enough for ten distinct files
LINE_LIMIT = 10
_ROUNDS = 5  # of the largest repository's questions: one repository has few


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system said to one question.

    Attributes:
        results: Best first.
        found: Whether it holds that there is an answer.
        seconds: From question to reply, in this process.
    """

    results: tuple[Shown, ...]
    found: bool
    seconds: float


Answering = Callable[[str, int], tuple[tuple[Shown, ...], bool]]
"""Question and limit to results and whether there is an answer."""


@dataclass(frozen=True, slots=True)
class Product:
    """repoask, by the searcher that its commands use. Without parts of its own it is as it ships."""

    name: str
    ranker: Ranker | None = None
    embedder: Embedder | None = None
    reranker: Reranker | None = None

    def open(self, view: View) -> Answering:
        """Makes a view ready to be asked."""
        return partial(self._answer, Searcher(view, ranker=self.ranker, reranker=self.reranker))

    def _answer(self, searcher: Searcher, question: str, limit: int) -> tuple[tuple[Shown, ...], bool]:
        found = searcher.search(question, limit=limit)
        return tuple(Shown(each.path, each.start, each.end) for each in found.evidence), found.found


@dataclass(frozen=True, slots=True)
class Baseline:
    """A plain way to find places in the same files; it holds that there always is an answer."""

    name: str
    find: Callable[[PlainFiles, str, int], list[Shown]]
    embedder: None = None

    def open(self, view: View) -> Answering:
        """Makes a view ready to be asked."""
        return partial(self._answer, PlainFiles(view))

    def _answer(self, files: PlainFiles, question: str, limit: int) -> tuple[tuple[Shown, ...], bool]:
        results = tuple(self.find(files, question, limit))
        return results, bool(results)


System = Product | Baseline

BASELINES = (Baseline("BM25, whole files", bm25), Baseline("grep, counted", grep_count))


class Indexes:
    """Opens checkouts, and keeps their indexes in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def view(self, checkout: Path, root: str, *, embedder: Embedder | None, revision: str | None = None) -> View:
        """The index of a checkout, or of a folder in it; of the work tree, or of a commit."""
        source = open_source(str(checkout / root), clones=self._folder / "clones")
        folder = self._folder / source.identity
        folder.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        view = open_view(
            take_snapshot(source, revision=revision), folder=folder, selection=Selection(), embedder=embedder
        )
        took = time.perf_counter() - started
        print(f"{checkout.name} {root or '.'}: {view.report.files} files, {took:.1f} s", file=sys.stderr)
        return view


def ask(repository: Repository, systems: Sequence[System], indexes: Indexes) -> Iterator[tuple[str, str, list[Reply]]]:
    """Asks all questions of a repository of each system.

    Yields:
        "files" or "lines", the system's name, and its replies in the order of those questions. Paths are from the
        checkout's top.
    """
    parts = [("files", repository.root, FILE_LIMIT, [question.text for question in repository.files])]
    parts.append(("lines", "", LINE_LIMIT, [question.text for question in repository.lines]))
    for part, root, limit, questions in parts:
        views: dict[int, View] = {}  # systems with the same embedder share one
        for system in systems if questions else ():
            if id(system.embedder) not in views:
                views[id(system.embedder)] = indexes.view(repository.checkout, root, embedder=system.embedder)
            view = views[id(system.embedder)]
            answer = system.open(view)
            answer("warm up", limit)
            # a plain folder's paths begin at the folder itself, those of a repository at its top
            above = f"{root}/" if root and not view.snapshot.source.prefix else ""
            yield part, system.name, [_timed(answer, question, limit, above=above) for question in questions]


def latencies(repository: Repository, system: System, indexes: Indexes) -> list[float]:
    """Seconds of each of a repository's questions, asked of its whole checkout, warmed up, several rounds."""
    view = indexes.view(repository.checkout, "", embedder=system.embedder)
    answer = system.open(view)
    questions = [question.text for question in (*repository.files, *repository.lines)]
    rounds = [[_timed(answer, question, LINE_LIMIT).seconds for question in questions] for _ in range(_ROUNDS + 1)]
    return [seconds for warm in rounds[1:] for seconds in warm]


def num_bytes(repository: Repository) -> int:
    """What a checkout would have indexed."""
    source = open_source(str(repository.checkout), clones=repository.checkout)
    return sum(entry.size for entry in take_snapshot(source).entries)


def _timed(answer: Answering, question: str, limit: int, *, above: str = "") -> Reply:
    started = time.perf_counter()
    results, found = answer(question, limit)
    seconds = time.perf_counter() - started
    return Reply(tuple(Shown(above + each.path, each.start, each.end) for each in results), found, seconds)
