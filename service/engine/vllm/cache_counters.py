"""How much of a prompt a vLLM server had cached, told by its counters where its reply does not tell.

A server that was started without `--enable-prompt-tokens-details` counts all the same: the tokens of all prompts, and
those of them that were cached (`vllm/v1/metrics/loggers.py`). Read before and after a request, they tell of it where
exactly its prompt was counted in between; else others were asked meanwhile, and nothing is claimed. Knows nothing of
connections.
"""

import re
from dataclasses import dataclass, replace

from ..protocol import Usage

__all__ = ["CacheCounters", "counted", "read_counters"]

_COUNTER = re.compile(
    r"^vllm:(external_)?prefix_cache_(queries|hits)_total(?:\{[^}\n]*\})?"
    r" ([0-9]{1,15}(?:\.[0-9]*)?(?:e\+?[0-9]{1,2})?)$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class CacheCounters:
    """Tokens since the server was started, of all models and engines that it runs.

    Attributes:
        prompts: Of prompts.
        cached: Of these, found in the server's own cache.
        restored: Found in a tier of KV behind it instead.
    """

    prompts: int
    cached: int
    restored: int


def read_counters(page: str) -> CacheCounters | None:
    """The counters on a server's page `/metrics`; None where it has none."""
    sums: dict[tuple[str, str], int] = {}
    for tier, what, value in _COUNTER.findall(page):
        sums[tier, what] = sums.get((tier, what), 0) + int(float(value))
    if ("", "queries") not in sums or ("", "hits") not in sums:
        return None
    return CacheCounters(sums["", "queries"], sums["", "hits"], sums.get(("external_", "hits"), 0))


def counted(usage: Usage, before: CacheCounters | None, after: CacheCounters | None) -> Usage:
    """What a reply counted, with what was cached of its prompt where the counters tell of it alone."""
    if before is None or after is None or after.prompts - before.prompts != usage.prompt_tokens:
        return usage
    restored = after.restored - before.restored
    cached = after.cached - before.cached + restored
    if not 0 <= restored <= cached <= usage.prompt_tokens:
        return usage
    return replace(usage, cached_tokens=cached, restored_tokens=restored)
