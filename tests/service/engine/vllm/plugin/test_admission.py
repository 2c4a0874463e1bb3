"""Who is let in, who waits for what, and what happens to those who hang up."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from repoask.service.engine.vllm.plugin.repoask_vllm.admission import Admission, Guest
from repoask.service.engine.vllm.plugin.repoask_vllm.demand import Demand, prefixes
from repoask.service.engine.vllm.plugin.repoask_vllm.layers import Kind, LayerGroup
from repoask.service.engine.vllm.plugin.repoask_vllm.room import Room

BLOCK = 16


def demand(*segments: tuple[str, int], tail: int = BLOCK, space: str = "") -> Demand:
    return Demand(prefixes(space, segments), tail, BLOCK)


class Visitor:
    """A request in a task of its own."""

    def __init__(self, admission: Admission, wanted: Demand, *, cached_tokens: int = 0) -> None:
        self.places: list[int] = []
        self.guest: Guest | None = None
        self._admission, self._wanted, self._cached_tokens = admission, wanted, cached_tokens
        self._may_go = asyncio.Event()
        self.task = asyncio.create_task(self._visit())

    @property
    def is_in(self) -> bool:
        return self.guest is not None

    async def _visit(self) -> None:
        async def look_up():  # type: ignore[no-untyped-def]
            return lambda num_tokens: num_tokens <= self._cached_tokens

        async def tell(place: int) -> None:
            self.places.append(place)

        async with self._admission.enter(self._wanted, look_up=look_up, tell=tell, remind_s=60) as self.guest:
            await self._may_go.wait()

    def compute(self) -> None:
        assert self.guest is not None
        self._admission.computed(self.guest)

    async def leave(self) -> None:
        self._may_go.set()
        await self.task


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def admission(num_blocks: int, *, max_running: int = 99) -> Admission:
    room = Room(num_blocks=num_blocks, block_size=BLOCK, groups=[LayerGroup(Kind.ALL, (0,))], in_flight_tokens=BLOCK)
    return Admission(room, max_running=max_running)


def test_who_shares_a_prefix_waits_until_it_is_computed_and_then_all_go() -> None:
    async def run() -> None:
        queue = admission(1000)
        visitors = [Visitor(queue, demand(("pack", 1600), (f"turn{number}", 16))) for number in range(5)]
        await settle()
        assert [visitor.is_in for visitor in visitors] == [True, False, False, False, False]
        assert [visitor.places for visitor in visitors[1:]] == [[1], [2], [3], [4]]
        assert queue.place_of(demand(("pack", 1600))) == 4
        visitors[0].compute()
        await settle()
        assert all(visitor.is_in for visitor in visitors)
        for visitor in visitors:
            await visitor.leave()
        assert (queue.num_waiting, queue.num_running) == (0, 0)

    asyncio.run(run())


def test_what_is_cached_already_is_not_waited_for() -> None:
    async def run() -> None:
        queue = admission(1000)
        first = Visitor(queue, demand(("rules", 160), ("pack", 1600)))
        await settle()
        warm = Visitor(queue, demand(("rules", 160), ("other", 1600)), cached_tokens=160)
        cold = Visitor(queue, demand(("rules", 160), ("pack", 1600)), cached_tokens=160)
        await settle()
        assert (warm.is_in, cold.is_in) == (True, False)
        for visitor in (first, warm, cold):
            await visitor.leave()

    asyncio.run(run())


def test_another_tenant_shares_nothing_and_passes() -> None:
    async def run() -> None:
        queue = admission(1000)
        first = Visitor(queue, demand(("pack", 1600), space="a"))
        await settle()
        waiting = Visitor(queue, demand(("pack", 1600), space="a"))
        stranger = Visitor(queue, demand(("pack", 1600), space="b"))
        await settle()
        assert (first.is_in, waiting.is_in, stranger.is_in) == (True, False, True)
        for visitor in (first, waiting, stranger):
            await visitor.leave()

    asyncio.run(run())


def test_nobody_passes_one_who_waits_for_room() -> None:
    async def run() -> None:
        queue = admission(100)
        big = Visitor(queue, demand(("a", 60 * BLOCK)))
        await settle()
        big.compute()
        second, small = Visitor(queue, demand(("b", 60 * BLOCK))), Visitor(queue, demand(("c", BLOCK)))
        await settle()
        assert (second.places, small.places) == ([1], [2])
        await big.leave()
        await settle()
        assert (second.is_in, small.is_in) == (True, True)
        for visitor in (second, small):
            await visitor.leave()

    asyncio.run(run())


def test_a_shared_prefix_takes_room_once_and_is_given_back_by_the_last() -> None:
    async def run() -> None:
        queue = admission(100)
        async with AsyncExitStack() as stack:
            sharing = [Visitor(queue, demand(("pack", 60 * BLOCK), (name, BLOCK))) for name in "abc"]
            for visitor in sharing:
                stack.push_async_callback(visitor.leave)
            await settle()
            sharing[0].compute()
            await settle()
            assert all(visitor.is_in for visitor in sharing)
            other = Visitor(queue, demand(("other", 60 * BLOCK)))
            stack.push_async_callback(other.leave)
            for visitor in sharing:
                await settle()
                assert not other.is_in
                await visitor.leave()
            await settle()
            assert other.is_in

    asyncio.run(run())


def test_alone_even_one_who_needs_it_all_is_let_in() -> None:
    async def run() -> None:
        queue = admission(10)
        visitor = Visitor(queue, demand(("pack", 500 * BLOCK)))
        await settle()
        assert visitor.is_in
        await visitor.leave()

    asyncio.run(run())


def test_one_who_hangs_up_leaves_the_queue_and_the_others_move_up() -> None:
    async def run() -> None:
        queue = admission(1000, max_running=1)
        visitors = [Visitor(queue, demand((name, BLOCK))) for name in "abc"]
        await settle()
        visitors[1].task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await visitors[1].task
        await settle()
        assert (visitors[2].places, queue.num_waiting) == ([2, 1], 1)
        visitors[0].task.cancel()
        await settle()
        assert visitors[2].is_in
        await visitors[2].leave()

    asyncio.run(run())


def test_one_who_waited_for_a_prefix_that_nobody_computes_any_more_computes_it() -> None:
    async def run() -> None:
        queue = admission(1000)
        visitors = [Visitor(queue, demand(("pack", 1600))) for _ in range(3)]
        await settle()
        visitors[0].task.cancel()
        await settle()
        assert [visitor.is_in for visitor in visitors[1:]] == [True, False]
        for visitor in visitors[1:]:
            await visitor.leave()

    asyncio.run(run())
