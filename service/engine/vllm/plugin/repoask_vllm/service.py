"""Answers questions whose prompts are made of segments, and tells beforehand what they will cost.

Puts together the store of segments, admission, the engine and what is known of its cache. Knows no HTTP.
"""

import asyncio
import time
import uuid
from collections.abc import Callable
from contextlib import aclosing, suppress
from typing import Any

from . import PROTOCOL
from .admission import Admission, Guest
from .hashing import BlockHasher
from .layers import Kind, LayerGroup, cached_tokens
from .pace import Pace
from .prompt import AskedPrompt, asked_prompt
from .residency import Residency, follow_events
from .room import Room
from .segments import ID_BYTES, SegmentStore, check_segment
from .vllm_engine import VllmEngine
from .wire import EventStream, Question, RefusalError

__all__ = ["Service"]

# 4 bytes a token: 134M tokens of segments, or two of the longest prompts where those are longer
_STORE_BYTES = 512 * 1024 * 1024
_REMEMBERED_BLOCKS = 2_000_000
# a client that hears nothing for longer takes the server for dead
_REMIND_S = 5.0
_UNKNOWN_LAYERS = (LayerGroup(Kind.ALL, (0,)),)


class Service:
    """One engine's questions."""

    def __init__(self, engine: VllmEngine, groups: list[LayerGroup] | None) -> None:
        """Follows no events yet.

        Args:
            engine: That answers.
            groups: Of the model's layers; None where what they have cached cannot be told.
        """
        limits = engine.limits
        self._engine = engine
        self._groups = groups
        self._residency: Residency | None = None
        self._events: asyncio.Task[None] | None = None
        self._store = SegmentStore(max_bytes=max(_STORE_BYTES, 2 * ID_BYTES * limits.max_model_len))
        self._hasher = BlockHasher(block_size=limits.block_size, max_blocks=_REMEMBERED_BLOCKS)
        self._hashing = asyncio.Lock()
        self._on_disk = engine.on_disk()
        self._pace = Pace()
        self._prefills: dict[str, tuple[int, int] | None] = {}
        room = Room(
            num_blocks=limits.num_blocks,
            block_size=limits.block_size,
            groups=groups or _UNKNOWN_LAYERS,
            in_flight_tokens=limits.in_flight_tokens,
        )
        self._room = room
        self._admission = Admission(room, max_running=limits.max_running)

    @classmethod
    async def open(cls, state: Any) -> "Service":
        """The service of a server, which follows its engine's events from now on.

        Args:
            state: Of vLLM's application.
        """
        engine = VllmEngine(state)
        groups = await engine.layer_groups()
        service = cls(engine, groups)
        engine.listen(service._note_prefill)
        source = engine.events()
        if source is not None and groups is not None:
            residency = Residency(1 + max(number for group in groups for number in group.ids))
            service._residency = residency
            follow = follow_events(*source, residency, on_change=service._admission.let_in)
            service._events = asyncio.create_task(follow)
        return service

    async def close(self) -> None:
        """Follows no events any more."""
        if self._events is not None:
            self._events.cancel()
            with suppress(asyncio.CancelledError):
                await self._events

    @property
    def limits(self) -> Any:
        """Of the engine."""
        return self._engine.limits

    def describe(self) -> dict[str, object]:
        """What a client wants to know first."""
        limits = self._engine.limits
        return {
            "repoask": PROTOCOL,
            "vllm": limits.version,
            "model": self._engine.names[0],
            "models": self._engine.names,
            "block_size": limits.block_size,
            "max_model_len": limits.max_model_len,
            "kv_tokens": limits.kv_tokens,
            "running": self._engine.num_requests,
            "waiting": self._admission.num_waiting,
            "forecasts": self._residency is not None,
        }

    def receiving(self, num_bytes: int) -> Any:
        """Room for a segment that is on its way; see `SegmentStore.receiving`."""
        return self._store.receiving(num_bytes)

    async def put(self, salt: str, digest: str, ids: bytes) -> int:
        """Keeps a segment; gives how many ids it has.

        Raises:
            RefusalError: It is not what it says.
        """
        await asyncio.to_thread(check_segment, ids, digest=digest, vocabulary=self._engine.limits.vocabulary)
        self._store.put(salt, digest, ids)
        return len(ids) // ID_BYTES

    async def forecast(self, question: Question, salt: str) -> dict[str, object]:
        """What a question would find cached.

        Raises:
            RefusalError: It could not be answered, or the engine does not tell what it holds.
        """
        prompt = self._prompt(question, salt)
        if self._residency is None:
            raise RefusalError(501, "this server does not tell what it has cached")
        cached, restored = await self._cached(prompt)
        num_tokens = prompt.demand.prompt_tokens
        return {
            "prompt_tokens": num_tokens,
            "cached_tokens": cached + restored,
            "restored_tokens": restored,
            "seconds": self._pace.seconds(num_tokens - cached - restored),
            "place": self._admission.place_of(prompt.demand),
        }

    async def answer(self, question: Question, salt: str, stream: EventStream) -> None:
        """Writes the reply of a question, and before that its place while it waits.

        Raises:
            RefusalError: It cannot be answered.
        """
        prompt = self._prompt(question, salt)
        if not self._room.could_have(prompt.demand):
            raise RefusalError(400, f"the KV of {prompt.demand.prompt_tokens:,} tokens does not fit into the engine's")

        async def tell(place: int) -> None:
            await stream.write({"choices": [], "repoask": {"place": place}})

        async with self._admission.enter(
            prompt.demand, look_up=lambda: self._look_up(prompt), tell=tell, remind_s=_REMIND_S
        ) as guest:
            reminding = asyncio.create_task(_remind(stream))
            try:
                await self._generate(prompt, guest, stream)
            finally:
                reminding.cancel()
        await stream.end()

    async def _generate(self, prompt: AskedPrompt, guest: Guest, stream: EventStream) -> None:
        name = f"repoask-{uuid.uuid4().hex}"
        shape = {"id": name, "object": "text_completion", "model": prompt.question.model}
        is_alone = self._engine.num_requests == 0
        ids = prompt.ids()
        arrived = first = last = time.time()
        num_written = 0
        self._prefills[name] = None
        outputs = self._engine.generate(ids, prompt.question, request_id=name, salt=prompt.salt, adapter=prompt.adapter)
        try:
            async with aclosing(outputs):
                async for output in outputs:
                    last = time.time()
                    if guest.is_computing:
                        first = last
                        self._admission.computed(guest)
                        if is_alone and self._engine.num_requests <= 1:
                            self._pace.note(len(ids) - (output.num_cached_tokens or 0), first - arrived)
                    written = output.outputs[0]
                    num_written += len(written.token_ids)
                    if written.text or written.finish_reason:
                        choice = {"index": 0, "text": written.text, "finish_reason": written.finish_reason}
                        await stream.write({**shape, "choices": [choice]})
        finally:
            cached, restored = self._prefills.pop(name) or (0, 0)
        usage = {
            "prompt_tokens": len(ids),
            "completion_tokens": num_written,
            "total_tokens": len(ids) + num_written,
            "prompt_tokens_details": {"cached_tokens": cached, "restored_tokens": restored},
        }
        times = {"arrived": arrived, "first": first, "last": last}
        await stream.write({**shape, "choices": [], "usage": usage, "repoask": {"times": times}})

    def _prompt(self, question: Question, salt: str) -> AskedPrompt:
        adapter = self._engine.adapter(question.model)
        segments = self._store.get(salt, question.segments)
        limit = self._engine.limits.max_model_len
        return asked_prompt(question, segments, salt=salt, adapter=adapter, max_model_len=limit)

    async def _cached(self, prompt: AskedPrompt) -> tuple[int, int]:
        """Tokens that the engine holds, and those beyond them that come back from outside of it."""
        assert self._residency is not None
        assert self._groups is not None
        num_tokens, block_size = prompt.demand.prompt_tokens, self._engine.limits.block_size
        hashes = await self._hashes(prompt)
        cached = cached_tokens(
            [self._engine.external_key(each) for each in hashes],
            num_tokens=num_tokens,
            block_size=block_size,
            groups=self._groups,
            held=self._residency.held,
        )
        if self._on_disk is None:
            return cached, 0
        # the last token is computed in any case, and what comes back comes in chunks
        on_disk = await asyncio.to_thread(self._on_disk, hashes[: (num_tokens - 1) // block_size])
        return cached, max(0, on_disk * block_size - cached)

    async def _look_up(self, prompt: AskedPrompt) -> Callable[[int], bool]:
        if self._residency is None or self._groups is None:
            return lambda _: False
        held, block_size = self._residency.held, self._engine.limits.block_size
        keys = [self._engine.external_key(each) for each in await self._hashes(prompt)]
        # layers that see a part alone need, if anything, what these have as well
        groups = [held[number] for group in self._groups if group.kind is Kind.ALL for number in group.ids]

        def is_cached(num_tokens: int) -> bool:
            index = num_tokens // block_size - 1
            return index < 0 or all(keys[index] in blocks for blocks in groups or held)

        return is_cached

    async def _hashes(self, prompt: AskedPrompt) -> list[bytes]:
        hash_block = self._engine.block_hash(salt=prompt.salt, adapter=prompt.adapter)
        async with self._hashing:
            return await asyncio.to_thread(
                self._hasher.hashes,
                prompt.demand.prefixes,
                prompt.segments,
                prompt.question.tail,
                hash_block=hash_block,
            )

    def _note_prefill(self, name: str, cached: int, restored: int) -> None:
        # a preempted request computes its prompt twice: the first time counts
        if name in self._prefills and self._prefills[name] is None:
            self._prefills[name] = (cached, restored)


async def _remind(stream: EventStream) -> None:
    """Tells every so often that the request was let in and is worked on: a long prompt takes its time."""
    while True:
        await asyncio.sleep(_REMIND_S)
        await stream.write({"choices": [], "repoask": {"place": 0}})
