"""The verdict that a plan begins with, and the one recommendation that it ends in. Judges what others have computed."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from .plan import HostedCost, PlannedPack, PrecisionChoice, Recommendation, SelfHosting
from .quantities import count_text, dollars_text, tokens_text

__all__ = ["Case", "advise", "verdict_of"]


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged.

    Attributes:
        model: Its title.
        machine: As `8 x H100`.
        choice: The precisions that were taken.
        pack: None where no repository was named.
        is_over_context: The pack is longer than the model's own context.
        is_usable: Retrieved questions fit, whether the pack does or not.
        hosted: Providers of the model.
        self_hosting: What the GPUs cost against one of them, where that is known.
        tokens_per_day: The volume, where it was given.
        is_private: Nothing may leave one's own machines.
        remedy: What would fit, where this does not; "" where nothing of this kind would.
    """

    model: str
    machine: str
    choice: PrecisionChoice
    pack: PlannedPack | None
    is_over_context: bool
    is_usable: bool
    hosted: Sequence[HostedCost]
    self_hosting: SelfHosting | None
    tokens_per_day: float | None
    is_private: bool
    remedy: str


def verdict_of(case: Case) -> str:
    """Whether it fits, in one sentence; the arithmetic follows where it does not."""
    choice = case.choice
    setup = f"{case.model} with {choice.weights} weights and {choice.kv} KV on {case.machine}"
    if choice.fits and case.pack:
        return f"Fits: {_pack(case.pack)}, {choice.at_once:,} at once; {setup}."
    if choice.fits:
        return f"Fits: prompts of up to {tokens_text(choice.context)} tokens; {setup}."
    if not case.is_usable:
        return f"Does not fit: {setup}. {choice.arithmetic}."
    assert case.pack is not None
    if case.is_over_context:
        return f"Does not fit: {_pack(case.pack)} is more than {case.model} can read."
    return f"Does not fit: {_pack(case.pack)}; {setup}. {choice.arithmetic}."


def _pack(pack: PlannedPack) -> str:
    return f"a pack of {'' if pack.exact else 'about '}{tokens_text(pack.tokens)} tokens"


def advise(case: Case) -> Recommendation:
    """What to do, and why."""
    choice = case.choice
    if not case.is_usable:
        return Recommendation(choice="does not fit", headline="Change the setup", reason=_remedied(case))
    if not choice.fits:
        return _retrieve(case)
    if case.is_private:
        return _serve("Nothing may leave your machines, and it fits on these.")
    if not case.hosted:
        return _serve("It fits, and no hosted provider of this model is in the table of prices to compare with.")
    if case.pack and all(cost.whole_pack_dollars is None for cost in case.hosted):
        return _serve(f"{_longest_hosted(case)}. {_retrieved(case)}".rstrip())
    return _by_price(case)


def _retrieve(case: Case) -> Recommendation:
    room = f"Here prompts of up to {tokens_text(case.choice.context)} tokens fit, and retrieval needs about 13K."
    headline = "Ask with retrieval, or change the setup" if case.remedy else "Ask with retrieval"
    return Recommendation(choice="retrieve", headline=headline, reason=f"{case.remedy} {room}".lstrip())


def _remedied(case: Case) -> str:
    if case.remedy:
        return case.remedy
    return "Neither other precisions nor up to 32 GPUs of this kind or the usual ones hold it."


def _by_price(case: Case) -> Recommendation:
    """Against the cheapest provider that takes the questions."""
    meeting = case.self_hosting
    if meeting is None:
        return _serve("It fits; with --gpu-price it is compared with hosted providers.")
    price, volume = f"these GPUs cost {_day(meeting)}", _volume(meeting)
    if not meeting.is_reachable:
        most = count_text(meeting.capacity_questions_per_day)
        reason = (
            f"{_capital(price)}. At {meeting.provider} that pays for {volume}; this machine answers {most} at most."
        )
        return _hosted(meeting, reason)
    if case.tokens_per_day is None:
        reason = f"{_capital(price)}: as much as {meeting.provider} takes for {volume}. With more than that, or where "
        return _hosted(meeting, f"{reason}nothing may leave your machines (--private), serve it yourself.")
    machines = _machines(meeting, case.tokens_per_day)
    asked = f"you send {count_text(case.tokens_per_day)} tokens a day"
    if machines > 1:
        asked += f", for which it takes {machines:,} such machines"
    if case.tokens_per_day < machines * meeting.break_even_tokens_per_day:
        return _hosted(meeting, f"{_capital(price)}; {meeting.provider} takes as much for {volume}, and {asked}.")
    return _serve(f"{_capital(price)}; {meeting.provider} takes as much for {volume}, and {asked}.")


def _machines(meeting: SelfHosting, tokens_per_day: float) -> int:
    """How many machines it takes to answer so much."""
    questions = tokens_per_day / meeting.break_even_tokens_per_day * meeting.break_even_questions_per_day
    return max(1, ceil(questions / meeting.capacity_questions_per_day))


def _serve(reason: str) -> Recommendation:
    return Recommendation(choice="serve", headline="Serve it yourself", reason=reason)


def _hosted(meeting: SelfHosting, reason: str) -> Recommendation:
    return Recommendation(choice="hosted", headline=f"Use a hosted provider, {meeting.provider}", reason=reason)


def _longest_hosted(case: Case) -> str:
    longest = max(case.hosted, key=lambda cost: cost.context or 0)
    return f"No hosted provider in the table takes the pack (the longest: {longest.provider}, {longest.context or 0:,})"


def _retrieved(case: Case) -> str:
    offers = [(cost.retrieved_dollars, cost.provider) for cost in case.hosted if cost.retrieved_dollars is not None]
    if not offers:
        return ""
    dollars, provider = min(offers)
    price = f"; these GPUs cost {_day(case.self_hosting)}" if case.self_hosting else ""
    return f"Where retrieval is enough, {provider} takes {dollars_text(dollars)} for a question{price}."


def _volume(meeting: SelfHosting) -> str:
    questions = count_text(meeting.break_even_questions_per_day)
    return f"{questions} {meeting.mode} questions ({count_text(meeting.break_even_tokens_per_day)} tokens)"


def _day(meeting: SelfHosting) -> str:
    low, high = dollars_text(meeting.dollars_per_day_low), dollars_text(meeting.dollars_per_day_high)
    return f"{low} a day" if low == high else f"{low} to {high} a day"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
