"""Quantized checkpoints as their makers write them down; what they take is worked out by hand from their shape."""

import json
from pathlib import Path
from typing import Any

import pytest
from repoask.service.planning.model_config import architecture_of
from repoask.service.planning.models import _known
from repoask.service.planning.precision import WeightPrecision
from repoask.service.planning.quantization import read_quantization

LLAMA_8B = {
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "max_position_embeddings": 131072,
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 8,
    "tie_word_embeddings": False,
    "vocab_size": 128256,
}
W4A16 = {
    "quant_method": "compressed-tensors",
    "format": "pack-quantized",
    "config_groups": {
        "group_0": {
            "targets": ["Linear"],
            "weights": {"num_bits": 4, "type": "int", "group_size": 128, "strategy": "group", "symmetric": True},
        }
    },
    "ignore": ["lm_head"],
}


def _scheme(**weights: Any) -> dict[str, Any]:
    return {"quant_method": "compressed-tensors", "config_groups": {"group_0": {"weights": weights}}}


@pytest.mark.parametrize(
    ("config", "label", "bits"),
    [
        ({"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True}, "INT4 (AWQ)", 4 + 20 / 128),
        ({"quant_method": "awq", "w_bit": 4, "q_group_size": 64}, "INT4 (AWQ)", 4 + 20 / 64),
        ({"quant_method": "gptq", "bits": 4, "group_size": 32, "sym": True}, "INT4 (GPTQ)", 4 + 20 / 32),
        ({"quant_method": "gptq", "bits": 8, "group_size": -1}, "INT8 (GPTQ)", 8),
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, "FP8", 8 + 32 / 16384),
        ({"quant_method": "fbgemm_fp8"}, "FP8", 8),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, "INT8 (bitsandbytes)", 8),
        (
            {"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4"},
            "NF4 (bitsandbytes)",
            4.5,
        ),
        (
            {
                "quant_method": "bitsandbytes",
                "load_in_4bit": True,
                "bnb_4bit_quant_type": "nf4",
                "bnb_4bit_use_double_quant": True,
            },
            "NF4 (bitsandbytes)",
            4.127,
        ),
        ({"quant_method": "mxfp4"}, "MXFP4", 4.25),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, "NVFP4", 4.5),
        ({"quant_method": "modelopt", "quantization": {"quant_algo": "FP8"}}, "FP8", 8),
        (W4A16, "INT4", 4.125),
        (_scheme(num_bits=8, type="float", strategy="channel"), "FP8", 8),
        (_scheme(num_bits=4, type="int", group_size=32, symmetric=False), "INT4", 4 + 20 / 32),
    ],
)
def test_each_method_s_bits_are_counted_with_their_scales(config: dict[str, Any], label: str, bits: float) -> None:
    found = read_quantization(config)
    assert found is not None
    assert (found.label, found.bits) == (label, pytest.approx(bits, abs=1e-3))
    assert found.precision is (WeightPrecision.INT4 if bits < 5 else WeightPrecision.FP8)


@pytest.mark.parametrize(
    "config",
    [
        None,
        [],
        {},
        {"quant_method": "torchao"},
        {"quant_method": "compressed-tensors", "config_groups": []},
        {"quant_method": "compressed-tensors", "config_groups": {"a": {"weights": None}}},
        {"quant_method": 7},
    ],
)
def test_what_nobody_can_tell_counts_as_full_precision(config: Any) -> None:
    assert read_quantization(config) is None


def _bytes(config: dict[str, Any]) -> float:
    architecture = architecture_of(config)
    return architecture.parameters.bytes(architecture.stored or WeightPrecision.BF16)


def test_a_4_bit_llama_keeps_its_embeddings_and_head_in_full() -> None:
    # 6.98B x 4.156 bits = 3.63 GB, and 2 x 128,256 x 4,096 x 2 bytes = 2.10 GB
    awq = {"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": True}
    assert _bytes(LLAMA_8B | {"quantization_config": awq}) == pytest.approx(5.73e9, rel=0.01)


