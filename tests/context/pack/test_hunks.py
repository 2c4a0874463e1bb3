import pytest
from hypothesis import given
from hypothesis import strategies as st
from repoask.context.pack.format import Hunk
from repoask.context.pack.hunks import find_hunks, widen

_lines = st.lists(st.sampled_from(["a", "b {", "    c", "        d", "\t", "", "}", "    }", "\f"]), max_size=30)


def _applied(old: list[str], new: list[str], hunks: list[Hunk]) -> list[str]:
    result, at = [], 0
    for hunk in hunks:
        assert at <= hunk.old_start
        result += old[at : hunk.old_start] + new[hunk.new_start : hunk.new_end]
        at = hunk.old_end
    return result + old[at:]


@given(_lines, _lines)
def test_hunks_turn_one_version_into_the_other(old: list[str], new: list[str]) -> None:
    hunks = find_hunks(old, new)
    assert _applied(old, new, hunks) == new
    assert bool(hunks) == (old != new)


@given(_lines, _lines)
def test_widened_hunks_make_the_same_change(old: list[str], new: list[str]) -> None:
    assert _applied(old, new, widen(find_hunks(old, new), new)) == new


_CLASS = """\
class Service:

    def one(self):
        a = 1

        if a:
            a = 2
        return a

    def two(self):
        return 2
"""
_ALLMAN = """\
int one()
{
    int a = 1;
    return a;
}

int two()
{
    return 2;
}
"""


@pytest.mark.parametrize(
    ("text", "old", "new", "shown"),
    [
        (_CLASS * 40, "a = 2\n        return a\n\n    def two", "a = 3\n        return a\n\n    def two", (0, 11)),
        (_ALLMAN, "a = 1", "a = 5", (0, 5)),
        (_ALLMAN, "    int a = 1;\n", "", (0, 4)),
    ],
)
def test_a_change_brings_the_block_around_it_whole(text: str, old: str, new: str, shown: tuple[int, int]) -> None:
    before, after = text.split("\n")[:-1], text.replace(old, new, 1).split("\n")[:-1]
    (hunk,) = widen(find_hunks(before, after), after)
    assert (hunk.new_start, hunk.new_end) == shown


def test_a_long_function_gives_only_the_lines_around_a_change() -> None:
    old = ["def long():", *(f"    line_{number} = {'x' * 40}" for number in range(200))]
    new = [*old[:100], "    changed = 1", *old[101:]]
    assert widen(find_hunks(old, new), new) == [Hunk(97, 104, 97, 104)]


def test_lines_that_repeat_ten_thousand_times_are_compared_soon() -> None:
    old = ["{", "}"] * 10_000
    new = [*old[:9_000], "x", *old[9_001:], "y"]
    assert _applied(old, new, find_hunks(old, new)) == new
