"""Reads a `config.json` as Hugging Face models have it, dense or mixture, into an Architecture.

The file comes from anywhere: it is bounded, its numbers are checked, and what is missing or absurd is told by its
name. Knows nothing of weights files, and imports no transformers: nothing of a model is executed.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from ...errors import InputError
from .architecture import Architecture, Attention, Experts
from .attention_layout import LayerFacts, windows_of
from .kept_shares import kept_shares
from .parameters import Mlps, Vision, count_parameters
from .quantization import read_quantization

__all__ = ["architecture_of", "read_architecture"]

_FILE = "config.json"
_MAX_BYTES = 4_000_000
_NESTED = ("text_config", "llm_config", "language_config")

_Layers = Annotated[int, Field(gt=0, le=10_000)]
_Interval = Annotated[int, Field(ge=0, le=10_000)]
_Width = Annotated[int, Field(gt=0, le=10_000_000)]
_Heads = Annotated[int, Field(gt=0, le=100_000)]
_Count = Annotated[int, Field(ge=0, le=1_000_000)]
_Tokens = Annotated[int, Field(gt=0, le=100_000_000_000)]


def _either(*names: str) -> Any:
    return Field(default=None, validation_alias=AliasChoices(*names))


class _Checked(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True, populate_by_name=True)


_M = TypeVar("_M", bound=_Checked)


class _VisionConfig(_Checked):
    hidden_size: _Width | None = None
    num_hidden_layers: _Layers | None = _either("num_hidden_layers", "depth")
    intermediate_size: _Width | None = None


class _Config(_Checked):
    """The keys that decide memory and time, by the names that families give them."""

    model_type: Annotated[str, Field(max_length=100)] = ""
    hidden_size: _Width
    num_hidden_layers: _Layers
    num_attention_heads: _Heads
    vocab_size: Annotated[int, Field(gt=0, le=100_000_000)]
    max_position_embeddings: _Tokens = Field(
        validation_alias=AliasChoices("max_position_embeddings", "model_max_length", "seq_length")
    )
    intermediate_size: _Width
    num_key_value_heads: _Heads | None = None
    head_dim: _Width | None = None
    tie_word_embeddings: bool | None = None

    attention_chunk_size: _Tokens | None = None
    sliding_window: _Tokens | None = None
    use_sliding_window: bool | None = None
    layer_types: list[str] | None = None
    interval: _Layers | None = _either("sliding_window_pattern", "no_rope_layer_interval")
    no_rope_layers: list[int] | None = None

    kv_lora_rank: _Width | None = None
    q_lora_rank: _Width | None = None
    qk_nope_head_dim: _Width | None = None
    qk_rope_head_dim: _Width | None = None
    v_head_dim: _Width | None = None

    experts: _Count | None = _either("num_local_experts", "num_experts", "n_routed_experts")
    experts_per_token: _Count | None = _either("num_experts_per_tok", "num_experts_per_token", "moe_topk")
    moe_intermediate_size: _Width | None = None
    shared_width: _Count | None = _either("shared_expert_intermediate_size")
    n_shared_experts: _Count | None = None
    intermediate_size_mlp: _Width | None = None
    moe_step: _Interval | None = _either("interleave_moe_layer_step", "decoder_sparse_step", "moe_layer_freq")
    first_k_dense_replace: _Count = 0
    mlp_only_layers: list[int] = []


def read_architecture(path: Path) -> Architecture:
    """The architecture that a `config.json`, or the folder that holds it, describes.

    Raises:
        InputError: No such file, it is no JSON object, or what it says cannot be planned for; the file is named.
    """
    file = path / _FILE if path.is_dir() else path
    try:
        with file.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror}); name a model's {_FILE} or its folder") from error
    if len(data) > _MAX_BYTES:
        raise InputError(f"{file}: over {_MAX_BYTES:,} bytes; no {_FILE} is so large")
    try:
        config = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: no JSON; name a model's {_FILE}") from error
    if not isinstance(config, dict):
        raise InputError(f"{file}: no JSON object; name a model's {_FILE}")
    try:
        return architecture_of(config)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error


def architecture_of(config: Mapping[str, Any]) -> Architecture:
    """The architecture that the content of a `config.json` describes; the text part of one that nests it.

    Raises:
        InputError: A key is missing, of the wrong type or absurd; it is named.
    """
    nested = next((config[name] for name in _NESTED if isinstance(config.get(name), dict)), None)
    checked = _check(_Config, {**config, **nested} if nested else config)
    vision = config.get("vision_config")
    experts = _experts(checked)
    # one that nests its text part has it beside the parts, or within
    quantization = read_quantization(config.get("quantization_config") or (nested or {}).get("quantization_config"))
    return Architecture(
        family=checked.model_type,
        context=checked.max_position_embeddings,
        attention=_attention(checked),
        parameters=count_parameters(
            _attention(checked),
            hidden=checked.hidden_size,
            vocabulary=checked.vocab_size,
            is_tied=_is_tied(checked),
            query_rank=checked.q_lora_rank or 0,
            latent=(checked.kv_lora_rank or 0, checked.qk_rope_head_dim or 0),
            mlps=_mlps(checked, experts),
            experts=experts,
            vision=_vision(_check(_VisionConfig, vision)) if isinstance(vision, dict) else None,
            kept=kept_shares(quantization, layers=checked.num_hidden_layers),
            quantized_bytes=quantization.bytes_each if quantization else None,
        ),
        experts=experts,
        stored=quantization.precision if quantization else None,
        quantization=quantization.label if quantization else "",
        has_vision=isinstance(vision, dict),
    )


def _check(model: type[_M], value: Mapping[str, Any]) -> _M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(map(str, first["loc"]))
        raise InputError(f"{key}: {first['msg'][0].lower()}{first['msg'][1:]}") from error


def _attention(config: _Config) -> Attention:
    windows = windows_of(
        LayerFacts(
            family=config.model_type,
            layers=config.num_hidden_layers,
            layer_types=config.layer_types,
            chunk=config.attention_chunk_size,
            sliding_window=config.sliding_window,
            uses_sliding_window=config.use_sliding_window,
            interval=config.interval,
            rope_layers=config.no_rope_layers,
        )
    )
    heads, kv_heads, key_width, value_width, kv_values = _heads(config)
    return Attention(
        global_layers=windows.global_layers,
        local_layers=windows.local_layers,
        window=windows.window,
        is_chunked=windows.is_chunked,
        heads=heads,
        kv_heads=kv_heads,
        key_width=key_width,
        value_width=value_width,
        kv_values=kv_values,
    )


def _heads(config: _Config) -> tuple[int, int, int, int, int]:
    """Heads, KV heads, width of a key, of a value, and the numbers kept for a layer and token."""
    heads = config.num_attention_heads
    if config.kv_lora_rank:
        # Multi-head latent attention keeps one compressed vector and the rotary part of the key (DeepSeek-V2, 2024,
        # section 2.1.2).
        rope, nope, value = config.qk_rope_head_dim, config.qk_nope_head_dim, config.v_head_dim
        if not (rope and nope and value):
            raise InputError("kv_lora_rank needs qk_rope_head_dim, qk_nope_head_dim and v_head_dim beside it")
        return heads, 1, nope + rope, value, config.kv_lora_rank + rope
    kv_heads = config.num_key_value_heads or heads
    width = config.head_dim or config.hidden_size // heads
    if heads % kv_heads:
        raise InputError(f"num_attention_heads {heads:,} is no multiple of num_key_value_heads {kv_heads:,}")
    if not width:
        raise InputError(f"hidden_size {config.hidden_size:,} is under num_attention_heads {heads:,}")
    return heads, kv_heads, width, width, 2 * kv_heads * width


def _experts(config: _Config) -> Experts | None:
    if not config.experts or config.experts == 1:
        return None
    active = config.experts_per_token
    if not active or active > config.experts:
        raise InputError(f"num_experts_per_tok must be from 1 to the number of experts, {config.experts:,}")
    # 0: Llama 4 without experts in any layer
    step = 1 if config.moe_step is None else config.moe_step
    layers = [
        layer
        for layer in range(config.first_k_dense_replace, config.num_hidden_layers)
        if step and (layer + 1) % step == 0 and layer not in config.mlp_only_layers
    ]
    return Experts(config.experts, active, config.moe_intermediate_size or config.intermediate_size, len(layers))


def _mlps(config: _Config, experts: Experts | None) -> Mlps:
    if experts is None:
        return Mlps(config.num_hidden_layers, config.intermediate_size, 0)
    # Llama 4 has one shared expert, which its configuration does not count
    counted = config.n_shared_experts if config.n_shared_experts is not None else int("llama4" in config.model_type)
    shared = config.shared_width or counted * experts.width
    return Mlps(
        config.num_hidden_layers - experts.layers, config.intermediate_size_mlp or config.intermediate_size, shared
    )


def _is_tied(config: _Config) -> bool:
    if config.tie_word_embeddings is not None:
        return config.tie_word_embeddings
    return config.model_type.startswith("gemma")


def _vision(config: _VisionConfig) -> Vision | None:
    if not (config.hidden_size and config.num_hidden_layers and config.intermediate_size):
        return None
    return Vision(config.num_hidden_layers, config.hidden_size, config.intermediate_size)
