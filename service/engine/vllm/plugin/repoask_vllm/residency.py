"""Which blocks of KV the engine holds, as its events tell. Knows no prompts.

vLLM publishes what it stores and removes (`--kv-events-config`, `vllm/distributed/kv_events.py`) in numbered batches.
A batch that is missed leaves this ignorant of what it told: then it begins anew, and knows of less than there is.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

__all__ = ["Residency", "follow_events"]

# what is computed on, be it a GPU or not; blocks in host memory and on disk go by other names
_MEDIUM = "GPU"
_LOGGER = logging.getLogger(__name__)


class Residency:
    """The blocks that are held, of each group of layers. A block may be held more than once."""

    def __init__(self, num_groups: int) -> None:
        """Nothing is held."""
        self._held: list[Counter[int]] = [Counter() for _ in range(num_groups)]
        self._next: int | None = None

    @property
    def held(self) -> Sequence[Mapping[int, int]]:
        """By group: how often each block is held."""
        return self._held

    def note(self, sequence: int, events: Sequence[Mapping[str, Any]]) -> None:
        """Takes over a batch of events."""
        expected, self._next = self._next, sequence + 1
        if sequence != (expected or 0):
            _LOGGER.warning("batches of KV events were missed before %d; forecasts know less than is cached", sequence)
            self._clear()
        for event in events:
            self._note(event)

    def _note(self, event: Mapping[str, Any]) -> None:
        kind = event.get("type")
        if kind == "AllBlocksCleared":
            self._clear()
            return
        group = event.get("group_idx") or 0
        if event.get("medium") not in {None, _MEDIUM} or group >= len(self._held):
            return
        held = self._held[group]
        if kind == "BlockStored":
            held.update(event["block_hashes"])
        elif kind == "BlockRemoved":
            for block in event["block_hashes"]:
                if held[block] > 1:
                    held[block] -= 1
                else:
                    held.pop(block, None)

    def _clear(self) -> None:
        for held in self._held:
            held.clear()


async def follow_events(endpoint: str, topic: str, residency: Residency, *, on_change: Callable[[], None]) -> None:
    """Follows an engine's events until cancelled.

    Args:
        endpoint: Where it publishes.
        topic: Of its messages.
        residency: Is told.
        on_change: Called after each batch.
    """
    import msgspec
    import zmq
    import zmq.asyncio

    with zmq.asyncio.Context() as context, context.socket(zmq.SUB) as socket:
        socket.set_hwm(0)
        socket.setsockopt_string(zmq.SUBSCRIBE, topic)
        socket.connect(endpoint)
        while True:
            _, sequence, payload = await socket.recv_multipart()
            # [time, events, rank]
            _, events, *_ = msgspec.msgpack.decode(payload)
            residency.note(int.from_bytes(sequence, "big"), events)
            on_change()
            # a burst of batches must not keep questions waiting
            await asyncio.sleep(0)
