"""vLLM's engine as the middleware sees it: its limits, its layers, how it hashes, and the way a prompt is asked.

All that is known of vLLM's inside stands here (0.32; `vllm/v1/engine/async_llm.py`). Knows no HTTP.
"""

import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .hashing import HashBlock
from .kv.on_disk import kv_on_disk
from .layers import Kind, LayerGroup
from .wire import Question, RefusalError

__all__ = ["Adapter", "Limits", "OnDisk", "VllmEngine"]

_KINDS = {
    "full_attention": Kind.ALL,
    "mla_attention": Kind.ALL,
    "sink_full_attention": Kind.ALL,
    "chunked_local_attention": Kind.CHUNK,
    "sliding_window": Kind.WINDOW,
    "sliding_window_mla": Kind.WINDOW,
}
_SAMPLING_DEFAULTS = ("top_p", "top_k", "min_p", "repetition_penalty", "stop_token_ids")
_LOGGER = logging.getLogger(__name__)
Adapter = Any
"""A `vllm.lora.request.LoRARequest`."""

OnDisk = Callable[[Sequence[bytes]], int]
"""From the hashes of a prompt's blocks, in order: how many of the first a tier outside the engine would give back."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the engine has.

    Attributes:
        version: vLLM's.
        vocabulary: Ids are below this.
        block_size: Tokens of a block of KV.
        num_blocks: Of the pool that all groups of layers share.
        max_model_len: Tokens of the longest prompt with its reply.
        kv_tokens: Tokens whose KV fits in all.
        max_running: Requests at once.
        in_flight_tokens: Whose KV local layers hold besides their window.
    """

    version: str
    vocabulary: int
    block_size: int
    num_blocks: int
    max_model_len: int
    kv_tokens: int
    max_running: int
    in_flight_tokens: int


