"""A prompt as it is asked: segments that were sent before, and the ids behind them, for one tenant and one adapter."""

from collections.abc import Sequence
from dataclasses import dataclass

from .demand import Demand, prefixes
from .segments import ID_BYTES
from .vllm_engine import Adapter
from .wire import Question, RefusalError

__all__ = ["AskedPrompt", "asked_prompt"]


@dataclass(frozen=True, slots=True)
class AskedPrompt:
    """A prompt.

    Attributes:
        question: It belongs to.
        segments: Their ids, as they were sent.
        demand: On the cache.
        salt: Of the tenant.
        adapter: None for the model itself.
    """

    question: Question
    segments: Sequence[bytes]
    demand: Demand
    salt: str
    adapter: Adapter | None

    def ids(self) -> list[int]:
        """All of them."""
        found: list[int] = []
        for segment in self.segments:
            found += memoryview(segment).cast("I").tolist()
        return found + self.question.tail


def asked_prompt(
    question: Question, segments: Sequence[bytes], *, salt: str, adapter: Adapter | None, max_model_len: int
) -> AskedPrompt:
    """The prompt of a question.

    Raises:
        RefusalError: It is too long for the model.
    """
    sizes = [len(segment) // ID_BYTES for segment in segments]
    num_tokens = sum(sizes) + len(question.tail)
    if num_tokens + question.max_tokens > max_model_len:
        raise RefusalError(
            400,
            f"the prompt of {num_tokens:,} tokens and a reply of up to {question.max_tokens:,} are over the model's "
            f"context of {max_model_len:,}",
        )
    # an adapter's name may be given to another, its path with it
    space = "\0".join((salt, adapter.lora_name, adapter.lora_path) if adapter else (salt,))
    named = zip(question.segments, sizes, strict=True)
    return AskedPrompt(
        question, segments, Demand(prefixes(space, named), len(question.tail), question.max_tokens), salt, adapter
    )
