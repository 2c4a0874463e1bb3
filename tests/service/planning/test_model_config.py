"""Configurations as models have them, and as nobody should."""

import json
from pathlib import Path
from typing import Any

import pytest
from repoask.errors import InputError
from repoask.service.planning.model_config import architecture_of, read_architecture
from repoask.service.planning.precision import KvPrecision, WeightPrecision

LLAMA_70B = {
    "model_type": "llama",
    "hidden_size": 8192,
    "intermediate_size": 28672,
    "max_position_embeddings": 131072,
    "num_attention_heads": 64,
    "num_hidden_layers": 80,
    "num_key_value_heads": 8,
    "tie_word_embeddings": False,
    "vocab_size": 128256,
}
MIXTRAL = LLAMA_70B | {
    "model_type": "mixtral",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_local_experts": 8,
    "num_experts_per_tok": 2,
    "sliding_window": None,
    "vocab_size": 32000,
}
DEEPSEEK_V3 = {
    "model_type": "deepseek_v3",
    "first_k_dense_replace": 3,
    "hidden_size": 7168,
    "intermediate_size": 18432,
    "kv_lora_rank": 512,
    "max_position_embeddings": 163840,
    "moe_intermediate_size": 2048,
    "moe_layer_freq": 1,
    "n_routed_experts": 256,
    "n_shared_experts": 1,
    "num_attention_heads": 128,
    "num_experts_per_tok": 8,
    "num_hidden_layers": 61,
    "num_key_value_heads": 128,
    "q_lora_rank": 1536,
    "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64,
    "quantization_config": {"quant_method": "fp8", "fmt": "e4m3"},
    "tie_word_embeddings": False,
    "v_head_dim": 128,
    "vocab_size": 129280,
}
QWEN3_30B = {
    "model_type": "qwen3_moe",
    "decoder_sparse_step": 1,
    "head_dim": 128,
    "hidden_size": 2048,
    "intermediate_size": 6144,
    "max_position_embeddings": 40960,
    "mlp_only_layers": [],
    "moe_intermediate_size": 768,
    "num_attention_heads": 32,
    "num_experts": 128,
    "num_experts_per_tok": 8,
    "num_hidden_layers": 48,
    "num_key_value_heads": 4,
    "sliding_window": None,
    "tie_word_embeddings": False,
    "use_sliding_window": False,
    "vocab_size": 151936,
}
GPT_OSS_20B = {
    "model_type": "gpt_oss",
    "head_dim": 64,
    "hidden_size": 2880,
    "intermediate_size": 2880,
    "layer_types": ["sliding_attention", "full_attention"] * 12,
    "max_position_embeddings": 131072,
    "num_attention_heads": 64,
    "num_experts_per_tok": 4,
    "num_hidden_layers": 24,
    "num_key_value_heads": 8,
    "num_local_experts": 32,
    "quantization_config": {"quant_method": "mxfp4"},
    "sliding_window": 128,
    "tie_word_embeddings": False,
    "vocab_size": 201088,
}
GEMMA3_27B = {
    "model_type": "gemma3",
    "text_config": {
        "model_type": "gemma3_text",
        "head_dim": 128,
        "hidden_size": 5376,
        "intermediate_size": 21504,
        "max_position_embeddings": 131072,
        "num_attention_heads": 32,
        "num_hidden_layers": 62,
        "num_key_value_heads": 16,
        "sliding_window": 1024,
        "sliding_window_pattern": 6,
        "vocab_size": 262208,
    },
    "vision_config": {"hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27},
}


@pytest.mark.parametrize(
    ("config", "total", "active"),
    [
        (LLAMA_70B, 70.6, 70.6),
        (MIXTRAL, 46.7, 12.9),
        (DEEPSEEK_V3, 671, 37.5),
        (QWEN3_30B, 30.5, 3.3),
        (GPT_OSS_20B, 20.9, 3.6),
        (GEMMA3_27B, 27.4, 27.0),
    ],
    ids=lambda value: value["model_type"] if isinstance(value, dict) else "",
)
def test_parameters_are_those_of_the_model_card(config: dict[str, Any], total: float, active: float) -> None:
    parameters = architecture_of(config).parameters
    assert parameters.total / 1e9 == pytest.approx(total, rel=0.01)
    assert parameters.active / 1e9 == pytest.approx(active, rel=0.18)  # cards differ in what of it they count
    assert parameters.active <= parameters.total


@pytest.mark.parametrize(
    ("config", "global_layers", "local_layers", "window"),
    [
        (LLAMA_70B, 80, 0, 0),
        (LLAMA_70B | {"sliding_window": 4096}, 0, 80, 4096),
        (LLAMA_70B | {"sliding_window": 4096, "use_sliding_window": False}, 80, 0, 0),
        (GPT_OSS_20B, 12, 12, 128),
        (GEMMA3_27B, 10, 52, 1024),
    ],
)
def test_windows(config: dict[str, Any], global_layers: int, local_layers: int, window: int) -> None:
    attention = architecture_of(config).attention
    assert (attention.global_layers, attention.local_layers, attention.window) == (global_layers, local_layers, window)


def test_rope_layers_of_llama_4_are_the_chunked_ones() -> None:
    config = LLAMA_70B | {"attention_chunk_size": 8192, "no_rope_layers": [1, 1, 1, 1, 0] * 16}
    attention = architecture_of(config).attention
    assert (attention.global_layers, attention.local_layers, attention.is_chunked) == (16, 64, True)


def test_llama_4_may_have_no_experts_in_any_layer() -> None:
    experts = {"num_local_experts": 16, "num_experts_per_tok": 1, "intermediate_size_mlp": 28672}
    without = (
        LLAMA_70B | experts | {"model_type": "llama4_text", "intermediate_size": 8192, "interleave_moe_layer_step": 0}
    )
    parameters = architecture_of(without).parameters
    assert parameters.total == parameters.active == architecture_of(LLAMA_70B).parameters.total


def test_latent_attention_keeps_one_vector_and_the_rotary_part() -> None:
    attention = architecture_of(DEEPSEEK_V3).attention
    assert (attention.kv_values, attention.kv_heads) == (576, 1)
    assert attention.kv_bytes_per_layer(KvPrecision.BF16) * attention.layers == 70_272


@pytest.mark.parametrize(
    ("quantization", "stored"),
    [
        (None, None),
        ({"quant_method": "fp8"}, WeightPrecision.FP8),
        ({"quant_method": "awq", "bits": 4}, WeightPrecision.INT4),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True}, WeightPrecision.INT4),
        ({"quant_method": "compressed-tensors", "config_groups": {"g": {"weights": {"num_bits": 4}}}},
         WeightPrecision.INT4),
        ({"quant_method": "compressed-tensors", "config_groups": {"g": {"weights": {"num_bits": 8}}}},
         WeightPrecision.FP8),
        ("nonsense", None),
    ],
)  # fmt: skip
def test_files_that_are_quantized_already_are_known(quantization: object, stored: WeightPrecision | None) -> None:
    assert architecture_of(LLAMA_70B | {"quantization_config": quantization}).stored == stored


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"hidden_size": None}, "hidden_size: "),
        ({"hidden_size": "8192"}, "hidden_size: "),
        ({"hidden_size": 8192.5}, "hidden_size: "),
        ({"hidden_size": True}, "hidden_size: "),
        ({"hidden_size": 0}, "hidden_size: "),
        ({"num_hidden_layers": -1}, "num_hidden_layers: "),
        ({"num_hidden_layers": 10**30}, "num_hidden_layers: "),
        ({"vocab_size": 10**18}, "vocab_size: "),
        ({"num_key_value_heads": 7}, "num_attention_heads 64 is no multiple of num_key_value_heads 7"),
        ({"num_attention_heads": 9000, "num_key_value_heads": 9000}, "hidden_size 8,192 is under"),
        ({"num_local_experts": 8}, "num_experts_per_tok must be from 1 to"),
        ({"num_local_experts": 8, "num_experts_per_tok": 9}, "num_experts_per_tok must be from 1 to"),
        ({"kv_lora_rank": 512}, "kv_lora_rank needs"),
        ({"layer_types": ["full_attention"]}, "layer_types has 1 items for num_hidden_layers 80"),
        ({"layer_types": ["linear_attention"] * 80}, "'linear_attention' is no attention"),
        ({"layer_types": ["sliding_attention"] * 80}, "no attention_chunk_size or sliding_window"),
        ({"layer_types": "all"}, "layer_types: "),
        ({"attention_chunk_size": 64, "no_rope_layers": [1]}, "no_rope_layers has 1 items"),
    ],
)
def test_nonsense_is_told_by_its_key(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=r"\A[^\n]*\Z") as told:
        architecture_of({key: value for key, value in (LLAMA_70B | change).items() if value is not None})
    assert message in str(told.value)


def test_a_missing_key_is_named() -> None:
    for key in ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "max_position_embeddings"):
        with pytest.raises(InputError, match=f"{key}: field required"):
            architecture_of({name: value for name, value in LLAMA_70B.items() if name != key})


def test_a_folder_or_its_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(LLAMA_70B))
    assert read_architecture(tmp_path) == read_architecture(tmp_path / "config.json")


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"3", b"\xff\xfe", b"[" * 100_000, b'{"hidden_size": 1' + b"0" * 9_000 + b"}", b"NaN"]
)
def test_a_file_that_is_no_configuration_is_named(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "config.json"
    file.write_bytes(data)
    with pytest.raises(InputError, match=r"\A[^\n]*\Z") as told:
        read_architecture(file)
    assert str(told.value).startswith(f"{file}: ")


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    with file.open("wb") as stream:
        stream.truncate(50_000_000_000)  # sparse
    with pytest.raises(InputError, match="over 4,000,000 bytes"):
        read_architecture(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"config.json: cannot be read \(No such file"):
        read_architecture(tmp_path)
