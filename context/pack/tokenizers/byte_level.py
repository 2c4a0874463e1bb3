"""Byte-level BPE, the kind of vocabulary that gives back every text: how it writes bytes, and what else loses some.

Knows no library.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from .ascii_patterns import ascii_pattern
from .patterns import GPT_2_PATTERN

if TYPE_CHECKING:
    from .quick import Vocabulary

__all__ = ["byte_symbols", "loses", "plain_vocabulary", "token_bytes"]


@cache
def byte_symbols() -> dict[str, int]:
    """The character that stands for each byte in a vocabulary.

    Source: openai/gpt-2, src/encoder.py, bytes_to_unicode: what can be printed stands for itself, the rest follows 255.
    """
    printed = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printed]
    return {chr(byte): byte for byte in printed} | {chr(256 + place): byte for place, byte in enumerate(others)}


def loses(config: Mapping[str, Any]) -> str:
    """Why a `tokenizer.json` does not give back every text, in words that follow "its"; "" where it does."""
    model = config["model"]
    if model.get("type", "BPE") != "BPE" or not isinstance(model["vocab"], dict):
        return f"model is {model.get('type')}, not byte-level BPE"
    if any(model.get(part) for part in ("continuing_subword_prefix", "end_of_word_suffix")):
        return "tokens are marked as parts of words"
    if any(symbol not in model["vocab"] for symbol in byte_symbols()):
        return "vocabulary does not hold every byte"
    for step in _steps(config.get("normalizer"), "normalizers"):
        # composing characters is left out: the model knows both forms
        if step.get("type") != "NFC":
            return f"normalizer {step.get('type')} changes texts"
    steps = list(_steps(config.get("pre_tokenizer"), "pretokenizers"))
    if not steps or steps[-1].get("type") != "ByteLevel":
        return "pre-tokenizer is not byte-level"
    for step in steps:
        if step.get("type") not in {"ByteLevel", "Split", "Digits", "Punctuation"}:
            return f"pre-tokenizer {step.get('type')} changes texts"
        # where it is missing the library adds one
        if step.get("behavior") == "Removed" or (step["type"] == "ByteLevel" and step.get("add_prefix_space", True)):
            return "pre-tokenizer adds or removes characters"
    return ""


def token_bytes(token: str) -> bytes | None:
    """The bytes that a token of the vocabulary is; None for one that is not made of bytes' characters."""
    try:
        return bytes(map(byte_symbols().__getitem__, token))
    except KeyError:
        return None


def plain_vocabulary(config: Mapping[str, Any]) -> "Vocabulary | None":
    """What decides the ids of ASCII texts by a `tokenizer.json` that loses nothing; None where it cannot be told."""
    from .quick import Vocabulary, merge_rows

    patterns: list[str] = []
    for step in _steps(config.get("pre_tokenizer"), "pretokenizers"):
        if step["type"] == "ByteLevel":
            pattern = ascii_pattern(GPT_2_PATTERN) if step.get("use_regex", True) else ""
        elif step["type"] == "Split" and step.get("behavior") == "Isolated" and not step.get("invert"):
            pattern = ascii_pattern(step["pattern"].get("Regex", "(?<"))
        else:
            return None
        if pattern is None:
            return None
        patterns += [pattern] if pattern else []
    model, numbers = config["model"], config["model"]["vocab"]
    if config.get("added_tokens"):  # blanks, which are found before all else
        return None
    pairs = (merge.split(" ") if isinstance(merge, str) else merge for merge in model["merges"])
    merges = merge_rows((numbers[left], numbers[right], numbers[left + right]) for left, right in pairs)
    tokens = {number: token_bytes(token) or b"" for token, number in numbers.items()}
    return Vocabulary(tokens, merges, patterns, whole_first=bool(model.get("ignore_merges")))


def _steps(part: Mapping[str, Any] | None, name: str) -> Iterator[Mapping[str, Any]]:
    if part is None:
        return
    if part.get("type") == "Sequence":
        for step in part.get(name) or ():
            yield from _steps(step, name)
        return
    yield part