class VllmEngine:
    """The engine of this server."""

    def __init__(self, state: Any) -> None:
        """Takes what vLLM keeps in the state of its application.

        Args:
            state: Of the application.
        """
        import vllm
        from vllm.utils.hashing import get_hash_fn_by_name
        from vllm.v1.core import kv_cache_utils

        self._client = state.engine_client
        self._models = state.openai_serving_models
        config = self._client.vllm_config
        self._config = config
        cache = config.cache_config
        self.limits = Limits(
            version=vllm.__version__,
            vocabulary=config.model_config.get_vocab_size(),
            block_size=cache.block_size,
            num_blocks=max(1, (cache.num_gpu_blocks or 0) - 1),
            max_model_len=config.model_config.max_model_len,
            kv_tokens=cache.kv_cache_size_tokens or (cache.num_gpu_blocks or 0) * cache.block_size,
            max_running=config.scheduler_config.max_num_seqs,
            in_flight_tokens=config.max_in_flight_tokens,
        )
        self._hash = get_hash_fn_by_name(cache.prefix_caching_hash_algo)
        kv_cache_utils.init_none_hash(self._hash)
        self.external_key: Callable[[bytes], int] = kv_cache_utils.maybe_convert_block_hash

    @property
    def names(self) -> list[str]:
        """Of the model."""
        return [path.name for path in self._models.base_model_paths]

    @property
    def num_requests(self) -> int:
        """All that are not done, whichever way they came."""
        return int(self._client.get_num_unfinished_requests())

    def adapter(self, model: str) -> Adapter | None:
        """The adapter that goes by a name; None for the model itself.

        Raises:
            RefusalError: Neither does.
        """
        if self._models.is_base_model(model):
            return None
        found = self._models.lora_requests.get(model)
        if found is None:
            raise RefusalError(404, f"the model {model[:100]!r} is not here; this server has {', '.join(self.names)}")
        return found

    def events(self) -> tuple[str, str] | None:
        """Where the engine publishes its KV events, and under which topic; None where it does not."""
        sources = self._client.get_kv_event_sources()
        if len(sources) != 1:  # several engines, each with a cache of its own
            return None
        source = next(iter(sources.values()))
        return (source.endpoint, source.topic) if source.enable_kv_cache_events and source.publisher == "zmq" else None

    def on_disk(self) -> OnDisk | None:
        """What tells of the tier of KV outside the engine; None without one of `repoask_vllm.kv`."""
        transfer = self._config.kv_transfer_config
        tiers = transfer.kv_connector_extra_config.get("secondary_tiers") if transfer else None
        root = tiers[0].get("root_dir") if tiers else None
        kept = kv_on_disk(Path(root), str(transfer.engine_id)) if root else None
        return kept.on_disk if kept and kept.block_tokens == self.limits.block_size else None

    async def layer_groups(self) -> list[LayerGroup] | None:
        """The groups of the model's layers; None where what they have cached cannot be told from their events."""
        told: list[dict[str, Any]] = await self._client.engine_core.call_utility_async("get_kv_cache_group_metadata")
        cache, parallel = self._config.cache_config, self._config.parallel_config
        if (
            not told
            or not cache.enable_prefix_caching
            or self._config.speculative_config is not None
            or parallel.decode_context_parallel_size > 1
            or any(each["block_size"] != self.limits.block_size or each["kind"] not in _KINDS for each in told)
        ):
            _LOGGER.warning("what is cached cannot be forecast for this model: %s", told)
            return None
        chunk = getattr(self._config.model_config.hf_text_config, "attention_chunk_size", None) or 0
        found: dict[tuple[Kind, int], list[int]] = {}
        for each in told:
            kind = _KINDS[each["kind"]]
            window = {Kind.ALL: 0, Kind.CHUNK: chunk, Kind.WINDOW: each["sliding_window"] or 0}[kind]
            if kind is not Kind.ALL and not window:
                return None
            found.setdefault((kind, window), []).append(each["group_idx"])
        return [LayerGroup(kind, tuple(ids), window) for (kind, window), ids in found.items()]

    def block_hash(self, *, salt: str, adapter: Adapter | None) -> HashBlock:
        """How a block of a tenant's prompt is hashed (`vllm/v1/core/kv_cache_utils.py`)."""
        from vllm.v1.core.kv_cache_utils import hash_block_tokens

        always = (("lora", adapter.lora_name, adapter.lora_path),) if adapter else ()
        first = (*always, *((("cache_salt", salt),) if salt else ()))

        def hashed(parent: bytes | None, ids: Sequence[int], is_first: bool) -> bytes:
            return bytes(hash_block_tokens(self._hash, parent, ids, (first if is_first else always) or None))

        return hashed

    async def generate(
        self, ids: list[int], question: Question, *, request_id: str, salt: str, adapter: Adapter | None
    ) -> AsyncGenerator[Any, None]:
        """The outputs of vLLM, each with what came since the last. Leaving it early frees the request.

        Raises:
            RefusalError: vLLM finds the question wrong.
        """
        from vllm.exceptions import VLLMClientError
        from vllm.inputs import TokensPrompt
        from vllm.inputs.engine import tokens_input

        prompt: TokensPrompt = tokens_input(ids, cache_salt=salt or None)
        outputs = self._client.generate(prompt, self._sampling(question), request_id, lora_request=adapter)
        try:
            async for output in outputs:
                yield output
        except (VLLMClientError, ValueError) as error:
            raise RefusalError(400, " ".join(str(error).split())[:500]) from error
        finally:
            await outputs.aclose()

    def listen(self, on_prefill: Callable[[str, int, int], None]) -> None:
        """Has told of each request, when its prompt is computed: its id, tokens cached, those of them from outside.

        vLLM hands on the second figure alone, so the engine's outputs are looked at as they come in.
        """
        processor = self._client.output_processor
        process = processor.process_outputs

        def processed(outputs: Sequence[Any], *args: Any, **options: Any) -> Any:
            for output in outputs:
                stats = getattr(output, "prefill_stats", None)
                if stats is not None:
                    # vLLM has appended something of its own to the id
                    name = output.request_id.rpartition("-")[0]
                    on_prefill(name, stats.num_cached_tokens, stats.num_external_cached_tokens)
            return process(outputs, *args, **options)

        processor.process_outputs = processed

    def _sampling(self, question: Question) -> Any:
        from vllm import SamplingParams
        from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams

        # as for those who come by OpenAI's pages
        defaults: Mapping[str, Any] = self._config.model_config.get_diff_sampling_param()
        return SamplingParams(
            max_tokens=question.max_tokens,
            temperature=question.temperature,
            seed=question.seed,
            structured_outputs=None if question.schema is None else StructuredOutputsParams(json=question.schema),
            output_kind=RequestOutputKind.DELTA,
            **{name: defaults[name] for name in _SAMPLING_DEFAULTS if name in defaults},
        )
