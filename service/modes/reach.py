"""How long a prompt a model is known to read, and how much of that is left for a pack.

Known by the server's word, by what `repoask doctor` measured, or not at all. Knows nothing of packs or questions.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..doctor.measurement import Measurement
    from ..engine.protocol import EngineInfo

__all__ = ["Reach", "Reserve"]

# the rules, the template, a question of some lines
_AROUND_TOKENS = 1_500
# what is estimated at 3.5 characters a token may be as much longer in a model's own tokens
_SAFETY = 1.25
# of the context, at most, for the evidence that is repeated
_EVIDENCE_SHARE = 1 / 8


@dataclass(frozen=True, slots=True)
class Reserve:
    """What a prompt needs beside the pack.

    Attributes:
        max_tokens: The longest reply.
        evidence_tokens: About how much evidence is repeated at most.
        session_tokens: About how much of earlier turns is given at most.
    """

    max_tokens: int
    evidence_tokens: int
    session_tokens: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Tokens of the longest prompt with its reply.

    Attributes:
        limit: No longer one is read whole; None where no limit is known.
        seen: So long a one is known to be read; 0 where nothing is known.
    """

    limit: int | None = None
    seen: int = 0

    @classmethod
    def of(cls, info: "EngineInfo", measured: "Measurement | None") -> "Reach":
        """What the server tells of itself and what was measured of it: the shorter counts."""
        limits = [info.max_model_len] if info.max_model_len else []
        context = measured.context if measured else None
        # nothing at all was read whole: that says more of the model than of the length
        if context is None or not context.tokens:
            return cls(min(limits, default=None), 0)
        if context.is_limited:
            limits.append(context.tokens)
        return cls(min(limits, default=None), context.tokens)

    def room(self, reserve: Reserve) -> int | None:
        """Tokens left for a pack within the limit; None where there is none. Equal for all questions."""
        return None if self.limit is None else _room(self.limit, reserve)

    @property
    def known(self) -> int:
        """So long a prompt is known to be read; 0 where nothing is known."""
        return self.seen if self.limit is None else self.limit

    def known_room(self, reserve: Reserve) -> int:
        """Tokens of a pack that is known to fit; 0 for none."""
        return max(0, _room(self.known, reserve))


def _room(context: int, reserve: Reserve) -> int:
    beside = min(reserve.evidence_tokens, int(context * _EVIDENCE_SHARE)) + reserve.session_tokens + _AROUND_TOKENS
    return context - reserve.max_tokens - int(beside * _SAFETY)
