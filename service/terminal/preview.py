"""Tells in one line what a prompt will cost before it is sent. Knows nothing of how that is known."""

from collections.abc import Iterator
from math import floor

from ..engine.protocol import Forecast, Prompt
from ..prompting import estimate_tokens

__all__ = ["preview_line"]

_LONG_S = 120


def preview_line(prompt: Prompt, forecast: Forecast | None) -> str:
    """As "1,203,441 tokens, 99.6% cached, about 2 s"; the number of tokens alone where the engine cannot tell more."""
    if forecast is None:
        counted = prompt.num_tokens
        about = sum(estimate_tokens(message.content) for message in prompt.messages)
        return f"{counted:,} tokens" if counted else f"about {about:,} tokens"
    return ", ".join(_parts(forecast))


def _parts(forecast: Forecast) -> Iterator[str]:
    yield f"{forecast.prompt_tokens:,} tokens"
    # rounded down: what is not cached is what takes the time
    share = floor(1000 * forecast.cached_tokens / max(forecast.prompt_tokens, 1)) / 10
    yield f"{share:.1f}% cached"
    if forecast.restored_tokens:
        yield f"{forecast.restored_tokens:,} of them to be read back"
    if forecast.seconds is not None:
        yield _duration(forecast.seconds)
    if forecast.place:
        yield f"{forecast.place:,} before it in the queue"


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "under 1 s"
    return f"about {seconds:.0f} s" if seconds < _LONG_S else f"about {seconds / 60:.0f} min"
