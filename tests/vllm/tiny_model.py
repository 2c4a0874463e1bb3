"""Writes a model of Llama 4's architecture with random weights into a folder, in seconds.

    tiny_model.py FOLDER [--layers 8] [--hidden 128] [--context 65536] [--dense]

Runs in the environment of vLLM, for transformers and torch. Layers of chunked and of global attention as Scout has
them, a byte-level BPE trained on Python's own sources, a chat template. What it writes is noise, greedily never
nothing; how it is read, cached and served is not.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

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


def main(folder: Path, *, layers: int, hidden: int, context: int, dense: bool) -> None:
    """Writes weights, configuration, tokenizer and chat template; without experts where it is to be dense."""
    tokenizer = _tokenizer()
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    model = Llama4ForCausalLM(_config(layers=layers, hidden=hidden, context=context, dense=dense)).to(torch.bfloat16)
    # greedily it never ends at once, nor writes blanks or bytes that are no text: a short reply would be empty
    with torch.no_grad():
        model.lm_head.weight[_ids_without_text(tokenizer)] = 0
    model.save_pretrained(folder)


def _config(*, layers: int, hidden: int, context: int, dense: bool) -> Llama4TextConfig:
    return Llama4TextConfig(
        vocab_size=_VOCABULARY,
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        intermediate_size_mlp=2 * hidden,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        num_local_experts=2,
        num_experts_per_tok=1,
        interleave_moe_layer_step=0 if dense else 1,
        moe_layers=[] if dense else None,
        # three layers of four see a chunk, the fourth sees all, as in Scout, whose chunks are of 8,192 tokens; so fewer
        # layers than four see a chunk alone, and cost the same for every token
        attention_chunk_size=1024,
        max_position_embeddings=context,
        bos_token_id=_BEGIN,
        eos_token_id=[_END, _END_OF_TURN],
        pad_token_id=_END,
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


def _ids_without_text(tokenizer: PreTrainedTokenizerFast) -> list[int]:
    texts = (tokenizer.decode([token], skip_special_tokens=True) for token in range(len(tokenizer)))
    return [token for token, text in enumerate(texts) if not text.strip() or "\N{REPLACEMENT CHARACTER}" in text]


def _sources() -> Iterator[str]:
    library = Path(torch.__file__).parents[1] / "transformers"
    for file in sorted(library.glob("*.py"))[:20]:
        yield file.read_text(encoding="utf-8")


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    _parser.add_argument("folder", type=Path)
    _parser.add_argument("--layers", type=int, default=8)
    _parser.add_argument("--hidden", type=int, default=128)
    _parser.add_argument("--context", type=int, default=65_536)
    _parser.add_argument("--dense", action="store_true")
    main(**vars(_parser.parse_args()))
