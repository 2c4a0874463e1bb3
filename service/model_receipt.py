"""Writes the model's part of a receipt. Decides nothing; reads no clock."""

from collections.abc import Sequence

from .answer import KvFrom, ModelReceipt, TokensReceipt
from .drafting import Asked, Draft
from .engine.protocol import SamplingParams, Usage
from .prompting import CHARS_PER_TOKEN

__all__ = ["model_receipt", "model_seconds", "tokens_receipt"]


def model_receipt(draft: Draft, *, params: SamplingParams) -> ModelReceipt:
    """The part that lets the model be asked the same again."""
    prompt, completion = draft.asked[0].prompt, draft.completion
    info = completion.info
    versions = dict(info.versions)
    if completion.fingerprint:
        versions["fingerprint"] = completion.fingerprint
    return ModelReceipt(
        model=info.model,
        served_model=completion.model,
        engine=info.engine,
        versions=versions,
        max_model_len=info.max_model_len,
        base_url=info.base_url,
        loopback=info.loopback,
        temperature=None if "temperature" in info.refused else params.temperature,
        seed=None if "seed" in info.refused else params.seed,
        max_tokens=params.max_tokens,
        prompt_hash=prompt.hash,
        prompt_bytes=prompt.num_bytes,
        requests=len(draft.asked),
        refused=info.refused,
        finish_reason=completion.finish_reason,
    )


def tokens_receipt(asked: Sequence[Asked]) -> TokensReceipt:
    """Tokens of all requests as the server counted them, or with an estimate among them that is called one."""
    counts = [one.completion.usage or _estimated(one) for one in asked]
    cached = sum(one.cached_tokens for one in counts)
    restored = sum(one.restored_tokens for one in counts)
    return TokensReceipt(
        prompt=sum(one.prompt_tokens for one in counts),
        cached=cached,
        restored=restored,
        kv_from=_kv_from(cached, restored),
        completion=sum(one.completion_tokens for one in counts),
        estimated=any(one.completion.usage is None for one in asked),
    )


def model_seconds(asked: Sequence[Asked], *, seconds: float) -> dict[str, float]:
    """Of the seconds that the model took, those to the first text and those from it to the last; empty where not known.

    Args:
        asked: All requests.
        seconds: What they took together.
    """
    first = [one.completion.first_s for one in asked]
    if any(one is None for one in first):
        return {}
    first_s = sum(one or 0.0 for one in first)
    return {"first_text": first_s, "write": max(0.0, seconds - first_s)}


def _estimated(asked: Asked) -> Usage:
    prompt = asked.prompt
    sent = sum(len(message.content) for message in prompt.messages)
    return Usage(
        prompt_tokens=round(sent / CHARS_PER_TOKEN) or prompt.num_tokens,
        completion_tokens=round(len(asked.completion.text) / CHARS_PER_TOKEN),
    )


def _kv_from(cached: int, restored: int) -> KvFrom:
    if not cached:
        return "none"
    if not restored:
        return "memory"
    return "tier" if restored >= cached else "memory and tier"
