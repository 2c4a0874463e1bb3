"""How quickly the engine computes prompts, measured on those that it computed. Knows no prompts."""

__all__ = ["Pace"]

# Fewer tokens than this say what a question takes at least, more of them how quickly prompts are computed.
_MANY_TOKENS = 1024
# Of the newest measurement, in the mean of all before it.
_WEIGHT = 0.3


class Pace:
    """Seconds until the first token: at least so many, and so many a token."""

    def __init__(self) -> None:
        """Nothing was measured."""
        self._least_s: float | None = None
        self._token_s: float | None = None

    def note(self, num_tokens: int, seconds: float) -> None:
        """So many tokens of a prompt were computed until its first token came, while nothing else was."""
        if num_tokens < _MANY_TOKENS:
            self._least_s = _mean(self._least_s, seconds)
        else:
            self._token_s = _mean(self._token_s, max(0.0, seconds - (self._least_s or 0.0)) / num_tokens)

    def seconds(self, num_tokens: int) -> float | None:
        """How long so many tokens will take; None where that was not measured."""
        if num_tokens < _MANY_TOKENS and self._least_s is not None:
            return self._least_s
        if self._token_s is None:
            return None
        return (self._least_s or 0.0) + num_tokens * self._token_s


def _mean(before: float | None, now: float) -> float:
    return now if before is None else before + _WEIGHT * (now - before)
