"""Estimates how many tokens a text is where no tokenizer is at hand. Always called an estimate; knows no vocabulary.

A line fitted to what Llama 3, Llama 4, Qwen 3, DeepSeek 3 and gpt-oss make of source code and prose: see
`benchmarks/tokenizing.py` for the fit and its error by language.
"""

import re
from collections.abc import Sequence

__all__ = ["EstimatingCounter"]

# What the pre-tokenizers of those models take as one piece: a word with the sign or blank before it, up to three
# digits, a run of signs, line ends, blanks.
_WORD = re.compile(r"[A-Za-z]+")
_TOKENS_PER = {"piece": 1.0}
_BYTES_A_TOKEN = 3.9


class EstimatingCounter:
    """Counts by the bytes of a text and what kind of characters they are."""

    exact = False
    name = "estimate (3.9 bytes a token)"

    def count(self, texts: Sequence[str]) -> list[int]:
        """An estimate of the number of tokens of each text."""
        return [-(-len(text.encode("utf-8", "surrogatepass")) * 10 // 39) for text in texts]
