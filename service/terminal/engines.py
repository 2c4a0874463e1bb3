"""Makes the engine that the user named, and says what leaves this machine the first time.

No variable with a key, and no server that happens to run, selects an engine: only `base_url` does, given by a flag, a
variable or a trusted file. Knows nothing of prompts or answers.
"""

import shlex
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ...config import Configuration, read_state, write_state
from ...errors import ConfigError
from . import console

if TYPE_CHECKING:
    from ...context.index.embedder import Embedder
    from ..engine.protocol import Engine

__all__ = ["announcer", "guard_connections", "named_embedder", "named_engine", "suggest_server"]


def named_engine(configuration: Configuration) -> "Engine | None":
    """The engine that was named; None when none was.

    Raises:
        ConfigError: A model was named, but no server.
    """
    settings = configuration.settings
    if not settings.base_url:
        if settings.model:
            raise ConfigError(
                f"{configuration.origins['model']} names the model {settings.model} but no server is named; "
                "add --base-url, such as http://127.0.0.1:8000/v1"
            )
        return None
    from ..engine.openai_client import OpenAIEngine

    return OpenAIEngine(settings.base_url, settings.model, api_key=configuration.api_key, timeout_s=settings.timeout_s)


def named_embedder(configuration: Configuration) -> "Embedder | None":
    """The embedder that was named; None for the one that is learned from the source itself.

    Raises:
        ConfigError: The setting names no embedder.
        MissingExtraError: It needs a part that is not installed.
    """
    from ...context.index.embedders import embedder_for

    setting = configuration.settings.embedder
    # a key is for the host that it was given for, and for no other
    same_host = _endpoint(setting) == _endpoint(configuration.settings.base_url)
    if setting.startswith(("http://", "https://")):
        _tell_once(configuration, setting, "it is sent the text of all indexed files, to be embedded")
    return embedder_for(setting, api_key=configuration.api_key if same_host else None)


def guard_connections(configuration: Configuration) -> None:
    """Refuses every connection but the one to the named engine, where --offline asks for it."""
    if configuration.settings.offline:
        from ..engine.network import refuse_connections

        refuse_connections(_endpoint(configuration.settings.base_url))


def suggest_server(configuration: Configuration) -> None:
    """Names the command that chooses a model's server of this machine, if one runs; sends it nothing of the source."""
    if configuration.settings.offline:
        return
    from ..engine.discovery import find_servers

    for server in find_servers()[:1]:
        console.say(
            f"{server.name} runs here; to have the answer written by a model, add: "
            f"--base-url {server.base_url} --model {shlex.quote(server.models[0])}"
        )


def announcer(configuration: Configuration) -> Callable[[str, int], None]:
    """Says, once for each endpoint, where the question and the evidence go and how much that is."""

    def announce(endpoint: str, num_bytes: int) -> None:
        what = f"it is sent {num_bytes:,} bytes, the question and lines of the repository"
        _tell_once(configuration, endpoint, what)

    return announce


def _tell_once(configuration: Configuration, endpoint: str, what: str) -> None:
    state = configuration.folders.state / "endpoints.json"
    known = read_state(state)
    if endpoint not in known:
        console.say(f"first use of {urlsplit(endpoint).netloc or endpoint}: {what}")
        write_state(state, known | {endpoint: datetime.now(UTC).isoformat(timespec="seconds")})


def _endpoint(base_url: str) -> tuple[str, int] | None:
    url = urlsplit(base_url)
    if not url.hostname:
        return None
    return url.hostname, url.port or (443 if url.scheme == "https" else 80)
