"""Tells from a configuration which layers see everything and which only a window. Knows nothing of sizes."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import InputError

__all__ = ["LayerFacts", "Windows", "windows_of"]

_GLOBAL = "full_attention"
_CHUNKED = "chunked_attention"
_LOCAL = (_CHUNKED, "sliding_attention")
# Families whose every n-th layer is global where the file does not say it (transformers' own defaults).
_INTERVALS = {"llama4_text": 4, "gemma2": 2, "gemma3": 6, "gemma3_text": 6, "cohere2": 4}


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """What a configuration says of its layers, under the names that transformers gives it.

    Attributes:
        interval: `sliding_window_pattern` or `no_rope_layer_interval`: each n-th layer is global.
        rope_layers: `no_rope_layers`: despite its name 1 is a layer with rotary embeddings, which is chunked.
    """

    family: str
    layers: int
    layer_types: Sequence[str] | None = None
    chunk: int | None = None
    sliding_window: int | None = None
    uses_sliding_window: bool | None = None
    interval: int | None = None
    rope_layers: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Windows:
    """How many layers are global, how many local, and what window the local ones have."""

    global_layers: int
    local_layers: int = 0
    window: int = 0
    is_chunked: bool = False


def windows_of(facts: LayerFacts) -> Windows:
    """The windows of all layers.

    Raises:
        InputError: A kind of layer whose memory is another matter (state space, linear attention), or lists that do
            not have one item a layer.
    """
    window = facts.chunk or (facts.sliding_window if facts.uses_sliding_window is not False else None)
    is_chunked = facts.chunk is not None
    if facts.layer_types:
        return _by_type(facts, window)
    if not window:
        return Windows(facts.layers)
    if is_chunked and facts.rope_layers:
        _check_length("no_rope_layers", facts.rope_layers, facts.layers)
        global_layers = sum(not has_rope for has_rope in facts.rope_layers)
    else:
        interval = facts.interval or _INTERVALS.get(facts.family)
        global_layers = facts.layers // interval if interval else 0
    return Windows(global_layers, facts.layers - global_layers, window, is_chunked)


def _by_type(facts: LayerFacts, window: int | None) -> Windows:
    types = facts.layer_types or ()
    _check_length("layer_types", types, facts.layers)
    if unknown := sorted(set(types) - {_GLOBAL, *_LOCAL}):
        raise InputError(f"layer_types: {unknown[0][:60]!r} is no attention that the planner can count")
    local_layers = sum(kind in _LOCAL for kind in types)
    if local_layers and not window:
        raise InputError("layer_types has local layers, but no attention_chunk_size or sliding_window says how far")
    if not local_layers:
        return Windows(facts.layers)
    return Windows(facts.layers - local_layers, local_layers, window or 0, _CHUNKED in types)


def _check_length(name: str, items: Sequence[object], layers: int) -> None:
    if len(items) != layers:
        raise InputError(f"{name} has {len(items):,} items for num_hidden_layers {layers:,}")
