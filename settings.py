"""Every setting: its type, its default, what it means, and what a value of it must be. Reads no file or variable."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from .servers import SERVERS, url_of
from .values import ByteSize, read_value

__all__ = ["KEY_VARIABLE", "SETTINGS", "Setting", "Settings", "checked_value", "without_credentials"]

KEY_VARIABLE = "REPOASK_API_KEY"
"""Holds the key of the model's server, unless `api_key_env` names another variable."""

_CREDENTIALS = re.compile(r"(?<=://)[^/?#]*@")


def _setting(default: Any, description: str, *, group: str, metavar: str = "", gt: float | None = None) -> Any:
    about = {"description": description, "group": group, "metavar": metavar, "above": gt}
    return field(default=default, metadata=about)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, its type and its default. docs/configuration.md and the flags of commands are made from this."""

    format: Literal["text", "markdown", "json"] = _setting("text", "How the answer is printed.", group="Answer")
    limit: int = _setting(10, "At most so many places are shown as evidence.", group="Answer", metavar="N", gt=0)

    model: str = _setting(
        "", "The model that writes the answer, by the name its server knows. Empty: no model.", group="Model"
    )
    base_url: str = _setting(
        "", "The model's server: a URL such as http://127.0.0.1:8000/v1 (OpenAI's protocol; /api at the end: "
        f"Ollama's), or a name: {', '.join(SERVERS)}, bedrock:REGION.", group="Model", metavar="URL|NAME",
    )  # fmt: skip
    replica: tuple[str, ...] = _setting(
        (), "A further server of the same model, sent the same key; what a pack began stays with one of them.",
        group="Model", metavar="URL",
    )  # fmt: skip
    api_key_env: str = _setting(
        "", f"Name of the variable that holds the server's key; {KEY_VARIABLE} otherwise.", group="Model",
        metavar="NAME",
    )  # fmt: skip
    mode: Literal["auto", "full", "retrieval"] = _setting(
        "auto", "What a model is given: the best places (retrieval), the whole repository (full), or whichever the "
        "size and the question call for (auto).", group="Model",
    )  # fmt: skip
    full_tokens: int = _setting(
        32_000, "In mode auto, a repository of up to so many tokens is given whole.", group="Model", metavar="N", gt=0
    )
    tenant: str = _setting(
        "", "Whose questions these are: a vLLM server keeps what it caches for one tenant from all others. Empty: one "
        "cache for all.", group="Model", metavar="NAME",
    )  # fmt: skip
    seed: int = _setting(0, "Seed of sampling.", group="Model", metavar="N")
    temperature: float = _setting(0.0, "Temperature of sampling.", group="Model", metavar="T")
    max_tokens: int = _setting(2048, "The longest answer that a model may write.", group="Model", metavar="N", gt=0)
    evidence_tokens: int = _setting(
        12_000, "About how much evidence a model is given.", group="Model", metavar="N", gt=0
    )
    session_tokens: int = _setting(
        6_000, "About how much of a session's earlier turns a model is given.", group="Model", metavar="N", gt=0
    )
    timeout_s: float = _setting(
        120.0,
        "How long to wait for the next piece of an answer, or for a reranker's reply.",
        group="Model",
        metavar="S",
        gt=0,
    )
    prices: Path | None = _setting(
        None, "A table of prices, in the shape of the built-in one: what receipts and plans price questions by.",
        group="Model", metavar="FILE",
    )  # fmt: skip

    models_dir: Path | None = _setting(
        None, "Where pulled models are kept. Default: `models` in the platform's data folder.", group="Model",
        metavar="DIR",
    )  # fmt: skip

    include: tuple[str, ...] = _setting((), "Only files that match one of these globs.", group="Files", metavar="GLOB")
    exclude: tuple[str, ...] = _setting((), "No files that match one of these globs.", group="Files", metavar="GLOB")
    max_file_size: ByteSize = _setting(
        ByteSize(2_000_000), "Larger files are left out.", group="Files", metavar="SIZE", gt=0
    )
    all_files: bool = _setting(
        False, "Bring back vendored, generated, minified, lock and large files and LFS pointers.", group="Files"
    )
    allow_secrets: bool = _setting(False, "Bring back secret files and the lines that hold a secret.", group="Files")
    submodules: bool = _setting(False, "Enter submodules.", group="Files")

    index_dir: Path | None = _setting(
        None, "Where indexes and clones are kept. Default: the platform's cache folder.", group="Index", metavar="DIR"
    )
    cache_size: ByteSize = _setting(
        ByteSize(5_000_000_000), "All indexes and clones together; the least recently used goes first.",
        group="Index", metavar="SIZE", gt=0,
    )  # fmt: skip
    embedder: str = _setting(
        "none", "`none`, a sentence-transformers folder, or the URL of "
        "a `/v1/embeddings` server as URL#MODEL.", group="Index",
    )  # fmt: skip

    ranker: Path | None = _setting(
        None, "A file of weights for ranking files, as the training program writes it. Default: the built-in one.",
        group="Ranking", metavar="FILE",
    )  # fmt: skip
    reranker: str = _setting(
        "", "What reads the best 50 places once more: a folder with a sentence-transformers cross-encoder, or the URL "
        "of a `/v1/rerank` server as URL#MODEL. Empty: none.", group="Ranking",
    )  # fmt: skip

    tokenizer: str = _setting(
        "", "What counts tokens, and makes a pack's ids: a model's folder, its tokenizer.json, a file of ranks, "
        "hf:ORG/MODEL, or the URL of a vLLM server as URL#MODEL. Empty: an estimate.", group="Pack",
    )  # fmt: skip

    offline: bool = _setting(False, "Refuse every connection but the one to the named model.", group="Network")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of one setting.

    Attributes:
        kind: Its type, as `read_value` takes it.
        above: A number must be larger.
        group: Under which docs/configuration.md lists it.
        metavar: What stands for the value in the help of a flag.
    """

    name: str
    kind: Any
    default: Any
    description: str
    above: float | None
    group: str
    metavar: str


SETTINGS: Mapping[str, Setting] = {
    each.name: Setting(each.name, each.type, each.default, **each.metadata) for each in fields(Settings)
}
"""Every setting by its name."""


def _http_url(value: str) -> str:
    value = url_of(value)
    if value and not value.startswith(("http://", "https://")):
        raise ValueError(f"not an http:// or https:// URL, nor one of {', '.join(SERVERS)}, bedrock:REGION")
    return value.rstrip("/")


def _no_credentials(value: str) -> str:
    if _CREDENTIALS.search(value):
        raise ValueError(f"holds a user or password; put the key into {KEY_VARIABLE}")
    return value


def _http_urls(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_no_credentials(_http_url(value)) for value in values)


_CHECKS: Mapping[str, tuple[Callable[[Any], Any], ...]] = {
    "base_url": (_http_url, _no_credentials),
    "replica": (_http_urls,),
    "embedder": (_no_credentials,),
    "reranker": (_no_credentials,),
    "tokenizer": (_no_credentials,),
}


def checked_value(name: str, value: object) -> Any:
    """The value of a setting as its type.

    Raises:
        ValueError: It is not allowed; the message says why.
    """
    setting = SETTINGS[name]
    checked = read_value(value, setting.kind, above=setting.above)
    for check in _CHECKS.get(name, ()):
        checked = check(checked)
    return checked


def without_credentials(text: str) -> str:
    """A text to be shown, with the user and password of each URL in it masked."""
    return _CREDENTIALS.sub("***@", text)
