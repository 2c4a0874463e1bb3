"""Writes a model of Llama 4's architecture with random weights, in seconds: `tiny_model.py FOLDER [dense]`.

Runs in the environment of vLLM, for transformers and torch. Layers of chunked and of global attention as Scout has
them, a byte-level BPE trained on Python's own sources, a chat template. What it writes is noise; how it is read, cached
and served is not.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Llama4ForCausalLM, Llama4TextConfig, PreTrainedTokenizerFast

_VOCABULARY = 4096
_CONTROL = ("<|begin_of_text|>", "<|end_of_text|>", "<|header_start|>", "<|header_end|>", "<|eot|>")
_BEGIN, _END, _, _, _END_OF_TURN = range(len(_CONTROL))
_CHAT_TEMPLATE = (
    "{{ '<|begin_of_text|>' }}{% for message in messages %}"
    "{{ '<|header_start|>' + message['role'] + '<|header_end|>\\n\\n' + message['content'] + '<|eot|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|header_start|>assistant<|header_end|>\\n\\n' }}{% endif %}"
)


def main(folder: Path, *, is_dense: bool) -> None:
    """Writes weights, configuration, tokenizer and chat template; without experts where it is to be dense."""
    _tokenizer().save_pretrained(folder)
    torch.manual_seed(0)
    experts: dict[str, Any] = {"moe_layers": [], "interleave_moe_layer_step": 0} if is_dense else {}
    Llama4ForCausalLM(_config(**experts)).to(torch.bfloat16).save_pretrained(folder)


def _config(*, interleave_moe_layer_step: int = 1, **more: Any) -> Llama4TextConfig:
    return Llama4TextConfig(
        vocab_size=_VOCABULARY,
        hidden_size=128,
        intermediate_size=256,
        intermediate_size_mlp=256,
        num_hidden_layers=8,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        num_local_experts=2,
        num_experts_per_tok=1,
        interleave_moe_layer_step=interleave_moe_layer_step,
        # three layers of four see a chunk, the fourth sees all, as in Scout; its chunks are of 8,192 tokens
        attention_chunk_size=1024,
        max_position_embeddings=65_536,
        bos_token_id=_BEGIN,
        eos_token_id=[_END, _END_OF_TURN],
        pad_token_id=_END,
        **more,
    )


def _tokenizer() -> PreTrainedTokenizerFast:
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=list(_CONTROL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(_sources(), trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token=_CONTROL[_BEGIN], eos_token=_CONTROL[_END_OF_TURN], pad_token=_CONTROL[_END]
    )
    tokenizer.chat_template = _CHAT_TEMPLATE
    return tokenizer


def _sources() -> Iterator[str]:
    library = Path(torch.__file__).parents[1] / "transformers"
    for file in sorted(library.glob("*.py"))[:20]:
        yield file.read_text(encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), is_dense="dense" in sys.argv[2:])
