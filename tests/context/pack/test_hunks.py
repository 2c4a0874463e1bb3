from hypothesis import given
from hypothesis import strategies as st
from repoask.context.pack.format import Hunk
from repoask.context.pack.hunks import definition_spans, find_hunks, widen

_lines = st.lists(st.sampled_from(["a", "b", "c", "", "}", "\f"]), max_size=30)
_spans = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)))


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


@given(_lines, _lines, _spans)
def test_widened_hunks_make_the_same_change(old: list[str], new: list[str], spans: list[tuple[int, int]]) -> None:
    within = [(start, end) for start, end in spans if start < end <= len(new)]
    assert _applied(old, new, widen(find_hunks(old, new), new, within)) == new


def test_a_changed_line_brings_its_function_whole() -> None:
    text = "import os\n\n\ndef one():\n    a = 1\n    b = 2\n    c = 3\n    return a\n\n\ndef two():\n    return 2\n"
    old, new = text.split("\n")[:-1], text.replace("c = 3", "c = 4").split("\n")[:-1]
    hunks = widen(find_hunks(old, new), new, definition_spans("a.py", "\n".join(new) + "\n"))
    assert hunks == [Hunk(3, 8, 3, 8)]


def test_a_new_function_leaves_its_neighbours_alone() -> None:
    old = ["def one():", "    return 1", "", "def two():", "    return 2"]
    new = [*old[:3], "def new():", "    return 0", "", *old[3:]]
    (hunk,) = widen(find_hunks(old, new), new, [(0, 2), (3, 5), (6, 8)])
    assert new[hunk.new_start : hunk.new_end][3:6] == ["def new():", "    return 0", ""]
    assert hunk.old_end - hunk.old_start <= 6


def test_a_long_function_gives_only_the_lines_around_a_change() -> None:
    old = ["def long():", *(f"    line_{number} = {'x' * 40}" for number in range(200))]
    new = [*old[:100], "    changed = 1", *old[101:]]
    assert widen(find_hunks(old, new), new, [(0, 201)]) == [Hunk(97, 104, 97, 104)]


def test_lines_that_repeat_ten_thousand_times_are_compared_soon() -> None:
    old = ["{", "}"] * 10_000
    new = [*old[:9_000], "x", *old[9_001:], "y"]
    assert _applied(old, new, find_hunks(old, new)) == new
