"""Writes a GGUF of Llama's architecture with random weights, in a second: `tiny_gguf.py FILE`.

Runs in the environment of llama.cpp, for gguf and numpy. A byte-level BPE vocabulary with a few merges, a chat
template. What it writes is noise; how it is read, cached, constrained and served is not.
"""

import sys
from pathlib import Path

import gguf
import numpy as np

_CONTEXT = 32_768
_HIDDEN, _WIDTH, _LAYERS, _HEADS, _KV_HEADS = 64, 128, 2, 4, 2
_HEAD_WIDTH = _HIDDEN // _HEADS
_CONTROL = ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
_MERGES = ("t h", "th e", "i n", "e r", "a n", "o n", "r e", "Ġ t", "Ġ a", "Ġ the")
_CHAT_TEMPLATE = (
    "{{ '<|begin_of_text|>' }}{% for message in messages %}"
    "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] + '<|eot_id|>' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}"
)


def main(file: Path) -> None:
    """Writes weights, vocabulary and chat template."""
    writer = gguf.GGUFWriter(file, "llama")
    tokens = _write_vocabulary(writer)
    writer.add_context_length(_CONTEXT)
    writer.add_embedding_length(_HIDDEN)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_WIDTH)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_KV_HEADS)
    writer.add_rope_dimension_count(_HEAD_WIDTH)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(tokens)
    writer.add_chat_template(_CHAT_TEMPLATE)
    _write_weights(writer, tokens)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _write_vocabulary(writer: gguf.GGUFWriter) -> int:
    merged = [pair.replace(" ", "") for pair in _MERGES]
    tokens = [*_CONTROL, *_byte_letters(), *merged]
    kinds = [gguf.TokenType.CONTROL] * len(_CONTROL) + [gguf.TokenType.NORMAL] * (len(tokens) - len(_CONTROL))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(_MERGES)
    writer.add_bos_token_id(_CONTROL.index("<|begin_of_text|>"))
    writer.add_eos_token_id(_CONTROL.index("<|end_of_text|>"))
    writer.add_eot_token_id(_CONTROL.index("<|eot_id|>"))
    writer.add_add_bos_token(False)  # the template writes it
    return len(tokens)


def _byte_letters() -> list[str]:
    """The letters that stand for the 256 bytes (`bytes_to_unicode` of GPT-2)."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    hidden = (byte for byte in range(256) if byte not in shown)
    letters = {byte: chr(byte) for byte in shown} | {byte: chr(256 + n) for n, byte in enumerate(hidden)}
    return [letters[byte] for byte in range(256)]


def _write_weights(writer: gguf.GGUFWriter, tokens: int) -> None:
    random = np.random.default_rng(0)

    def matrix(name: str, rows: int, columns: int) -> None:
        writer.add_tensor(name, random.standard_normal((rows, columns), dtype=np.float32) * np.float32(columns**-0.5))

    def norm(name: str) -> None:
        writer.add_tensor(name, np.ones(_HIDDEN, dtype=np.float32))

    matrix("token_embd.weight", tokens, _HIDDEN)
    for layer in range(_LAYERS):
        norm(f"blk.{layer}.attn_norm.weight")
        matrix(f"blk.{layer}.attn_q.weight", _HIDDEN, _HIDDEN)
        matrix(f"blk.{layer}.attn_k.weight", _KV_HEADS * _HEAD_WIDTH, _HIDDEN)
        matrix(f"blk.{layer}.attn_v.weight", _KV_HEADS * _HEAD_WIDTH, _HIDDEN)
        matrix(f"blk.{layer}.attn_output.weight", _HIDDEN, _HIDDEN)
        norm(f"blk.{layer}.ffn_norm.weight")
        matrix(f"blk.{layer}.ffn_gate.weight", _WIDTH, _HIDDEN)
        matrix(f"blk.{layer}.ffn_up.weight", _WIDTH, _HIDDEN)
        matrix(f"blk.{layer}.ffn_down.weight", _HIDDEN, _WIDTH)
    norm("output_norm.weight")
    # it writes letters: no control token ends its noise early, and no byte is half of a character
    head = random.standard_normal((tokens, _HIDDEN), dtype=np.float32)
    head[: len(_CONTROL)] = 0
    head[[len(_CONTROL) + byte for byte in range(256) if not 32 <= byte < 127]] = 0
    writer.add_tensor("output.weight", head)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
