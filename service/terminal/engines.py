"""Makes the engine that the user named, and says what leaves this machine the first time.

No variable with a key, and no server that happens to run, selects an engine: only `base_url` does, given by a flag, a
variable or a trusted file. Knows nothing of prompts or answers.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from ...config import Configuration
from ...context.endpoint import OnFirstUse, is_http, read_endpoint
from ...errors import ConfigError, EngineReplyError
from ...servers import short_name
from . import console
from .measured import measured_refusals
from .state import State

if TYPE_CHECKING:
    from ...context.index.embedder import Embedder
    from ...context.pack.types import TokenCounter, Tokenizer
    from ..engine.protocol import Engine, EngineInfo
    from ..planning.prices import Prices

__all__ = [
    "announcer",
    "engine_at",
    "guard_connections",
    "key_for",
    "model_announcer",
    "named_embedder",
    "named_engine",
    "named_prices",
    "named_tokenizer",
    "suggest_server",
]

_LOOK_EVERY_S = 24 * 3600.0


def named_engine(configuration: Configuration) -> "Engine | None":
    """The engine that was named; None when none was.

    Raises:
        ConfigError: A model or a replica was named, but no server.
    """
    settings = configuration.settings
    if not settings.base_url:
        if settings.replica:
            raise ConfigError(
                f"{configuration.origins['replica']} names a further server but the first is missing; add --base-url"
            )
        if settings.model:
            raise ConfigError(
                f"{configuration.origins['model']} names the model {settings.model} but no server is named; "
                "add --base-url, such as http://127.0.0.1:8000/v1"
            )
        return None
    refused = measured_refusals(configuration)
    engines = [
        engine_at(url, settings.model, api_key=configuration.api_key, timeout_s=settings.timeout_s, refused=refused)
        for url in dict.fromkeys((settings.base_url, *settings.replica))
    ]
    if len(engines) == 1:
        return engines[0]
    from ..engine.replicas import Replicas

    return Replicas(engines)


def engine_at(
    base_url: str, model: str, *, api_key: str | None, timeout_s: float, refused: tuple[str, ...] = ()
) -> "Engine":
    """The engine at an endpoint: Ollama's own protocol where the URL ends in /api, else OpenAI's or repoask's."""
    if base_url.endswith("/api"):
        from ..engine.ollama import OllamaEngine

        return OllamaEngine(base_url, model, api_key=api_key, timeout_s=timeout_s, refused=refused)
    from ..engine.vllm.segment_engine import SegmentEngine

    return SegmentEngine(base_url, model, api_key=api_key, timeout_s=timeout_s, refused=refused)


def named_prices(configuration: Configuration) -> "Prices":
    """The prices that were named, or the built-in ones.

    Raises:
        InputError: They cannot be read.
    """
    from ..planning.prices import read_prices

    return read_prices(configuration.settings.prices)


def named_embedder(configuration: Configuration) -> "Embedder | None":
    """The embedder that was named; None for none.

    Raises:
        ConfigError: The setting names no embedder.
        MissingExtraError: It needs a part that is not installed.
    """
    from ...context.index.embedders import embedder_for

    setting = configuration.settings.embedder
    return embedder_for(
        setting,
        api_key=key_for(setting, configuration, flag="--embedder"),
        on_first_use=announcer(configuration, "the text of files, to be embedded"),
    )


def named_tokenizer(configuration: Configuration, *, info: "EngineInfo | None" = None) -> "Tokenizer | TokenCounter":
    """The tokenizer that was named, else that of a vLLM server that gives its ids, else what estimates without one.

    Args:
        configuration: The settings.
        info: Of the engine whose prompts are to be counted or encoded; None where none is asked.

    Raises:
        ConfigError: The setting names no tokenizer, or one that is damaged.
        OfflineError: It would have to be fetched.
        EngineError: Its server cannot be asked.
    """
    setting = configuration.settings.tokenizer
    if not setting and info is not None and info.engine == "vllm":
        served = _opened_tokenizer(f"{info.base_url}{f'#{info.model}' if info.model else ''}", configuration)
        if hasattr(served, "encode"):
            return served
        # one that only counts is asked for every text, and gains nothing but exact counts
    return _opened_tokenizer(setting, configuration)


def _opened_tokenizer(setting: str, configuration: Configuration) -> "Tokenizer | TokenCounter":
    from ...context.pack.tokenizers.opening import open_tokenizer

    return open_tokenizer(
        setting or None,
        cache=configuration.cache / "tokenizers",
        offline=configuration.settings.offline,
        api_key=key_for(setting, configuration, flag="--tokenizer"),
        on_first_use=announcer(configuration, "the text of files, to be counted in tokens"),
    )


def key_for(setting: str, configuration: Configuration, *, flag: str) -> str | None:
    """The key to send to the server that a setting names: it is for the host that it was given for, and for no other.

    Raises:
        ConfigError: The URL is none.
    """
    url = setting.partition("#")[0] if is_http(setting) else ""
    return configuration.api_key if url and _address(url, setting=flag) in _named_addresses(configuration) else None


def guard_connections(configuration: Configuration) -> None:
    """Refuses every connection but those to the named engine, where --offline asks for it."""
    if configuration.settings.offline:
        from ..engine.network import refuse_connections

        refuse_connections(*_named_addresses(configuration))


def suggest_server(configuration: Configuration) -> None:
    """Names the command that chooses a model's server of this machine, if one runs; sends it nothing of the source.

    Looks once a day at most: who has seen it knows.
    """
    if configuration.settings.offline or not State(configuration.folders).is_due("servers", every_s=_LOOK_EVERY_S):
        return
    import shlex

    from ..engine.discovery import find_servers

    for server in find_servers()[:1]:
        console.say(
            f"{server.name} runs here; to have the answer written by a model, add: "
            f"--base-url {short_name(server.base_url)} --model {shlex.quote(server.models[0])}"
        )


def announcer(configuration: Configuration, what: str) -> OnFirstUse:
    """Says, once for each endpoint that could be reached, where `what` goes and how much of it."""
    state = State(configuration.folders)

    @contextmanager
    def announce(endpoint: str, num_bytes: int) -> Iterator[None]:
        # a server that was sent lines to answer from may still be new to whole files
        use = f"{endpoint}: {what}"
        if state.has_used(use):
            yield
            return
        host = read_endpoint(endpoint, setting="the endpoint").host
        console.say(f"first use of {host}: it will be sent {num_bytes:,} bytes, {what}")
        try:
            yield
        except EngineReplyError:  # it was reached, and has what was sent
            state.note_use(use)
            raise
        state.note_use(use)

    return announce


def model_announcer(configuration: Configuration, what: str) -> OnFirstUse:
    """The same for the model's servers: with replicas a prompt may go to any of them, so each elsewhere is said."""
    announce, settings = announcer(configuration, what), configuration.settings

    @contextmanager
    def announce_all(_: str, num_bytes: int) -> Iterator[None]:
        with ExitStack() as announced:
            for url in dict.fromkeys((settings.base_url, *settings.replica)):
                if not read_endpoint(url, setting="--base-url").is_loopback:
                    announced.enter_context(announce(url, num_bytes))
            yield

    return announce_all


def _named_addresses(configuration: Configuration) -> list[tuple[str, int]]:
    """Host and port of each server of the model; none where no server is named."""
    settings = configuration.settings
    return [_address(url, setting="--base-url") for url in (settings.base_url, *settings.replica) if url]


def _address(url: str, *, setting: str) -> tuple[str, int]:
    endpoint = read_endpoint(url, setting=setting)
    return endpoint.host, endpoint.port
