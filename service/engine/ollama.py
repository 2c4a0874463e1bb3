"""Ollama through its own protocol, which can set the context length; its `/v1` cannot, and cuts in silence.

The model is loaded with as much context as the prompt and the reply may need, in steps, since another length loads it
anew. Knows nothing of repositories.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ...context.endpoint import read_endpoint
from ...errors import ConfigError, EngineError
from .forms import Form, ollama_forms
from .ollama_wire import read_loaded_context, read_model_context, read_ollama_models
from .openai_client import OpenAIEngine
from .protocol import Prompt, SamplingParams, Schema

if TYPE_CHECKING:
    import openai

__all__ = ["OllamaEngine"]

# lower than any mean of source code or prose: too much context costs memory, too little cuts the prompt
_BYTES_PER_TOKEN = 2.5
_STEP = 8_192
_TEMPLATE_TOKENS = 128


class OllamaEngine(OpenAIEngine):
    """A server of Ollama. Its connection, retries and errors are those of any other."""

    def __init__(
        self,
        base_url: str,
        model: str = "",
        *,
        api_key: str | None = None,
        timeout_s: float,
        refused: tuple[str, ...] = (),
    ) -> None:
        """Connects to nothing yet.

        Args:
            base_url: Up to and with `/api`.
            model: As `ollama list` shows it; "" takes the only one.
            api_key: Sent as bearer token; None sends none.
            timeout_s: How long the server may be silent.
            refused: What is not sent, as the server is known to refuse or ignore it.

        Raises:
            ConfigError: `base_url` is no http(s) URL, or holds credentials.
        """
        super().__init__(base_url, model, api_key=api_key, timeout_s=timeout_s, refused=refused)
        self._root = read_endpoint(base_url, setting="--base-url").url.removesuffix("/api")

    async def _models(self, client: "openai.AsyncOpenAI") -> tuple[str, ...]:
        return read_ollama_models(await client.get("/tags", cast_to=object))

    def _path(self, body: dict[str, Any]) -> str:
        return "/chat"

    async def _body(
        self,
        client: "openai.AsyncOpenAI",
        prompt: Prompt,
        *,
        params: SamplingParams,
        salt: str | None,
    ) -> dict[str, Any]:
        if prompt.token_ids:
            raise ConfigError(f"{self._url}: Ollama takes messages and no token ids; name a vLLM server instead")
        num_tokens = int(prompt.num_bytes / _BYTES_PER_TOKEN) + _TEMPLATE_TOKENS + params.max_tokens
        options: dict[str, Any] = {
            "temperature": params.temperature,
            "num_predict": params.max_tokens,
            "num_ctx": await self._context(client, num_tokens),
        }
        if params.seed is not None:
            options["seed"] = params.seed
        return {
            "model": self._info.model,
            "messages": [{"role": message.role, "content": message.content} for message in prompt.messages],
            "stream": True,
            # a prompt that is too long is refused, not cut, where the version knows of this
            "truncate": False,
            "options": options,
        }

    def _forms(self, body: dict[str, Any], schema: Schema) -> tuple[Form, ...]:
        return ollama_forms(schema)

    async def _context(self, client: "openai.AsyncOpenAI", num_tokens: int) -> int:
        """Tokens of context to load the model with: what it is loaded with, if that is enough."""
        loaded = read_loaded_context(await self._told(client, "GET", "/ps"), model=self._info.model)
        if loaded >= num_tokens:
            return loaded
        wanted = -(-num_tokens // _STEP) * _STEP
        limit = read_model_context(await self._told(client, "POST", "/show"))
        return min(wanted, limit) if limit else wanted

    async def _told(self, client: "openai.AsyncOpenAI", method: str, page: str) -> object:
        """What a page tells; None where it does not: then the model's own limit is not known."""
        with suppress(EngineError), self._translated():
            if method == "GET":
                return await client.get(page, cast_to=object)
            return await client.post(page, body={"model": self._info.model}, cast_to=object)
        return None
