"""Sends a long prompt a second time: a server that keeps the prefix says so, or begins to answer sooner."""

from collections.abc import Sequence

from .context_length import Reading
from .measurement import CacheStatus, PrefixCache
from .probe import Prober

__all__ = ["repeat_longest"]

_CACHED_SHARE = 0.5
_SOONER_SHARE = 0.5
# below this, the network and the first step of writing are most of the time
_TELLING_S = 0.3


def repeat_longest(prober: Prober, readings: Sequence[Reading], *, reply_tokens: int) -> PrefixCache | None:
    """What the longest prompt that fits into the time left costs once more; None where none does.

    Raises:
        TimeoutError: It took longer.
        EngineError: As `Engine.generate`.
    """
    fitting = [reading for reading in readings if reading.sample.last_s < prober.left_s]
    if not fitting:
        return None
    reading = max(fitting, key=lambda one: one.tokens)
    cold_s = reading.sample.first_s
    again = prober.ask(reading.haystack.prompt, max_tokens=reply_tokens)
    cached_tokens = again.usage.cached_tokens if again.usage else 0
    status: CacheStatus
    if cached_tokens >= _CACHED_SHARE * reading.tokens:
        status = "reported"
    elif cold_s < _TELLING_S:
        status = "unclear"
    else:
        status = "seen" if again.first_s < _SOONER_SHARE * cold_s else "none"
    return PrefixCache(
        status=status,
        prompt_tokens=reading.tokens,
        cached_tokens=cached_tokens,
        cold_s=round(cold_s, 3),
        warm_s=round(again.first_s, 3),
    )
