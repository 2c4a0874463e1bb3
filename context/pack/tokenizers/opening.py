"""Opens the tokenizer that a user named. Fetches nothing that was not named; knows no format and no library."""

from pathlib import Path
from typing import TYPE_CHECKING

from ....errors import ConfigError
from ...endpoint import OnFirstUse, is_http
from .encoding import VocabularyCounter, VocabularyTokenizer

if TYPE_CHECKING:
    from ..types import TokenCounter, Tokenizer

__all__ = ["open_tokenizer"]

_JSON = "tokenizer.json"
_RANKS = "tokenizer.model"
_HUB = "hf:"


def open_tokenizer(
    name: str | None,
    *,
    cache: Path | None = None,
    offline: bool = False,
    api_key: str | None = None,
    on_first_use: OnFirstUse | None = None,
) -> "Tokenizer | TokenCounter":
    """The tokenizer of that name. One that cannot give back every text from its ids is only a counter.

    Args:
        name: A model's folder, its `tokenizer.json`, a file of ranks (`*.tiktoken`, Llama's `tokenizer.model`),
            `hf:ORG/MODEL[@REVISION]`, or `URL[#MODEL]` of a vLLM server; None for an estimate.
        cache: A folder of what is prepared from tokenizers, to be quick later; None prepares nothing.
        offline: Forbids to fetch what `hf:` names.
        api_key: For the server; None sends none.
        on_first_use: Told the server and the bytes before the first text is sent.

    Raises:
        ConfigError: There is no such tokenizer, or it is damaged.
        OfflineError: It would have to be fetched.
        EngineError: The server cannot be asked.
    """
    if name is None:
        from .estimate import EstimatingCounter

        return EstimatingCounter()
    if is_http(name):
        from .vllm_server import server_tokenizer

        url, _, model = name.partition("#")
        return server_tokenizer(url, model or None, api_key=api_key, on_first_use=on_first_use)
    if name.startswith(_HUB):
        from .hub import fetch_tokenizer

        fetched = fetch_tokenizer(name.removeprefix(_HUB), offline=offline)
        return _of_json(fetched, name, cache)
    path = _file_of(Path(name).expanduser())
    if path.suffix == ".json":
        return _of_json(path, path.parent.name or name, cache)
    return _of_ranks(path, cache)


def _file_of(path: Path) -> Path:
    if path.is_dir():
        for file in (_JSON, _RANKS):
            if (path / file).is_file():
                return path / file
        raise ConfigError(f"{path}: no tokenizer is in this folder ({_JSON} or {_RANKS})")
    if not path.is_file():
        raise ConfigError(
            f"{path}: there is no such tokenizer; name a model's folder or file, hf:ORG/MODEL, or a server's URL"
        )
    return path


def _of_json(path: Path, name: str, cache: Path | None) -> "Tokenizer | TokenCounter":
    from .huggingface import HuggingFaceEncoding, TokenizerJson
    from .prepared import Prepared

    file = TokenizerJson(path, cache=cache)
    prepared = Prepared(file, lambda: HuggingFaceEncoding(file), name, cache)
    # parsing it takes as long as a hundred questions; what was prepared gives back every text
    if not prepared.is_ready and file.loss:
        return VocabularyCounter(f"{name} (counts only: its {file.loss})", prepared.load)
    return VocabularyTokenizer(name, file.id, prepared.load, prepared.quick)


def _of_ranks(path: Path, cache: Path | None) -> "Tokenizer":
    from .prepared import Prepared
    from .tiktoken_ranks import RanksEncoding, RanksFile

    file = RanksFile(path, cache=cache)
    prepared = Prepared(file, lambda: RanksEncoding(file), file.kind.name, cache)
    return VocabularyTokenizer(file.kind.name, file.id, prepared.load, prepared.quick)
