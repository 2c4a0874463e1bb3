"""Writes a LoRA adapter with random weights for the attention of a model: `tiny_adapter.py MODEL FOLDER`.

Runs in the environment of vLLM. It is strong enough that replies with it are other ones.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

_RANK = 4


def main(model: Path, folder: Path) -> None:
    """Writes weights and configuration as PEFT does."""
    config = json.loads((model / "config.json").read_text())
    hidden, width = config["hidden_size"], config["head_dim"]
    rows = {"q_proj": config["num_attention_heads"] * width, "v_proj": config["num_key_value_heads"] * width}
    torch.manual_seed(1)
    tensors = {}
    for layer in range(config["num_hidden_layers"]):
        for module, out in rows.items():
            name = f"base_model.model.model.layers.{layer}.self_attn.{module}"
            tensors[f"{name}.lora_A.weight"] = torch.randn(_RANK, hidden)
            tensors[f"{name}.lora_B.weight"] = torch.randn(out, _RANK)
    folder.mkdir(parents=True)
    save_file(tensors, folder / "adapter_model.safetensors")
    about = {"peft_type": "LORA", "r": _RANK, "lora_alpha": 4 * _RANK, "target_modules": list(rows), "bias": "none"}
    (folder / "adapter_config.json").write_text(json.dumps(about | {"task_type": "CAUSAL_LM"}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
