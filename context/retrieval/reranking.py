"""Orders the best places by retrieval and a reranker together. Knows no implementation of either.

The rule is reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009) of the two orders, with their constant: a
place counts 1/(60 + rank) in each, and the sum is scaled so that the first of both counts 1. Ranks alone are used, as
the scores of two models have no common scale. It is not the reranker alone that decides: generic rerankers have made
the order of code worse by themselves (NDCG@10 .620 to .524 in a peer's test).
"""

from collections.abc import Sequence
from dataclasses import replace

from ..types import Evidence
from .reranker import Reranker

__all__ = ["NUM_RERANKED", "rerank"]

NUM_RERANKED = 50
"""So many of the best places are reranked; the others follow in their order."""

_CONSTANT = 60
# Together under 512 tokens of code, the most that small rerankers take; some servers refuse a longer text.
_MAX_QUESTION_CHARS = 400
_MAX_TEXT_CHARS = 1_200


def rerank(question: str, evidence: Sequence[Evidence], reranker: Reranker, *, num_given: int) -> tuple[Evidence, ...]:
    """The evidence in the new order, with new scores and the reranker's rank among the reasons.

    Args:
        question: As asked.
        evidence: Best first.
        reranker: Reads the question with each place.
        num_given: So many places at the front were given by the question itself, and stay there.
    """
    judged = evidence[num_given:NUM_RERANKED]
    if not judged:
        return tuple(evidence)
    scores = reranker.score(question[:_MAX_QUESTION_CHARS], [_text(item) for item in judged])
    rank_of = _ranks(scores, first=num_given + 1)
    fused = [_fused(item, rank, rank) for rank, item in enumerate(evidence[:num_given], 1)]
    for at, item in enumerate(judged):
        reason = f"the reranker puts it at {rank_of[at]} of {num_given + len(judged)}"
        item = replace(item, reasons=(*item.reasons, reason))
        fused.append(_fused(item, num_given + at + 1, rank_of[at]))
    fused.sort(key=lambda item: -item.score)  # stable: of two that count the same, the one that retrieval put first
    rest = [_fused(item, rank, None) for rank, item in enumerate(evidence[NUM_RERANKED:], NUM_RERANKED + 1)]
    return (*fused, *rest)


def _text(item: Evidence) -> str:
    head = f"{item.path} {item.symbol}".strip()
    return f"{head}\n{item.text}"[:_MAX_TEXT_CHARS]


def _ranks(scores: Sequence[float], *, first: int) -> dict[int, int]:
    order = sorted(range(len(scores)), key=lambda at: -scores[at])
    return {at: rank for rank, at in enumerate(order, first)}


def _fused(item: Evidence, rank: int, rank_of_reranker: int | None) -> Evidence:
    ranks = [rank] if rank_of_reranker is None else [rank, rank_of_reranker]
    score = sum(1 / (_CONSTANT + each) for each in ranks) * (_CONSTANT + 1) / 2
    return replace(item, score=round(score, 4))
