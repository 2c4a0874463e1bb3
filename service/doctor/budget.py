"""Bounds what a question may send to what the server was measured to take. Knows neither servers nor questions."""

from dataclasses import dataclass

from .measurement import Measurement

__all__ = ["Budget", "fit_budget"]

# evidence is estimated at 3.5 characters a token; code may have one in 3
_SAFE_SHARE = 0.85
# rules, question and what names each span
_RULES_TOKENS = 700
_REPLY_SHARE = 0.25
# with less, a model has nothing to answer from: a server that holds no more is told by its count of the prompt
_LEAST_TOKENS = 512


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens of one question.

    Attributes:
        evidence_tokens: For the evidence, estimated.
        max_tokens: For the reply.
    """

    evidence_tokens: int
    max_tokens: int


def fit_budget(wanted: Budget, measured: Measurement) -> Budget:
    """The budget that is wanted, or what of it fits into the context, where its limit was met."""
    context = measured.context
    # nothing at all was read whole: that says more of the model than of the length
    if context is None or not context.is_limited or not context.tokens:
        return wanted
    reply = min(wanted.max_tokens, max(1, int(context.tokens * _REPLY_SHARE)))
    room = int(context.tokens * _SAFE_SHARE) - reply - _RULES_TOKENS
    return Budget(evidence_tokens=min(wanted.evidence_tokens, max(_LEAST_TOKENS, room)), max_tokens=reply)
