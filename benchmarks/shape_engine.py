"""vLLM in this process over a model of Llama 4 Scout's shape with random weights: asked in token ids, and timed.

Runs in the environment of vLLM, whose own flags are those that `repoask plan` gives it. Knows nothing of tables.
"""

import itertools
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["CHUNK", "Asked", "ShapeEngine", "scout_config"]

CHUNK = 8_192
_GLOBAL_EVERY = 4
_ANSWER_TOKENS = 16
_POLL_S = 0.2
_SETTLED_S = 3.0
_ENVIRONMENT = {
    # the engine runs in this process, so that its model and its connector can be reached
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_LOGGING_STREAM": "ext://sys.stderr",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    # a block of KV goes by the same name in every process
    "PYTHONHASHSEED": "0",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One prompt, answered greedily.

    Attributes:
        first_token_s: From handing over the prompt to the first token of the answer.
        num_cached_tokens: Of the prompt, as vLLM reports them; those that a tier brought back are among them.
        answer: The token ids.
    """

    first_token_s: float
    num_cached_tokens: int
    answer: tuple[int, ...]


def scout_config(*, layers: int, context: int, is_tiny: bool = False) -> dict[str, Any]:
    """The text part of Scout's `config.json`, with fewer layers and a shorter context; tiny ones are for a CPU.

    A table of positions is kept for the whole context: 5 GB for Scout's own 10M tokens.
    """
    width: dict[str, Any] = {
        "hidden_size": 5120,
        "num_attention_heads": 40,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "intermediate_size": 8192,
        "intermediate_size_mlp": 16384,
        "num_local_experts": 16,
        "vocab_size": 202_048,
    }
    tiny = {"hidden_size": 128, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32}
    tiny |= {"intermediate_size": 256, "intermediate_size_mlp": 256, "num_local_experts": 2, "vocab_size": 4096}
    return {
        "architectures": ["Llama4ForCausalLM"],
        "model_type": "llama4_text",
        **(tiny if is_tiny else width),
        "num_hidden_layers": layers,
        "num_experts_per_tok": 1,
        "interleave_moe_layer_step": 1,
        "attention_chunk_size": CHUNK,
        "no_rope_layers": [int((layer + 1) % _GLOBAL_EVERY != 0) for layer in range(layers)],
        "attn_temperature_tuning": True,
        "floor_scale": 8192,
        "attn_scale": 0.1,
        "use_qk_norm": True,
        "rms_norm_eps": 1e-5,
        "rope_theta": 500_000.0,
        "hidden_act": "silu",
        "tie_word_embeddings": False,
        "max_position_embeddings": context,
        "bos_token_id": 0,
        "eos_token_id": 1,
        "torch_dtype": "bfloat16",
    }


class ShapeEngine:
    """The engine. Starting it takes the GPU; only the end of the process gives it back."""

    def __init__(self, model: Path, *, utilization: float, tier: Path | None, host_gib: float) -> None:
        """Starts vLLM.

        Args:
            model: The folder of its `config.json`. A tier knows KV by this path, so it stays from start to start.
            utilization: Of the GPU's memory, the share that vLLM may take.
            tier: Where KV is kept across restarts; None for nowhere.
            host_gib: Host memory that such KV passes through.
        """
        os.environ.update(_ENVIRONMENT)
        from vllm import LLM  # it reads the environment as it is imported

        transfer = {"kv_transfer_config": _transfer(tier, host_gib)} if tier else {}
        llm = LLM(
            model=str(model),
            load_format="dummy",
            dtype="bfloat16",
            skip_tokenizer_init=True,
            # compiling takes minutes, and a prefill in steps of 8,192 tokens gains little by it
            enforce_eager=True,
            max_num_batched_tokens=CHUNK,
            max_num_seqs=4,
            gpu_memory_utilization=utilization,
            enable_prefix_caching=True,
            disable_hybrid_kv_cache_manager=False,
            seed=0,
            **transfer,
        )
        llm.apply_model(_spread_weights)
        self._engine = llm.llm_engine
        self._names = itertools.count()

    def ask(self, prompt: Sequence[int], *, max_tokens: int = _ANSWER_TOKENS) -> Asked:
        """Asks one prompt and waits for its answer."""
        from vllm import SamplingParams
        from vllm.inputs import TokensPrompt

        greedy = SamplingParams(temperature=0, max_tokens=max_tokens, ignore_eos=True, detokenize=False)
        started, first_s, last = time.perf_counter(), 0.0, None
        self._engine.add_request(str(next(self._names)), TokensPrompt(prompt_token_ids=list(prompt)), greedy)
        while self._engine.has_unfinished_requests():
            for output in self._engine.step():
                first_s, last = first_s or time.perf_counter() - started, output
        assert last is not None, "a request ends with its answer"
        return Asked(first_s, last.num_cached_tokens or 0, tuple(last.outputs[0].token_ids))

    def settle(self, tier: Path) -> float:
        """Waits until nothing more reaches the tier, and gives its bytes. A connector works only while a step runs."""
        size, since = -1, time.perf_counter()
        while time.perf_counter() - since < _SETTLED_S:
            self.ask([2, 3, 4], max_tokens=1)
            time.sleep(_POLL_S)
            now = sum(file.stat().st_size for file in tier.rglob("*") if file.is_file())
            if now != size:
                size, since = now, time.perf_counter()
        return size


def _transfer(tier: Path, host_gib: float) -> Any:
    """Host memory first, files behind it, in blocks of whole chunks: as `repoask.service.planning` has vLLM do it."""
    from vllm.config import KVTransferConfig

    return KVTransferConfig(
        kv_connector="OffloadingConnector",
        kv_role="kv_both",
        kv_connector_extra_config={
            "spec_name": "TieringOffloadingSpec",
            "cpu_bytes_to_use": int(host_gib * 2**30),
            "block_size": CHUNK,
            "secondary_tiers": [{"type": "fs", "root_dir": str(tier)}],
        },
    )


def _spread_weights(model: Any) -> None:
    """Random weights as training starts with them.

    vLLM's dummy ones, norms too, lie within 0.001 of 0: all logits would be alike, and one expert would get all tokens.
    """
    import torch

    torch.manual_seed(0)
    for parameter in model.parameters():
        if parameter.dim() == 1:
            parameter.data.fill_(1)
        else:
            parameter.data.normal_(0, 0.02)
