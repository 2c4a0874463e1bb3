"""Chunks cover every line once, end at syntax boundaries, and are named after what they hold."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repoask.context.index.chunker import chunk, cut
from repoask.ingest.symbols.parser import parse
from repoask.ingest.types import Definition, Syntax

SAMPLES = Path(__file__).parents[2] / "ingest/symbols/samples"
LANGUAGES = sorted(path.stem for path in SAMPLES.glob("*.txt"))

FRAGMENTS = [
    "\n", "\n\n", "\x0c", "\u2028", "\r", "\x85", "\x00", "é", "🎉", "  ", "\t", "{", "}", "(", ")", "[", "]", "<", ">",
    '"', "'", "`", "#", "//", "/*", "*/", "--", ":", ";", "=", "- ", "# ", "| ", "```", "===", "---", "end", "do",
    "def f(a):", "class A", "function g()", "fn h()", "if x", "return 1", "import a", "key: value", "<div>", "</div>",
    "word ", "a long line " * 40,
]  # fmt: skip


def lines_of(text: str) -> list[str]:
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


def assert_covers(text: str, syntax: Syntax) -> None:
    chunks = chunk(text, syntax)
    assert [line for piece in chunks for line in piece.text.split("\n")] == lines_of(text)
    expected = 1
    for piece in chunks:
        assert piece.start == expected
        assert piece.end >= piece.start
        assert len(piece.text) <= 4_000 or piece.start == piece.end
        expected = piece.end + 1
    assert expected == len(lines_of(text)) + 1


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=60, deadline=None)
@given(pieces=st.lists(st.sampled_from(FRAGMENTS), max_size=120))
def test_chunks_cover_every_line_once_in_every_language(language: str, pieces: list[str]) -> None:
    text = "".join(pieces)
    assert_covers(text, parse(text, language))


@settings(max_examples=200, deadline=None)
@given(text=st.text())
def test_chunks_cover_arbitrary_text(text: str) -> None:
    assert_covers(text, Syntax())
    assert_covers(text, parse(text, "python"))


@settings(max_examples=200, deadline=None)
@given(
    text=st.lists(st.text(max_size=90), max_size=150).map("\n".join),
    cuts=st.dictionaries(st.integers(1, 300), st.integers(0, 6), max_size=60),
)
def test_chunks_cover_every_line_whatever_the_cuts(text: str, cuts: dict[int, int]) -> None:
    assert_covers(text, Syntax(cuts=tuple(sorted(cuts.items()))))


@pytest.mark.parametrize(
    ("text", "spans"),
    [("", []), ("a", [(1, 1)]), ("a\n", [(1, 1)]), ("a\nb", [(1, 2)]), ("a\nb\n", [(1, 2)]), ("\n", [(1, 1)])],
)
def test_lines_are_counted_as_git_counts_them(text: str, spans: list[tuple[int, int]]) -> None:
    assert cut(text, Syntax()) == spans


def function(name: str, num_lines: int) -> str:
    return f"def {name}():\n" + "".join(f"    value_{n} = compute({n}, other)\n" for n in range(num_lines)) + "\n\n"


def test_small_neighbours_are_joined() -> None:
    text = "".join(function(f"f{n}", 3) for n in range(4))
    assert len(chunk(text, parse(text, "python"))) == 1


def test_functions_of_chunk_size_get_a_chunk_each() -> None:
    text = function("first", 35) + function("second", 35)
    chunks = chunk(text, parse(text, "python"))
    assert [(piece.symbol, piece.kind, piece.start) for piece in chunks] == [
        ("first", "function", 1),
        ("second", "function", 39),
    ]


def test_blank_lines_belong_to_the_chunk_before_them() -> None:
    text = function("first", 35) + function("second", 35)
    for piece in chunk(text, parse(text, "python")):
        assert piece.text.split("\n")[0].strip()


def test_large_class_is_split_at_its_methods() -> None:
    methods = "".join("    " + line + "\n" for n in range(3) for line in function(f"m{n}", 25).rstrip().split("\n"))
    text = 'class Big:\n    """Says much."""\n\n' + methods
    chunks = chunk(text, parse(text, "python"))
    assert [piece.text.split("\n")[0].strip() for piece in chunks] == ["class Big:", "def m1():", "def m2():"]
    assert [piece.symbol for piece in chunks] == ["Big.m0", "Big.m1", "Big.m2"]


@settings(max_examples=60, deadline=None)
@given(sizes=st.lists(st.tuples(st.integers(1, 6), st.integers(1, 120)), min_size=1, max_size=6))
def test_no_chunk_ends_in_the_head_of_what_stands_below(sizes: list[tuple[int, int]]) -> None:
    parts = [f"class C{n}:\n" + f"    x = {n}\n" * small + indented(large) for n, (small, large) in enumerate(sizes)]
    text = "".join(function("f", small) + part for (small, _), part in zip(sizes, parts, strict=True))
    for piece in chunk(text, parse(text, "python")):
        assert not piece.text.rstrip().split("\n")[-1].lstrip().startswith(("class ", "def "))


def indented(num_lines: int) -> str:
    return "".join(f"    {line}\n" for line in function("method", num_lines).rstrip().split("\n")) + "\n\n"


def test_large_function_is_split_at_its_statements() -> None:
    body = "".join(f"    if condition_{n}:\n        act({n})\n        act_again({n})\n" for n in range(60))
    text = "def long():\n" + body
    chunks = chunk(text, parse(text, "python"))
    assert len(chunks) > 2
    assert {piece.symbol for piece in chunks} == {"long"}
    assert all(piece.text.lstrip().startswith(("if condition_", "def long")) for piece in chunks)


def test_comment_stays_with_the_definition_below_it() -> None:
    text = function("first", 40) + "# about second\n" + function("second", 40)
    assert chunk(text, parse(text, "python"))[1].text.startswith("# about second\ndef second")


def test_markdown_is_cut_at_headings() -> None:
    text = "".join(f"## Part {n}\n\n" + "Some words of prose here.\n\n" * 40 for n in range(4))
    assert all(piece.text.startswith("## Part") for piece in chunk(text, parse(text, "markdown")))


def test_text_without_syntax_is_cut_after_blank_lines() -> None:
    text = ("a line of some forty characters or so..\n" * 25 + "\n") * 6
    chunks = chunk(text, Syntax())
    assert len(chunks) > 3
    assert all(piece.text.split("\n")[-1] == "" for piece in chunks)


def test_one_very_long_line_is_a_chunk_of_its_own() -> None:
    text = "short\n" + "x" * 10_000 + "\nshort\n"
    assert [(piece.start, piece.end) for piece in chunk(text, Syntax())] == [(1, 1), (2, 2), (3, 3)]


def test_thousands_of_blank_lines_do_not_make_one_endless_chunk() -> None:
    chunks = chunk("a\n" + "\n" * 20_000 + "b\n", Syntax())
    assert max(len(piece.text) for piece in chunks) <= 4_000


def test_chunk_of_several_small_definitions_is_named_after_what_holds_them() -> None:
    text = "class Small:\n" + "".join(f"    def m{n}(self):\n        return {n}\n\n" for n in range(5))
    assert [(piece.symbol, piece.kind) for piece in chunk(text, parse(text, "python"))] == [("Small", "class")]


def test_chunk_with_nothing_in_common_has_no_name() -> None:
    text = function("a", 4) + function("b", 4)
    assert chunk(text, parse(text, "python"))[0].symbol == ""


def test_name_is_that_of_the_outermost_definition_that_fills_the_chunk() -> None:
    definitions = (
        Definition("outer", "outer", "function", 1, 10, 1),
        Definition("inner", "outer.inner", "function", 2, 9, 2),
    )
    text = "line\n" * 10
    assert chunk(text, Syntax(definitions=definitions))[0].symbol == "outer"


def test_many_definitions_in_one_long_file_take_no_quadratic_time() -> None:
    definitions = tuple(Definition(f"f{n}", f"f{n}", "function", n, n, n) for n in range(1, 40_001))
    text = "x = some_value_of_forty_characters_or_so\n" * 40_000
    assert len(chunk(text, Syntax(definitions=definitions))) > 900