def test_what_a_checkpoint_leaves_in_full_precision_is_counted_so() -> None:
    scout = _known()[0]["scout"]["config"]
    quantization = {"quant_method": "compressed-tensors", **_scheme(num_bits=8, type="float")}
    everything = _bytes(scout | {"quantization_config": quantization})
    # as the FP8 checkpoints of Llama 4 have it: attention and the shared expert stay
    kept = ["re:.*lm_head", "re:.*self_attn", "re:.*router", "re:.*vision_model", "re:.*shared_expert"]
    less = _bytes(scout | {"quantization_config": quantization | {"ignore": kept}})
    attention, shared = 48 * 62_914_560, 48 * 3 * 5120 * 8192
    assert less - everything == pytest.approx(attention + shared, rel=0.01)


def test_modules_that_are_named_one_by_one_are_kept() -> None:
    fp8 = {"quant_method": "fp8"}
    named = [f"model.layers.{layer}.self_attn" for layer in range(16)]
    everything = _bytes(LLAMA_8B | {"quantization_config": fp8})
    half = _bytes(LLAMA_8B | {"quantization_config": fp8 | {"modules_to_not_convert": named}})
    attention = 32 * (2 * 4096 * 4096 + 2 * 4096 * 1024)
    assert half - everything == pytest.approx(attention / 2)


@pytest.mark.parametrize(
    ("pattern", "module", "is_kept"),
    [
        ("lm_head", "lm_head", True),
        ("self_attn", "model.layers.0.self_attn.q_proj", True),
        ("attn", "model.layers.0.self_attn.q_proj", False),
        ("layers.1", "model.layers.11.mlp.down_proj", False),
        ("re:.*mlp[.]gate$", "model.layers.0.mlp.gate", True),
        ("re:.*mlp[.]gate$", "model.layers.0.mlp.gate_proj", False),
        ("re:layers", "model.layers.0", False),
        ("re:(unclosed", "model.layers.0", False),
        ("model.layers.*.self_attn*", "model.layers.3.self_attn.o_proj", True),
        ("*router", "model.layers.3.feed_forward.router", True),
    ],
)
def test_patterns_are_matched_as_vllm_matches_them(pattern: str, module: str, is_kept: bool) -> None:
    quantization = read_quantization({"quant_method": "fp8", "ignore": [pattern]})
    assert quantization is not None
    assert quantization.keeper()(module) is is_kept


def test_a_hostile_pattern_takes_no_time() -> None:
    quantization = read_quantization({"quant_method": "fp8", "ignore": ["re:(a+)+$", "re:(.*)*x"]})
    assert quantization is not None
    assert not quantization.keeper()("a" * 250 + "!")


def test_gptq_s_own_exceptions_are_kept() -> None:
    quantization = read_quantization(
        {"quant_method": "gptq", "dynamic": {"-:.*down_proj": {}, "+:.*up_proj": {"bits": 8}}}
    )
    assert quantization is not None
    assert quantization.keeper()("model.layers.0.mlp.down_proj")
    assert not quantization.keeper()("model.layers.0.mlp.up_proj")


def test_a_folder_of_quantized_files_is_planned_with_their_size(tmp_path: Path) -> None:
    from repoask.service.planning.models import find_model
    from repoask.service.planning.serving import serving_on_cpu

    free = {}
    for method, config in (("bf16", {}), ("gptq", {"quantization_config": {"quant_method": "gptq", "bits": 4}})):
        (tmp_path / "config.json").write_text(json.dumps(LLAMA_8B | config))
        free[method] = serving_on_cpu(find_model(str(tmp_path)), free_bytes=40_000_000_000).kv_bytes
    assert free["gptq"] - free["bf16"] == pytest.approx((16.06e9 - 5.75e9) / 2, rel=0.02)
