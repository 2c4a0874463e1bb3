"""What a prompt asks of the cache: which prefixes it is made of, and how many tokens it has in all.

Prefixes are told apart by the segments that they are made of and by the tenant: equal ids that were cut into other
segments count as different here. Knows no ids.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Demand", "Prefix", "prefixes"]


@dataclass(frozen=True, slots=True)
class Prefix:
    """The segments of a prompt up to and with one of them.

    Attributes:
        key: Equal for equal segments of the same tenant.
        num_tokens: Of the last segment alone.
    """

    key: bytes
    num_tokens: int


def prefixes(space: str, segments: Iterable[tuple[str, int]]) -> tuple[Prefix, ...]:
    """The prefixes that end at segments, the shortest first.

    Args:
        space: Prefixes are shared within: a tenant's questions to one adapter.
        segments: Digest and number of tokens of each.
    """
    found: list[Prefix] = []
    key = hashlib.sha256(space.encode()).digest()
    for digest, num_tokens in segments:
        key = hashlib.sha256(key + digest.encode()).digest()
        found.append(Prefix(key, num_tokens))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a request needs room for.

    Attributes:
        prefixes: Of its prompt.
        tail_tokens: Of its prompt, behind the segments.
        max_tokens: Of its reply.
    """

    prefixes: tuple[Prefix, ...]
    tail_tokens: int
    max_tokens: int

    @property
    def prompt_tokens(self) -> int:
        """Of the whole prompt."""
        return sum(prefix.num_tokens for prefix in self.prefixes) + self.tail_tokens

    def shared_tokens(self, other: "Demand") -> int:
        """Tokens of the longest prefix that both have."""
        shared = 0
        for mine, its in zip(self.prefixes, other.prefixes, strict=False):
            if mine.key != its.key:
                break
            shared += mine.num_tokens
        return shared
