"""Parts of a file: what stands there, and which lines they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repoask.context.pack.parts import line_of_file, parts_content, parts_of, parts_text, shown_line

# pairs of the first line and the length of what comes next, made to spans that are apart
gaps = st.lists(st.tuples(st.integers(2, 9), st.integers(1, 9)), min_size=1, max_size=5)


def spans_with(lengths: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    spans, at = [], 0
    for gap, length in lengths:
        spans.append((at + gap, at + gap + length - 1))
        at += gap + length - 1
    return tuple(spans)


def test_lines_are_those_of_git_whatever_else_some_take_for_a_line_end() -> None:
    assert parts_text("one\x0ctwo\u2028three\nfour\n", [(2, 2)]) == "[lines 2-2 of 2]\nfour\n"


def test_no_line_of_a_file_reads_as_the_line_above_a_part() -> None:
    text = "one\n [lines 7-9 of 9]\n[\\lines 1-2 of 3] x\n[lines of code]\n"
    shown = parts_text(text, [(2, 4)])
    assert shown == "[lines 2-4 of 4]\n [\\lines 7-9 of 9]\n[\\\\lines 1-2 of 3] x\n[lines of code]\n"


@given(gaps)
def test_each_shown_line_leads_to_the_line_of_the_file_and_back(lengths: list[tuple[int, int]]) -> None:
    spans = spans_with(lengths)
    shown = parts_text("".join(f"{number}\n" for number in range(1, 100)), spans).splitlines()
    for at, text in enumerate(shown, start=1):
        if text.startswith("["):
            assert line_of_file(spans, at) == int(shown[at])
        else:
            assert line_of_file(spans, at) == int(text)
            assert shown_line(spans, int(text)) == at
    with pytest.raises(IndexError, match="not among those shown"):
        shown_line(spans, spans[0][1] + 1)


@given(gaps)
def test_a_content_names_its_parts(lengths: list[tuple[int, int]]) -> None:
    spans = spans_with(lengths)
    assert parts_of(parts_content("0a1.python.77f", spans)) == spans
    assert parts_of("0a1.python.77f") == ()
    assert parts_of("77f.outline") == ()
