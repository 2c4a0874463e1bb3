"""Lets requests in when there is room for them, first come first served, and tells those who wait their place.

Requests that share a prefix which another is still computing wait until it is there: sixteen sessions on one pack
cost one prefill. Meanwhile those behind them that share nothing may pass. Knows neither ids nor connections.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from .demand import Demand
from .room import Room

__all__ = ["Admission", "Guest", "IsCached"]

IsCached = Callable[[int], bool]
"""Whether so many tokens at the beginning of a prompt are cached."""


class Guest:
    """A request that waits, or was let in."""

    def __init__(self, demand: Demand) -> None:
        """Waits at first."""
        self.demand = demand
        self.is_cached: IsCached | None = None
        self.is_in = False
        self.is_computing = True
        self.has_moved = asyncio.Event()


class Admission:
    """The queue before the engine."""

    def __init__(self, room: Room, *, max_running: int) -> None:
        """Nobody waits.

        Args:
            room: For KV.
            max_running: So many requests the engine runs at once.
        """
        self._room = room
        self._max_running = max_running
        self._waiting: list[Guest] = []
        self._inside: list[Guest] = []

    @property
    def num_waiting(self) -> int:
        """Requests that wait."""
        return len(self._waiting)

    @property
    def num_running(self) -> int:
        """Requests that were let in."""
        return len(self._inside)

    def place_of(self, demand: Demand) -> int:
        """How many go before a request that came now, the one that it has to wait for counted; 0 for none."""
        guest = Guest(demand)
        must_wait = self._waiting or not self._has_room(demand) or self._leader(guest)
        return max(1, len(self._waiting)) if must_wait else 0

    @asynccontextmanager
    async def enter(
        self,
        demand: Demand,
        *,
        look_up: Callable[[], Awaitable[IsCached]],
        tell: Callable[[int], Awaitable[None]],
        remind_s: float,
    ) -> AsyncIterator[Guest]:
        """Waits until there is room; the room is given back at the end, however it comes.

        Args:
            demand: Of the request.
            look_up: Gives what tells of its prompt how much is cached: asked only where another computes a part of it.
            tell: Called with the place, from 1, when it changes and every so often.
            remind_s: How often.
        """
        guest = Guest(demand)
        self._waiting.append(guest)
        try:
            self.let_in()
            if not guest.is_in and self._leader(guest):
                guest.is_cached = await look_up()
                self.let_in()
            while not guest.is_in:
                guest.has_moved.clear()
                await tell(self._waiting.index(guest) + 1)
                try:
                    await asyncio.wait_for(guest.has_moved.wait(), remind_s)
                except TimeoutError:
                    continue
            yield guest
        finally:
            self._leave(guest)

    def computed(self, guest: Guest) -> None:
        """The prompt of a request is computed: who waited for it may go on."""
        if guest.is_computing:
            guest.is_computing = False
            self.let_in()

    def let_in(self) -> None:
        """Lets in who can be; to be called when more may have become cached, too."""
        for guest in list(self._waiting):
            if self._leader(guest):
                continue
            if not self._has_room(guest.demand):
                break
            self._waiting.remove(guest)
            self._inside.append(guest)
            self._room.take(guest.demand)
            guest.is_in = True
            guest.has_moved.set()
            for other in self._waiting:
                other.has_moved.set()

    def _has_room(self, demand: Demand) -> bool:
        # alone, each request is let in: it was refused before, if it could never run
        return not self._inside or (len(self._inside) < self._max_running and self._room.has(demand))

    def _leader(self, guest: Guest) -> bool:
        """Whether another request is computing what this one shares with it."""
        shared = {other: guest.demand.shared_tokens(other.demand) for other in self._inside}
        # what is in use was computed, whether or not the engine's events have told of it yet
        computed = max((shared[other] for other in self._inside if not other.is_computing), default=0)
        return any(
            other.is_computing and shared[other] > computed and not (guest.is_cached and guest.is_cached(shared[other]))
            for other in self._inside
        )

    def _leave(self, guest: Guest) -> None:
        if guest.is_in:
            self._inside.remove(guest)
            self._room.give_back(guest.demand)
        else:
            self._waiting.remove(guest)
        for other in self._waiting:
            other.has_moved.set()
        self.let_in()
