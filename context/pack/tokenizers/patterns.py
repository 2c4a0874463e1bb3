"""The patterns that split a text before its pieces are looked up in a file of ranks, which does not say its own.

Knows nothing of files. Sources: openai/tiktoken, tiktoken_ext/openai_public.py (r50k, p50k, cl100k, o200k);
meta-llama/llama-models, models/llama3/tokenizer.py and models/llama4/tokenizer.py (Llama's specials follow the ranks);
QwenLM/Qwen, tokenization_qwen.py.
"""

from dataclasses import dataclass

__all__ = ["RanksKind", "known_kinds", "ranks_kind"]

# The first release's, which later ones only made faster: tiktoken's own and gigatoken's are compared with it in tests.
_R50K = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_CL100K = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_QWEN = _CL100K.replace(r"\p{N}{1,3}", r"\p{N}")
_O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


@dataclass(frozen=True, slots=True)
class RanksKind:
    """What a file of ranks is.

    Attributes:
        name: Said to the user.
        pattern: Splits a text, as tiktoken reads it.
        scheme: gigatoken's name of the pattern; "" where it cannot load such ranks (0.10 panics on Llama 3's, of which
            some are made of three others, and refuses p50k's, which leave a number out).
    """

    name: str
    pattern: str
    scheme: str


# By how many ranks there are: no two differ in the pattern alone.
_KINDS = {
    50_256: RanksKind("r50k_base", _R50K, "gpt2"),
    50_280: RanksKind("p50k_base", _R50K, ""),
    100_256: RanksKind("cl100k_base", _CL100K, "gpt4"),
    128_000: RanksKind("Llama 3", _CL100K, ""),
    151_643: RanksKind("Qwen", _QWEN, "qwen2"),
    199_998: RanksKind("o200k_base", _O200K, "o200k"),
    200_000: RanksKind("Llama 4", _O200K, "o200k"),
}


def ranks_kind(count: int) -> RanksKind | None:
    """What a file of so many ranks is; None when it is none of the known."""
    return _KINDS.get(count)


def known_kinds() -> str:
    """The names, for messages."""
    return ", ".join(kind.name for kind in _KINDS.values())
