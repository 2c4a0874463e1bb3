"""Several servers as one engine: who is asked, by how a prompt begins, by load and by what is cached."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest
from repoask.errors import EngineUnreachableError
from repoask.service.engine.protocol import (
    Delta,
    EngineInfo,
    Forecast,
    Message,
    Prompt,
    SamplingParams,
    Schema,
    Segment,
)
from repoask.service.engine.replicas import Replicas

PARAMS = SamplingParams(temperature=0.0, seed=0, max_tokens=1)


@dataclass
class _Server:
    """Stands for a server: says its own name, and what the test has it foretell."""

    url: str
    told: Forecast | None = None
    breaks_after: int | None = None
    engine: str = "vllm"
    asked: list[Prompt] = field(default_factory=list)

    @property
    def info(self) -> EngineInfo:
        return EngineInfo("m", self.url, loopback=True, engine=self.engine)

    async def describe(self) -> EngineInfo:
        return self.info

    async def forecast(self, prompt: Prompt, *, salt: str | None = None) -> Forecast | None:
        return self.told

    async def generate(
        self, prompt: Prompt, *, params: SamplingParams, schema: Schema | None = None, salt: str | None = None
    ) -> AsyncGenerator[Delta, None]:
        self.asked.append(prompt)
        for number, text in enumerate((self.url, "!")):
            if number == self.breaks_after:
                raise EngineUnreachableError(f"{self.url}: gone")
            yield Delta(text=text)


def _servers(number: int = 3) -> list[_Server]:
    return [_Server(f"http://127.0.0.1:{port}/v1") for port in range(8000, 8000 + number)]


def _prompt(pack: int, *, sections: int = 1, tail: int = 7) -> Prompt:
    parts = [b"\0\0\0\1", *(bytes([0, pack, section, 2]) for section in range(sections))]
    return Prompt(segments=tuple(map(Segment.of, parts)), token_ids=(tail,))


def _ask(engine: Replicas, prompt: Prompt) -> str:
    async def ask() -> str:
        return "".join([delta.text async for delta in engine.generate(prompt, params=PARAMS)])

    return asyncio.run(ask()).rstrip("!")


def test_a_pack_stays_with_its_server_whoever_lists_the_servers() -> None:
    servers = _servers()
    home = _ask(Replicas(servers), _prompt(1))
    assert _ask(Replicas(servers[::-1]), _prompt(1, tail=9)) == home


def test_a_commit_leaves_a_pack_where_it_is() -> None:
    engine = Replicas(_servers())
    assert {_ask(engine, _prompt(1, sections=number)) for number in range(1, 9)} == {_ask(engine, _prompt(1))}


def test_packs_are_spread_over_the_servers() -> None:
    servers = _servers()
    for pack in range(90):
        _ask(Replicas(servers), _prompt(pack))
    assert min(len(server.asked) for server in servers) >= 15


def test_one_server_less_moves_its_own_packs_alone() -> None:
    servers = _servers()
    before = {pack: _ask(Replicas(servers), _prompt(pack)) for pack in range(60)}
    left = servers[1:]
    after = {pack: _ask(Replicas(left), _prompt(pack)) for pack in range(60)}
    assert all(after[pack] == home for pack, home in before.items() if home != servers[0].url)


def test_sessions_in_messages_stay_with_their_server_too() -> None:
    engine = Replicas(_servers())
    begins = [Prompt(messages=(Message("system", "the pack"), Message("user", str(number)))) for number in range(9)]
    assert len({_ask(engine, prompt) for prompt in begins}) == 1


def test_another_server_is_asked_where_the_pack_is_cached() -> None:
    servers = _servers()
    home = _home_of(servers, _prompt(1))
    for server in servers:
        server.told = Forecast(100_000, 0)
    other = next(server for server in servers if server is not home)
    other.told = Forecast(100_000, 99_000)
    assert _ask(Replicas(servers), _prompt(1)) == other.url


def test_another_server_is_asked_where_the_queue_is_long() -> None:
    servers = _servers()
    home = _home_of(servers, _prompt(1))
    for server in servers:
        server.told = Forecast(10_000, 0)
    home.told = Forecast(10_000, 9_000, place=3)
    assert _ask(Replicas(servers), _prompt(1)) != home.url


def test_little_to_win_moves_nothing() -> None:
    servers = _servers()
    home = _home_of(servers, _prompt(1))
    for server in servers:
        server.told = Forecast(10_000, 9_000)
    home.told = Forecast(10_000, 5_000)
    assert _ask(Replicas(servers), _prompt(1)) == home.url


def test_the_forecast_is_that_of_the_server_that_is_asked() -> None:
    servers = _servers()
    for number, server in enumerate(servers):
        server.told = Forecast(10, number)
    engine = Replicas(servers)
    told = asyncio.run(engine.forecast(_prompt(1)))
    assert told is not None
    assert _ask(engine, _prompt(1)) == servers[told.cached_tokens].url


def test_a_server_that_is_gone_is_passed_over() -> None:
    servers = _servers()
    home = _home_of(servers, _prompt(1))
    home.breaks_after = 0
    engine = Replicas(servers)
    answered = _ask(engine, _prompt(1))
    assert answered != home.url
    assert engine.info.base_url == answered


def test_what_the_servers_are_is_told_by_one_that_is_there() -> None:
    servers = _servers()
    servers[0].engine = ""  # nobody answers
    engine = Replicas(servers)
    assert asyncio.run(engine.describe()).base_url == servers[1].url
    assert engine.info.engine == "vllm"


def test_what_is_told_beside_a_reply_is_of_the_server_that_replies() -> None:
    servers = _servers()
    home = _home_of(servers, _prompt(1))
    engine = Replicas(servers)
    _ask(engine, _prompt(1))
    assert asyncio.run(engine.describe()).base_url == home.url


def test_a_reply_that_has_begun_is_not_begun_again() -> None:
    servers = _servers()
    _home_of(servers, _prompt(1)).breaks_after = 1
    with pytest.raises(EngineUnreachableError):
        _ask(Replicas(servers), _prompt(1))
    assert sum(len(server.asked) for server in servers) == 2


def test_the_error_is_that_of_its_own_server_when_all_are_gone() -> None:
    servers = _servers()
    home = _home_of(servers, _prompt(1))
    for server in servers:
        server.breaks_after = 0
    with pytest.raises(EngineUnreachableError, match=home.url):
        _ask(Replicas(servers), _prompt(1))


def _home_of(servers: list[_Server], prompt: Prompt) -> _Server:
    url = _ask(Replicas(servers), prompt)
    return next(server for server in servers if server.url == url)
