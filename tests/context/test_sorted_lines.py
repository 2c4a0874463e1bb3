"""Lines in order: those that begin so, and no others."""

import pytest
from repoask.context.sorted_lines import SortedLines

LINES = ["a: 1", "ab: 2", "ab c: 3", "abc: 4", "b: 5", "zz: 6"]


@pytest.fixture
def lines(tmp_path):
    file = tmp_path / "lines.txt"
    file.write_text("".join(f"{line}\n" for line in sorted(LINES)))
    return SortedLines(file)


@pytest.mark.parametrize("prefix", ["", "a", "ab", "ab ", "abc: 4", "abcd", "b", "0", "zz", "zzz", "é", "\ud800", "A"])
def test_the_lines_that_begin_so_are_given_in_order(lines, prefix):
    assert list(lines.beginning_with(prefix)) == [line for line in sorted(LINES) if line.startswith(prefix)]


def test_an_empty_file_has_no_lines(tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    assert list(SortedLines(tmp_path / "empty.txt").beginning_with("a")) == []
