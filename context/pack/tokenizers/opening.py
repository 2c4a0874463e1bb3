"""Opens the tokenizer that a user named. Fetches nothing that was not named; knows no format and no library."""

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

from ....errors import ConfigError
from ...endpoint import OnFirstUse, is_http
from ..types import TokenCounter, Tokenizer
from .checked import CheckedEncoding, Verdict
from .encoding import Encoding, VocabularyCounter, VocabularyTokenizer
from .estimate import EstimatingCounter
from .gigatoken import GigatokenEncoding
from .huggingface import HuggingFaceEncoding, TokenizerJson
from .tiktoken_ranks import RanksEncoding, RanksFile

__all__ = ["open_tokenizer"]

_JSON = "tokenizer.json"
_RANKS = "tokenizer.model"
_HUB = "hf:"

_File = TypeVar("_File", RanksFile, TokenizerJson)


def open_tokenizer(
    name: str | None,
    *,
    cache: Path | None = None,
    offline: bool = False,
    api_key: str | None = None,
    on_first_use: OnFirstUse | None = None,
) -> Tokenizer | TokenCounter:
    """The tokenizer of that name. One that cannot give back every text from its ids is only a counter.

    Args:
        name: A model's folder, its `tokenizer.json`, a file of ranks (`*.tiktoken`, Llama's `tokenizer.model`),
            `hf:ORG/MODEL[@REVISION]`, or `URL[#MODEL]` of a vLLM server; None for an estimate.
        cache: A folder where it is remembered which libraries agree; None remembers nothing.
        offline: Forbids to fetch what `hf:` names.
        api_key: For the server; None sends none.
        on_first_use: Told the server and the bytes before the first text is sent.

    Raises:
        ConfigError: There is no such tokenizer, or it is damaged.
        OfflineError: It would have to be fetched.
        EngineError: The server cannot be asked.
    """
    if name is None:
        return EstimatingCounter()
    if is_http(name):
        from .vllm_server import server_tokenizer

        url, _, model = name.partition("#")
        return server_tokenizer(url, model or None, api_key=api_key, on_first_use=on_first_use)
    if name.startswith(_HUB):
        from .hub import fetch_tokenizer

        return _of_json(TokenizerJson(fetch_tokenizer(name.removeprefix(_HUB), offline=offline)), name, cache)
    path = _file_of(Path(name).expanduser())
    if path.suffix == ".json":
        return _of_json(TokenizerJson(path), path.parent.name or name, cache)
    return _of_ranks(RanksFile(path), cache)


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


def _of_json(file: TokenizerJson, name: str, cache: Path | None) -> Tokenizer | TokenCounter:
    def load() -> Encoding:
        return _checked(file, HuggingFaceEncoding, name, cache, lossless=not file.loss)

    if file.loss:
        return VocabularyCounter(f"{name} (counts only: its {file.loss})", load)
    return VocabularyTokenizer(name, file.id, load)


def _of_ranks(file: RanksFile, cache: Path | None) -> Tokenizer:
    name = file.kind.name
    return VocabularyTokenizer(name, file.id, lambda: _checked(file, RanksEncoding, name, cache, lossless=True))


def _checked(
    file: _File, oracle: Callable[[_File], Encoding], name: str, cache: Path | None, *, lossless: bool
) -> Encoding:
    try:
        found = version("gigatoken")
    except PackageNotFoundError:
        return oracle(file)
    path = cache / f"{file.id}.json" if cache else None
    return CheckedEncoding(
        name, lambda: GigatokenEncoding(file), lambda: oracle(file), Verdict(path, found), lossless=lossless
    )
