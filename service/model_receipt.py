"""Writes the model's part of a receipt. Decides nothing; reads no clock."""

from .answer import ModelReceipt, TokensReceipt
from .engine.protocol import Completion, Prompt, SamplingParams
from .prompting import CHARS_PER_TOKEN

__all__ = ["model_receipt", "tokens_receipt"]


def model_receipt(completion: Completion, *, prompt: Prompt, params: SamplingParams) -> ModelReceipt:
    """The part that lets the model be asked the same again."""
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
        finish_reason=completion.finish_reason,
    )


def tokens_receipt(completion: Completion, *, prompt: Prompt) -> TokensReceipt:
    """Tokens as the server counted them, or an estimate that is called one."""
    usage = completion.usage
    if usage is None:
        sent = sum(len(message.content) for message in prompt.messages)
        return TokensReceipt(
            prompt=prompt.num_tokens or round(sent / CHARS_PER_TOKEN),
            completion=round(len(completion.text) / CHARS_PER_TOKEN),
            estimated=True,
        )
    return TokensReceipt(
        prompt=usage.prompt_tokens,
        cached=usage.cached_tokens,
        completion=usage.completion_tokens,
        restored=usage.restored_tokens,
    )
