"""Chooses from a snapshot by its index: what fits under a budget, or the outline alone.

Knows nothing of how a pack is made of a choice.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from ..index.index import View
from ..retrieval.corpus import corpus_of
from .contents import Material
from .format import file as file_pieces
from .importance import importance_of
from .outline import Detail, Outlines, fit_outline
from .parts import Lines, parts_text
from .ranking import Ranking, rank_files
from .selection import Choice, Chosen, SizedFile, Standing, choose
from .types import TokenCounter

if TYPE_CHECKING:
    from ..retrieval.ranker import Ranker

__all__ = ["Chooser"]

_NO_LIMIT = 10**12  # tokens


class Chooser:
    """The choices that can be made from one snapshot."""

    def __init__(self, whole: Material, view: View, *, counter: TokenCounter) -> None:
        """Looks at nothing yet but the index.

        Args:
            whole: All that can be packed.
            view: The index of the same snapshot.
            counter: Counts tokens.
        """
        self._view, self._count = view, counter.count
        self._corpus = corpus_of(tuple(view.segments), view.snapshot.source.prefix)
        self._importance, self._outlines = importance_of(self._corpus), Outlines(self._corpus)
        self._whole, self._files = whole, {file.path: file for file in whole.files}

    def ranking(self, question: str, *, ranker: "Ranker | None" = None) -> Ranking:
        """What a question makes of the files.

        Raises:
            InputError: A pattern in the question is none, or takes too long.
        """
        return rank_files(question, self._corpus, embedder=self._view.embedder, ranker=ranker)

    def fitting(
        self,
        max_tokens: int,
        *,
        sizes: Mapping[str, int],
        ranking: Ranking | None = None,
        previous: Collection[str] = (),
    ) -> Chosen:
        """What fits.

        Args:
            max_tokens: For the files' entries and the outline.
            sizes: Tokens of each file's entry, by path.
            ranking: Of the question that the pack is for; None for a pack for all questions.
            previous: Paths of the pack that is to go on.
        """
        return choose(
            [SizedFile(path, tokens) for path, tokens in sizes.items() if path in self._files],
            max_tokens=max_tokens,
            importance=self._importance,
            outlines=self._outlines,
            count=self._count,
            ranking=ranking,
            cost_of_parts=self._cost_of_parts,
            previous=previous,
        )

    def outlined(self, max_tokens: int | None = None) -> Chosen:
        """The outline of all files, and none in full; of those that matter most it tells more where not all fits."""

        def order(path: str) -> tuple[int, str]:
            return -self._importance[path].points if path in self._importance else 0, path

        most = _NO_LIMIT if max_tokens is None else max_tokens
        outline = fit_outline(sorted(self._files, key=order), self._outlines, max_tokens=most, count=self._count)
        choices = tuple(_outlined(path, outline.details.get(path, Detail.NOTHING)) for path in sorted(self._files))
        return Chosen(choices, outline, outline.tokens, most, asked=False)

    def _cost_of_parts(self, path: str, spans: Sequence[Lines]) -> int:
        text = parts_text(self._whole.text(self._files[path]), spans)
        return sum(self._count([piece.text for piece in file_pieces(path, text, "")]))


def _outlined(path: str, detail: Detail) -> Choice:
    standing = Standing.OUTLINED if detail >= Detail.PATHS else Standing.LEFT_OUT
    return Choice(path, standing, tokens=0, whole=0, detail=detail)
