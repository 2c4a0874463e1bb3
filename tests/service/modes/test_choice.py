"""The choice of mode, over a real repository of some 5,000 tokens."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from repoask.errors import InputError
from repoask.service.modes.choice import ModeChoice, ModeChooser, estimated_tokens
from repoask.service.modes.reach import Reach, Reserve

QUESTION, BROAD = "where is part1?", "list all the functions"
RESERVE = Reserve(max_tokens=100, evidence_tokens=100, session_tokens=100)
AROUND = 3_000  # more than what stands around a pack


@pytest.fixture
def chooser(repo: Any) -> ModeChooser:
    packs = repo.packs()
    return ModeChooser(
        mode="auto",
        full_tokens=32_000,
        find_reach=Reach,
        reserve=RESERVE,
        estimate=estimated_tokens(repo.view()),
        packs=lambda: packs,
    )


@pytest.fixture
def size(repo: Any) -> int:
    return int(repo.packs().whole().pack.num_tokens)


@pytest.fixture
def choose(chooser: ModeChooser) -> Callable[..., ModeChoice]:
    def choice(question: str, *, reach: Reach | None = None, **changed: Any) -> ModeChoice:
        changed |= {"find_reach": lambda: reach} if reach else {}
        return replace(chooser, **changed).choose(question)

    return choice


def refuse() -> Any:
    raise AssertionError("packed, or asked, only to decide")


def test_what_is_far_over_the_limit_is_told_without_a_pack_or_the_server(choose: Callable[..., ModeChoice]) -> None:
    choice = choose(QUESTION, full_tokens=1_000, packs=refuse, find_reach=refuse)
    assert choice.packed is None
    assert choice.why.startswith("auto: the whole is about ")
    assert choice.why.endswith(", over full_tokens 1,000")


def test_near_the_limit_the_whole_is_counted(choose: Callable[..., ModeChoice], size: int) -> None:
    just, not_quite = choose(QUESTION, full_tokens=size), choose(QUESTION, full_tokens=size - 1)
    assert just.packed is not None
    assert just.why == f"auto: the whole is {size:,} tokens, within full_tokens {size:,}"
    assert not_quite.packed is None
    assert not_quite.why == f"auto: the whole is {size:,} tokens, over full_tokens {size - 1:,}"


def test_a_shorter_context_than_full_tokens_counts(choose: Callable[..., ModeChoice], size: int) -> None:
    assert choose(QUESTION, reach=Reach(limit=size + AROUND)).packed is not None
    missed = choose(QUESTION, reach=Reach(limit=size))
    assert missed.packed is None
    assert f"over what a context of {size:,} has room for" in missed.why


def test_what_needs_everything_gets_it_where_it_is_known_to_fit(choose: Callable[..., ModeChoice], size: int) -> None:
    for reach in (Reach(limit=size + AROUND), Reach(seen=size + AROUND)):
        assert choose(BROAD, full_tokens=1_000, reach=reach).packed is not None
        assert choose(QUESTION, full_tokens=1_000, reach=reach).packed is None
    unknown = choose(BROAD, full_tokens=1_000)
    assert unknown.packed is None
    assert "how much the model reads is not known" in unknown.why
    short = choose(BROAD, full_tokens=1_000, reach=Reach(limit=size))
    assert short.packed is None
    assert "auto: an inventory needs everything, but its " in short.why


def test_mode_full_takes_what_fits(choose: Callable[..., ModeChoice], size: int) -> None:
    whole = choose(QUESTION, mode="full", reach=Reach(limit=size + AROUND))
    assert whole.why == f"mode full: {size:,} tokens"
    some = choose(QUESTION, mode="full", reach=Reach(limit=size // 2 + AROUND))
    assert some.packed is not None
    assert some.packed.num_omitted > 0
    assert f"{some.packed.num_omitted:,} are not in full" in some.why


def test_mode_full_is_refused_where_nothing_is_known_to_fit(choose: Callable[..., ModeChoice]) -> None:
    assert choose(QUESTION, mode="full").packed is not None
    with pytest.raises(InputError, match="not known to read more than 1,000; `repoask doctor` measures it"):
        choose(QUESTION, mode="full", full_tokens=1_000)
    with pytest.raises(InputError, match="a context of 3,000 leaves no room for files"):
        choose(QUESTION, mode="full", reach=Reach(limit=3_000))


def test_the_estimate_is_near_what_is_counted(repo: Any) -> None:
    estimate = estimated_tokens(repo.view())
    # three bytes a token here, 3.8 there
    assert 0.6 * repo.packs().whole().pack.num_tokens < estimate < repo.packs().whole().pack.num_tokens
