"""Chooses which earlier turns of a session a model is given: the newest that fit, the oldest dropped first.

Tokens are estimated, never counted. Knows nothing of where turns are kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..answer import SessionReceipt
from ..engine.protocol import Message
from ..prompting import estimate_tokens, turn_messages
from .turn import Turn

__all__ = ["EarlierTurns", "fit_turns"]


@dataclass(frozen=True, slots=True)
class EarlierTurns:
    """What goes before a new question.

    Attributes:
        messages: A question and an answer for each turn, oldest first.
        receipt: What the new answer's receipt says of it.
    """

    messages: tuple[Message, ...]
    receipt: SessionReceipt


def fit_turns(newest_first: Iterable[Turn], *, name: str, num_turns: int, max_tokens: int) -> EarlierTurns:
    """The newest turns within a budget. A turn is given whole or not at all, and none behind one that does not fit.

    Args:
        newest_first: Read only as far as the budget reaches.
        name: Of the session.
        num_turns: How many there are.
        max_tokens: The budget, estimated.
    """
    fitted: list[tuple[Message, Message]] = []
    used = 0
    for turn in newest_first:
        messages = turn_messages(turn.answer.question, turn.answer.answer)
        cost = sum(estimate_tokens(message.content) for message in messages)
        if used + cost > max_tokens:
            break
        fitted.append(messages)
        used += cost
    receipt = SessionReceipt(
        name=name,
        turn=num_turns + 1,
        given=len(fitted),
        dropped=num_turns - len(fitted),
        estimated_tokens=used,
    )
    return EarlierTurns(tuple(message for pair in reversed(fitted) for message in pair), receipt)
