"""What else a person should know of a plan, a sentence each. Decides nothing."""

from collections.abc import Iterator

from .choices import Choice
from .gpus import Machine
from .layout import Layout
from .models import Model
from .plan import SelfHosting
from .precision import WeightPrecision
from .quantities import tokens_text

__all__ = ["notes_of"]


def notes_of(
    model: Model, machine: Machine, layout: Layout, choice: Choice, *, prompt_tokens: int, meeting: SelfHosting | None
) -> Iterator[str]:
    """The notes, what concerns the answers first.

    Args:
        model: What is served.
        machine: On what.
        layout: How it lies there.
        choice: The precisions that were taken.
        prompt_tokens: Of the prompt that the plan is about.
        meeting: What the GPUs cost, where that is known.
    """
    if model.trained_context and prompt_tokens > model.trained_context:
        yield (
            f"{model.title} was trained on up to {tokens_text(model.trained_context)} tokens and answers longer "
            "prompts poorly; ask with retrieval, as repoask does by default, unless the question needs everything."
        )
    if choice.weights not in model.checkpoints:
        yield _how_they_are_made(model, choice.weights)
    if machine.gpu.fp8_tflops is None and "fp8" in (choice.weights, choice.kv):
        yield f"{machine.gpu.name} has no FP8 units: fp8 saves memory there, not time."
    if layout.idle:
        yield f"{layout.idle} of {machine} stay idle: its heads cannot be spread over that many."
    if layout.kv_copies > 1:
        yield f"Each KV lies on {layout.kv_copies:g} GPUs: the model has fewer KV heads than a layer has GPUs."
    if machine.count > machine.gpu.per_node:
        yield "The stages of the pipeline are machines of their own: add --nnodes and --node-rank on each."
    if choice.kv_layout.window:
        yield "vLLM's own tiers keep the local layers' KV too: up to four times as much host memory and disk."
    if meeting:
        yield (
            "A rule of thumb says to host from 50 to 100M tokens a day; with these prices the two meet at "
            f"{tokens_text(meeting.break_even_tokens_per_day)}."
        )


def _how_they_are_made(model: Model, weights: WeightPrecision) -> str:
    if weights is WeightPrecision.FP8:
        return "vLLM makes FP8 weights at start: each GPU must hold its share at full precision for that moment."
    return f"The command needs a 4-bit checkpoint of {model.title} (AWQ, GPTQ, compressed-tensors) in its place."
