"""What the same questions cost at hosted providers and on one's own GPUs, and where the two meet.

Nothing that a provider may discount as cached is counted as such: none of the table says that it does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .gpus import Machine
from .plan import HostedCost, SelfHosting
from .prices import GpuHour, HostedPrice
from .speed import PRACTICE_FACTOR, Speed

__all__ = ["ANSWER_TOKENS", "NEW_TOKENS", "Question", "hosted_costs", "self_hosting"]

_QUESTION_TOKENS = 500
_EVIDENCE_TOKENS = 12_000
ANSWER_TOKENS = 800
NEW_TOKENS = _QUESTION_TOKENS + _EVIDENCE_TOKENS
"""What a question adds to its prompt: itself, and the evidence, which also follows a whole pack."""

_DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Question:
    """The shape of the questions that are asked."""

    pack_tokens: int = 0

    @property
    def mode(self) -> str:
        """As receipts name it."""
        return "whole pack" if self.pack_tokens else "retrieved"

    @property
    def prompt_tokens(self) -> int:
        """All that is sent."""
        return self.pack_tokens + NEW_TOKENS

    @property
    def tokens(self) -> int:
        """All that is billed."""
        return self.prompt_tokens + ANSWER_TOKENS

    def dollars(self, price: HostedPrice) -> float | None:
        """At a provider; None where it is too long for it."""
        if not price.takes(self.tokens):
            return None
        return price.dollars(input_tokens=self.prompt_tokens, output_tokens=ANSWER_TOKENS)


def hosted_costs(
    prices: Sequence[HostedPrice], *, pack_tokens: int, asked: Question, questions_per_day: float | None
) -> tuple[HostedCost, ...]:
    """What each provider charges.

    Args:
        prices: The providers of the model.
        pack_tokens: Of the pack; 0 without one.
        asked: The questions whose day is priced.
        questions_per_day: So many; None where nobody said.
    """
    return tuple(_hosted(price, pack_tokens, asked, questions_per_day) for price in prices)


def _hosted(price: HostedPrice, pack_tokens: int, asked: Question, questions_per_day: float | None) -> HostedCost:
    each = asked.dollars(price)
    return HostedCost(
        provider=price.provider,
        context=price.context_tokens,
        whole_pack_dollars=Question(pack_tokens).dollars(price) if pack_tokens else None,
        retrieved_dollars=Question().dollars(price),
        dollars_per_day=None if questions_per_day is None or each is None else each * questions_per_day,
        date=price.date,
        source=price.source,
    )


def self_hosting(
    machine: Machine, hour: GpuHour, *, prices: Sequence[HostedPrice], question: Question, speed: Speed
) -> SelfHosting | None:
    """The GPUs around the clock against the cheapest provider; None where none takes the questions.

    They break even where questions x (what the provider charges for one) = GPUs x price of an hour x 24.
    """
    offers = [(dollars, price) for price in prices if (dollars := question.dollars(price))]
    if not offers:
        return None
    dollars, cheapest = min(offers, key=lambda offer: (offer[0], offer[1].provider))
    day = machine.count * 24
    questions = day * hour.low / dollars
    capacity = _questions_per_day(speed, question)
    return SelfHosting(
        dollars_per_day_low=day * hour.low,
        dollars_per_day_high=day * hour.high,
        mode=question.mode,
        provider=cheapest.provider,
        break_even_tokens_per_day=questions * question.tokens,
        break_even_questions_per_day=questions,
        capacity_questions_per_day=capacity,
        is_reachable=questions <= capacity,
        price_source=f"{hour.source} ({hour.date})",
    )


def _questions_per_day(speed: Speed, question: Question) -> float:
    """At most so many: the pack is cached, weights are read once for a full batch, each answer reads its own KV.

    The host is taken to work for the next question meanwhile.
    """
    prompt = question.prompt_tokens
    read_s = speed.prefill_s(prompt, cached=question.pack_tokens) * PRACTICE_FACTOR
    return _DAY_S / (read_s + ANSWER_TOKENS * speed.kv_read_s(prompt))
