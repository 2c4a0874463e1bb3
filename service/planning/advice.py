"""The one recommendation that a plan ends in, with its reason. Judges what others have computed."""

from collections.abc import Sequence
from dataclasses import dataclass

from .plan import HostedCost, PlannedPack, PrecisionChoice, Recommendation, SelfHosting
from .quantities import count_text, dollars_text, tokens_text

__all__ = ["Case", "advise"]


@dataclass(frozen=True, slots=True)
class Case:
    """What a recommendation rests on.

    Attributes:
        model: Its title.
        machine: As `8 x H100`.
        choice: The precisions that were taken.
        pack: None where no repository was named.
        pack_over_context: The pack is longer than the model's own context.
        hosted: Providers of the model.
        self_hosting: What the GPUs cost, where that is known.
        tokens_per_day: The volume, where it was given.
        is_private: Nothing may leave one's own machines.
        remedy: What would fit, where this does not; "" where nothing of this kind would.
    """

    model: str
    machine: str
    choice: PrecisionChoice
    pack: PlannedPack | None
    pack_over_context: bool
    hosted: Sequence[HostedCost]
    self_hosting: SelfHosting | None
    tokens_per_day: float | None
    is_private: bool
    remedy: str

    @property
    def setup(self) -> str:
        """The model with its precisions on its machine."""
        return f"{self.model}, {self.choice.weights} weights, {self.choice.kv} KV, on {self.machine}"


def advise(case: Case) -> Recommendation:
    """What to do."""
    if not case.choice.fits:
        return _when_it_does_not_fit(case)
    if case.is_private:
        return _serve(case, f"Nothing may leave your machines, and {_what_fits(case)}.")
    if not case.hosted:
        return _serve(case, f"{_sentence(_what_fits(case))}. No provider of this model is in the table of prices.")
    if case.pack and all(cost.whole_pack_dollars is None for cost in case.hosted):
        return _serve(case, f"{_sentence(_what_fits(case))}, and {_longest_hosted(case)}. {_retrieved(case)}".rstrip())
    return _by_price(case)


def _when_it_does_not_fit(case: Case) -> Recommendation:
    pack = case.pack
    if case.choice.context == 0 or pack is None:
        return Recommendation(choice="does not fit", headline=f"Does not fit: {case.setup}", reason=_with_remedy(case))
    if case.pack_over_context:
        return Recommendation(
            choice="retrieve",
            headline=f"Ask with retrieval: the pack is longer than {case.model} reads",
            reason=f"The pack is {tokens_text(pack.tokens)} tokens, and with question and answer the model reads "
            f"{tokens_text(case.choice.context)} here. Select with `repoask pack --max-tokens`, or let retrieval do it.",
        )
    return Recommendation(
        choice="retrieve",
        headline=f"Does not fit whole: the pack, beside {case.setup}",
        reason=f"{_with_remedy(case)} Without it, ask with retrieval: {tokens_text(case.choice.context)} tokens fit.",
    )


def _with_remedy(case: Case) -> str:
    return f"{_sentence(case.choice.arithmetic)}.{f' {case.remedy}' if case.remedy else ''}"


def _by_price(case: Case) -> Recommendation:
    """Against the cheapest provider, where one takes the questions."""
    meeting = case.self_hosting
    if meeting is None:
        return _serve(case, f"{_sentence(_what_fits(case))}. With --gpu-price it is compared with hosted providers.")
    each = f"{meeting.mode} questions"
    if not meeting.is_reachable:
        return _hosted(
            case,
            f"{_day(meeting)} here; {meeting.provider} charges as much only for {_volume(meeting)}, more {each} than "
            f"this machine answers ({count_text(meeting.capacity_questions_per_day)} a day).",
        )
    if case.tokens_per_day is None:
        return _hosted(
            case,
            f"Up to {_volume(meeting)} {meeting.provider} is cheaper than these GPUs, {_day(meeting)}. From there, or "
            f"where the code must stay with you (--private), serve it yourself: {_what_fits(case)}.",
        )
    compared = f"{count_text(case.tokens_per_day)} tokens a day, and the two meet at {_volume(meeting)}"
    if case.tokens_per_day < meeting.break_even_tokens_per_day:
        return _hosted(case, f"{compared}: {_day(meeting)} for these GPUs is more than {meeting.provider} charges.")
    return _serve(case, f"{compared}: {_day(meeting)} for these GPUs is less than {meeting.provider} charges.")


def _serve(case: Case, reason: str) -> Recommendation:
    return Recommendation(choice="serve", headline=f"Serve it yourself: {case.setup}", reason=reason)


def _hosted(case: Case, reason: str) -> Recommendation:
    assert case.self_hosting is not None
    headline = f"Use a hosted provider: {case.self_hosting.provider}, for {case.model}"
    return Recommendation(choice="hosted", headline=headline, reason=reason)


def _what_fits(case: Case) -> str:
    at_once = case.choice.packs_at_once
    if case.pack is None:
        return f"prompts of up to {tokens_text(case.choice.context)} tokens fit, {at_once:,} at once"
    return f"the pack of {tokens_text(case.pack.tokens)} tokens fits, {at_once:,} such at once"


def _longest_hosted(case: Case) -> str:
    longest = max(case.hosted, key=lambda cost: cost.context or 0)
    return f"no provider in the table takes it (the longest: {longest.provider}, {tokens_text(longest.context or 0)})"


def _retrieved(case: Case) -> str:
    cheapest = min(case.hosted, key=lambda cost: cost.retrieved_dollars)
    return (
        f"Questions that retrieval answers are another matter: {cheapest.provider} takes "
        f"{dollars_text(cheapest.retrieved_dollars)} for one."
    )


def _volume(meeting: SelfHosting) -> str:
    questions = count_text(meeting.break_even_questions_per_day)
    return f"{count_text(meeting.break_even_tokens_per_day)} tokens ({questions} {meeting.mode} questions) a day"


def _day(meeting: SelfHosting) -> str:
    low, high = meeting.dollars_per_day_low, meeting.dollars_per_day_high
    span = dollars_text(low) if low == high else f"{dollars_text(low)} to {dollars_text(high)}"
    return f"{span} a day"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
