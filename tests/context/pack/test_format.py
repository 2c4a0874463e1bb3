import os

from hypothesis import example, given
from hypothesis import strategies as st
from repoask.context.pack.format import (
    escape,
    file,
    join_lines,
    path_attribute,
    path_of_attribute,
    split_lines,
    unescape,
)
from repoask.context.pack.reader import parse

_TAGS = [
    '<file path="',
    '<patch path="',
    '<lines old="',
    '<deleted path="',
    '<renamed from="',
    '<update revision="',
    '<current revision="',
    '<rules format="',
    "</file>",
    "</patch>",
    "</lines>",
    "</rules>",
]
texts = st.lists(st.sampled_from([*_TAGS, "<", "\\", "/", "\n", "x", "\r", "\f", "\u2028", "é"])).map("".join)


@given(texts)
@example("<" + "\\" * 9 + "/file>")
def test_an_escaped_text_comes_back_and_holds_no_tag(text: str) -> None:
    escaped = escape(text)
    assert unescape(escaped) == text
    assert not any(tag in escaped for tag in _TAGS)


def test_ordinary_markup_is_left_alone() -> None:
    text = '<file name="a"> <files path="b"> </File> <lines> <\\b> <update>'
    assert escape(text) == text


@given(texts)
def test_lines_are_cut_at_line_feeds_alone(text: str) -> None:
    lines, newline = split_lines(text)
    assert join_lines(lines, newline) == text
    assert len(lines) == text.count("\n") + (not text.endswith("\n") and bool(text))


@given(st.binary(min_size=1).map(os.fsdecode))
@example('a"b<c>%41.py')
@example("bell\x07\u2028.py")
@example(os.fsdecode(b"latin-\xe9.py"))
def test_a_path_of_any_bytes_comes_back_from_its_attribute(path: str) -> None:
    value = path_attribute(path)
    assert path_of_attribute(value) == path
    assert value.isprintable() or not path.isprintable()
    assert not set('"<>\n') & set(value)
    value.encode("utf-8")


@given(st.binary(min_size=1).map(os.fsdecode), texts)
def test_a_file_section_says_its_path_and_its_text(path: str, text: str) -> None:
    (section,) = parse("".join(piece.text for piece in file(path, text, "content")))
    assert (section.path, section.text) == (path, text)
