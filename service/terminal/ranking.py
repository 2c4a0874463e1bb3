"""Makes the ranker and the reranker that the user named. Knows nothing of what they rank."""

from typing import TYPE_CHECKING

from ...config import Configuration
from .engines import announcer, key_for

if TYPE_CHECKING:
    from ...context.retrieval.ranker import Ranker
    from ...context.retrieval.reranker import Reranker

__all__ = ["named_ranker", "named_reranker"]


def named_ranker(configuration: Configuration) -> "Ranker | None":
    """The ranker that was named; None for the built-in one.

    Raises:
        ConfigError: The file describes none.
    """
    if configuration.settings.ranker is None:
        return None
    from ...context.retrieval.ranker import load_ranker

    return load_ranker(configuration.settings.ranker)


def named_reranker(configuration: Configuration) -> "Reranker | None":
    """The reranker that was named; None for none.

    Raises:
        ConfigError: The setting names none.
    """
    settings = configuration.settings
    if not settings.reranker:
        return None
    from ...context.retrieval.rerankers import reranker_for

    return reranker_for(
        settings.reranker,
        timeout_s=settings.timeout_s,
        api_key=key_for(settings.reranker, configuration, flag="--reranker"),
        on_first_use=announcer(configuration, "the question and lines of files, to be reranked"),
    )
