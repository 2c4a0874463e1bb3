"""Opens the tokenizer that a user named. Knows no library; fetches nothing that was not named."""

from pathlib import Path

from ..types import TokenCounter, Tokenizer
from .encoding import VocabularyTokenizer
from .estimate import EstimatingCounter
from .tiktoken_ranks import RanksEncoding, RanksFile

__all__ = ["open_tokenizer"]


def open_tokenizer(name: str | None) -> Tokenizer | TokenCounter:
    """The tokenizer of that name.

    Args:
        name: A folder or file of a model; None for an estimate.

    Raises:
        ConfigError: There is no such tokenizer, or it is damaged.
    """
    if name is None:
        return EstimatingCounter()
    path = Path(name).expanduser()
    if path.is_dir():
        path = next((path / file for file in ("tokenizer.json", "tokenizer.model") if (path / file).is_file()), path)
    file = RanksFile(path)
    return VocabularyTokenizer(file.kind.name, file.id, lambda: RanksEncoding(file))
