"""What reads the best places once more: a protocol, since the outside begins here. Knows no implementation."""

from collections.abc import Sequence
from typing import Protocol

__all__ = ["Reranker"]


class Reranker(Protocol):
    """Says how well texts answer a question, reading each together with it."""

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """One finite number for each text, in their order; higher is better, on a scale of its own.

        Raises:
            RepoaskError: It cannot, or what it gave cannot be used.
        """
        ...
