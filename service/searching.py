"""Searches one opened view, and the history behind what was found, as often as it is asked.

Knows nothing of terminals, settings or models that write.
"""

from typing import TYPE_CHECKING

from ..context.index.index import View
from ..context.retrieval.intents import asks_for_history
from ..context.retrieval.retriever import search
from ..context.stopwatch import Stopwatch
from ..context.types import Explained, SearchResult
from .printable import printable

if TYPE_CHECKING:
    from ..context.retrieval.ranker import Ranker
    from ..context.retrieval.reranker import Reranker

__all__ = ["Searcher"]


class Searcher:
    """A view with the ways of ranking it."""

    def __init__(
        self, view: View, *, under: str = "", ranker: "Ranker | None" = None, reranker: "Reranker | None" = None
    ) -> None:
        """Makes what all questions share.

        Args:
            view: The opened index of a snapshot.
            under: A folder to stay in, as `find_folder` gives it; "" for all of what was opened.
            ranker: Scores files; None for the built-in one.
            reranker: Orders the best places anew; None for none.
        """
        snapshot = view.snapshot
        self._view, self._ranker, self._reranker = view, ranker, reranker
        self._under = under or snapshot.source.prefix
        self._revisions = {entry.path: snapshot.label(entry) for entry in snapshot.entries}

    def search(self, question: str, *, limit: int) -> SearchResult:
        """At most `limit` places, best first.

        Raises:
            EngineError: The server of the embedder or the reranker could not answer.
        """
        return search(
            self._view.segments,
            printable(question),
            limit=limit,
            under=self._under,
            embedder=self._view.embedder,
            revisions=self._revisions,
            ranker=self._ranker,
            reranker=self._reranker,
        )

    def explain(self, question: str, result: SearchResult, *, watch: Stopwatch | None = None) -> Explained:
        """The commits behind what was found, when the question asks for history; nothing otherwise.

        Never raises: what of history cannot be read is said in the notes. `watch` counts the time as "history".
        """
        question = printable(question)
        if not result.found or not asks_for_history(question):
            return Explained()
        from ..context.commits import explain_history  # few ask for it

        with (watch or Stopwatch()).stage("history"):
            return explain_history(self._view.snapshot, question, result.evidence)
