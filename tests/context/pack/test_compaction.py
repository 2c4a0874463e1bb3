import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from repoask.context.pack.compaction import choose_cut


def _column(*values: int) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def test_a_log_without_superseded_text_is_left_alone() -> None:
    sizes = _column(10, 100, 100)
    assert choose_cut(sizes, sizes, first=1, before=3, theta=0.2) is None


def test_little_superseded_text_far_from_the_end_is_left_alone() -> None:
    assert choose_cut(_column(10, 100, 900), _column(10, 0, 900), first=1, before=3, theta=0.2) is None


def test_the_cut_is_where_it_frees_most_for_what_it_costs() -> None:
    sizes = _column(10, 1_000, 200, 50, 100)
    lives = _column(10, 900, 20, 50, 40)
    assert choose_cut(sizes, lives, first=1, before=5, theta=0.2) == 2


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=30), st.sampled_from([0.05, 0.2, 0.5]))
def test_superseded_text_is_never_over_theta_of_what_is_left(entries: list[tuple[int, int]], theta: float) -> None:
    lives = _column(*(live for live, _ in entries))
    sizes = lives + _column(*(dead for _, dead in entries))
    cut = choose_cut(sizes, lives, first=0, before=len(entries), theta=theta)
    rewritten = np.concatenate([sizes[:cut], lives[cut:]]) if cut is not None else sizes
    assert rewritten.sum() - lives.sum() <= theta / (1 + theta) * rewritten.sum() + 1e-6


def test_no_cut_comes_at_or_after_the_last_one() -> None:
    sizes, lives = _column(10, 100, 100), _column(10, 100, 0)
    assert choose_cut(sizes, lives, first=1, before=2, theta=0.2) == 1
    assert choose_cut(sizes, lives, first=1, before=1, theta=0.2) is None
