"""Weighs every allowed choice of precisions for a model on a machine, and takes the most exact one that fits.

Knows nothing of time or money.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .gpus import Machine
from .layout import Layout
from .memory import KvLayout, longest_context, usable_bytes, weights_bytes
from .models import Model
from .plan import PrecisionChoice
from .precision import FULL_PRECISION_BYTES, KvPrecision, WeightPrecision
from .quantities import bytes_text, tokens_text

__all__ = ["Choice", "best_choice", "weigh_choices"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of precisions, weighed.

    Attributes:
        weights: The precision of the weights.
        kv: The precision of the KV.
        kv_layout: How the KV grows.
        facts: What fits, as the plan tells it.
    """

    weights: WeightPrecision
    kv: KvPrecision
    kv_layout: KvLayout
    facts: PrecisionChoice


def weigh_choices(
    model: Model,
    machine: Machine,
    layout: Layout,
    *,
    weights: Sequence[WeightPrecision],
    kv: Sequence[KvPrecision],
    is_hybrid: bool,
    needed_tokens: int,
) -> tuple[Choice, ...]:
    """All choices, the most exact weights first, and with them the most exact KV.

    Args:
        model: What is served.
        machine: On what.
        layout: How it lies there.
        weights: The precisions allowed for weights.
        kv: Those allowed for KV.
        is_hybrid: Local layers keep their window alone.
        needed_tokens: The prompt with its answer that must fit.
    """
    return tuple(
        _weigh(model, machine, layout, each, one, is_hybrid=is_hybrid, needed_tokens=needed_tokens)
        for each in weights
        for one in kv
    )


def best_choice(choices: Sequence[Choice], *, least_tokens: int) -> int:
    """Which to take: the first that fits; else the first with `least_tokens`; else the one with most left for KV."""
    facts = [choice.facts for choice in choices]
    for index, each in enumerate(facts):
        if each.fits:
            return index
    for index, each in enumerate(facts):
        if each.context >= least_tokens:
            return index
    return max(range(len(facts)), key=lambda index: (facts[index].context, facts[index].kv_pool_bytes, -index))


def _weigh(
    model: Model,
    machine: Machine,
    layout: Layout,
    weights: WeightPrecision,
    kv: KvPrecision,
    *,
    is_hybrid: bool,
    needed_tokens: int,
) -> Choice:
    architecture = model.architecture
    kv_layout = KvLayout.of(architecture, kv, is_hybrid=is_hybrid, copies=layout.kv_copies)
    taken = weights_bytes(architecture, weights)
    pool = usable_bytes(machine, layout) - taken
    context = longest_context(kv_layout, pool, limit=architecture.context)
    facts = PrecisionChoice(
        weights=weights.value,
        kv=kv.value,
        fits=needed_tokens <= context,
        weights_bytes=taken,
        kv_pool_bytes=pool,
        kv_bytes_per_token=kv_layout.bytes_per_token,
        window_bytes=kv_layout.window_bytes,
        context=context,
        at_once=max(0, pool) // kv_layout.reserved_bytes(needed_tokens),
        arithmetic=_arithmetic(model, machine, layout, weights, kv_layout, needed_tokens),
    )
    return Choice(weights, kv, kv_layout, facts)


def _arithmetic(
    model: Model, machine: Machine, layout: Layout, weights: WeightPrecision, kv: KvLayout, needed_tokens: int
) -> str:
    usable, taken = usable_bytes(machine, layout), weights_bytes(model.architecture, weights)
    room = f"of the {bytes_text(machine.memory_bytes)} of {machine}, {bytes_text(usable)} are for weights and KV"
    parts = [f"{_weights_text(model, weights)} = {bytes_text(taken)} of weights", room]
    if taken < usable:
        parts.append(f"{bytes_text(kv.reserved_bytes(needed_tokens))} of KV for {tokens_text(needed_tokens)} tokens")
    return "; ".join(parts)


def _weights_text(model: Model, weights: WeightPrecision) -> str:
    parameters = model.architecture.parameters
    if weights is WeightPrecision.BF16:
        return f"{_billions(parameters.total)} parameters x {FULL_PRECISION_BYTES} bytes"
    small = f"{_billions(parameters.total - parameters.full_precision)} x {parameters.bytes_each(weights):.3g}"
    return f"{small} + {_billions(parameters.full_precision)} in full precision x {FULL_PRECISION_BYTES} bytes"


def _billions(count: int) -> str:
    return f"{count / 1e9:.1f}B"
