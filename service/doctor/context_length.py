"""Finds how long a prompt may be: twice as long until one is not read whole, then in between.

A prompt is read whole when the codes at its start, its middle and its end come back. Where the model is too weak to
find them even in a short one, the server's count must do. Knows nothing of what the length is for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from ...errors import EngineBusyError, EngineReplyError, EngineUnreachableError
from .haystack import FIRST_GUESS_CHARS_PER_TOKEN, Haystack, make_haystack
from .measurement import ContextLength, ContextLimit
from .probe import Prober, Sample, is_garbled

__all__ = ["FIRST_TOKENS", "Reading", "Readings", "read_growing"]

FIRST_TOKENS = 1_024
"""Every server takes a prompt of this length."""

# a server that counts fewer than this share of what it was sent has cut it; the text's tokens vary by a few percent
_CUT_SHARE = 0.85
# the time of a prompt grows faster than its length
_SLOWER_BY = 1.25
# what is kept of the time for what is measured after
_KEPT_SHARE = 0.15
_PRECISION = 8
# another length is not another answer: growing ends, and nothing in between is tried
_FINAL: frozenset[ContextLimit] = frozenset({"busy", "time", "failed"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A prompt that was read whole."""

    haystack: Haystack
    sample: Sample
    tokens: int

    @property
    def tokens_per_s(self) -> float:
        """Read, until the first text."""
        return self.tokens / max(self.sample.first_s, 1e-6)


@dataclass(slots=True)
class Readings:
    """All prompts tried.

    Attributes:
        whole: Those read whole, as they were tried.
        garbled_at: Tokens of the shortest whose reply was no text.
        counts_tokens: Whether the server counts.
        length: What was found; None where neither codes nor a count tell.
    """

    whole: list[Reading] = field(default_factory=list)
    garbled_at: int | None = None
    counts_tokens: bool = False
    length: ContextLength | None = None


@dataclass(frozen=True, slots=True)
class _Failure:
    limit: ContextLimit
    said: str = ""


def read_growing(
    prober: Prober,
    *,
    max_tokens: int,
    reply_tokens: int,
    seed: int,
    on_try: Callable[[int], None] = lambda _: None,
) -> Readings:
    """Sends longer and longer prompts.

    Args:
        prober: What is asked.
        max_tokens: The longest prompt that is sent.
        reply_tokens: Of each reply, which holds three numbers and maybe a little thought.
        seed: Of the text.
        on_try: Gets the tokens of each prompt before it is sent.
    """
    return _Growth(prober, reply_tokens=reply_tokens, seed=seed, on_try=on_try).run(max_tokens)


class _Growth:
    def __init__(self, prober: Prober, *, reply_tokens: int, seed: int, on_try: Callable[[int], None]) -> None:
        self._prober = prober
        self._reply_tokens = reply_tokens
        self._seed = seed
        self._on_try = on_try
        self._chars_per_token = FIRST_GUESS_CHARS_PER_TOKEN
        self._by_codes = True
        self._is_first = True
        self._readings = Readings()

    def run(self, max_tokens: int) -> Readings:
        best, tried = 0, min(FIRST_TOKENS, max_tokens)
        failure = self._try(tried)
        while failure is None and tried < max_tokens:
            best, tried = tried, min(2 * tried, max_tokens)
            failure = self._try(tried)
        if failure is None:
            best, failure = tried, _Failure("max_tokens")
        while best and failure.limit not in _FINAL and tried - best > max(1, best // _PRECISION):
            between = (best + tried) // 2
            if (other := self._try(between)) is None:
                best = between
            elif other.limit in _FINAL:
                break
            elif (failure.limit, other.limit) == ("cut", "lost"):
                tried = between  # cut by too little to show in the count
            else:
                tried, failure = between, other
        if self._by_codes or best:
            longest = max((reading.tokens for reading in self._readings.whole), default=0)
            self._readings.length = ContextLength(
                tokens=longest, tried=tried, limit=failure.limit, by_codes=self._by_codes, said=failure.said
            )
        return self._readings

    def _try(self, tokens: int) -> _Failure | None:
        """None where a prompt of so many tokens is read whole."""
        failure = self._try_once(tokens)
        if failure is not None and failure.limit == "lost":  # a model may err once
            failure = self._try_once(tokens)
        return failure

    def _try_once(self, tokens: int) -> _Failure | None:
        if self._would_take(tokens) > self._prober.left_s - _KEPT_SHARE * self._prober.max_seconds:
            return _Failure("time")
        self._on_try(tokens)
        self._seed += 1
        haystack = make_haystack(int(tokens * self._chars_per_token), seed=self._seed)
        try:
            sample = self._prober.ask(haystack.prompt, max_tokens=self._reply_tokens)
        except TimeoutError:
            return _Failure("time")
        except EngineBusyError as error:
            return _Failure("busy", str(error))
        except EngineUnreachableError as error:
            return _Failure("failed", str(error))
        except EngineReplyError as error:
            return _Failure("refused", str(error))
        return self._judge(haystack, sample, tokens)

    def _judge(self, haystack: Haystack, sample: Sample, tokens: int) -> _Failure | None:
        counted = sample.usage.prompt_tokens if sample.usage else None
        has_all = haystack.has_all(sample.text)
        self._readings.counts_tokens |= counted is not None
        if self._is_first:
            self._is_first = False
            self._by_codes = has_all
            if counted:
                self._chars_per_token = haystack.num_chars / counted
                tokens = counted
        if is_garbled(sample.text):
            self._readings.garbled_at = min(tokens, self._readings.garbled_at or tokens)
            if self._by_codes:
                return _Failure("garbled")
        if not has_all and counted is not None and counted < _CUT_SHARE * tokens:
            return _Failure("cut", f"it counted {counted:,} tokens")
        if not has_all and (self._by_codes or counted is None):
            return _Failure("lost")
        self._readings.whole.append(Reading(haystack, sample, counted or tokens))
        return None

    def _would_take(self, tokens: int) -> float:
        if not self._readings.whole:
            return 0.0
        last = self._readings.whole[-1]
        writing_s = last.sample.last_s - last.sample.first_s
        return last.sample.first_s * tokens / last.tokens * _SLOWER_BY + writing_s
