import pytest
from repoask.ingest.symbols.grammars import has_grammar
from repoask.ingest.symbols.parser import parse
from repoask.ingest.types import Syntax


def outline(text: str, language: str) -> list[tuple[str, str, int, int]]:
    return [(d.kind, d.qualified_name, d.start, d.end) for d in parse(text, language).definitions]


@pytest.mark.parametrize("language", ["", "klingon", "text"])
def test_language_without_a_grammar_is_empty_and_ok(language: str) -> None:
    assert not has_grammar(language)
    assert parse("def f(): pass\n", language) == Syntax()


@pytest.mark.parametrize("text", ["", "\n", "\n\n\n", "   ", "\x0c"])
def test_text_without_code_is_ok_and_defines_nothing(text: str) -> None:
    syntax = parse(text, "python")
    assert syntax.ok
    assert syntax.definitions == ()


def test_decorators_and_leading_comments_belong_to_the_definition() -> None:
    text = "import a\n\n# first\n# second\n@cached\n@timed\ndef f():\n    pass\n"
    assert outline(text, "python") == [("function", "f", 3, 8)]


def test_comment_apart_from_a_definition_does_not_belong_to_it() -> None:
    assert outline("# licence\n\ndef f():\n    pass\n", "python") == [("function", "f", 3, 4)]


def test_comment_behind_code_does_not_belong_to_the_next_line() -> None:
    assert outline("x = 1  # why\ndef f():\n    pass\n", "python")[1] == ("function", "f", 2, 3)


def test_lines_are_those_of_newlines_alone() -> None:
    text = "a = 1\x0c\u2028\x85\ndef f():\n    return g()\n"
    syntax = parse(text, "python")
    assert syntax.definitions[-1].start == 2
    assert [(use.name, use.line) for use in syntax.references] == [("g", 3)]


def test_names_behind_wide_characters_are_read_whole() -> None:
    syntax = parse('s = "日本語 🎉"; größe(1)\n\n\ndef naïve():\n    pass\n', "python")
    assert [use.name for use in syntax.references] == ["größe"]
    assert syntax.definitions[-1].name == "naïve"


def test_broken_code_keeps_what_could_be_read() -> None:
    text = "def good():\n    return 1\n\n\ndef broken(:\n    ((\n\n\ndef fine():\n    return 2\n"
    assert "good" in {d.name for d in parse(text, "python").definitions}


def test_text_of_another_language_is_not_ok() -> None:
    c = "static int f(struct a *b, int c) {\n  if (b->x && !c) { return -1; }\n  while (*p++ = *q++);\n}\n" * 20
    assert parse(c, "c").ok
    assert parse(c, "python") == Syntax(ok=False)


def test_text_over_the_size_limit_is_not_parsed() -> None:
    assert parse("x = 1\n" * 400_000, "python") == Syntax(ok=False)


# Each of these crashed the process or took longer than 8 s before it was refused.
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "(" * 20_000),
        ("json", "[" * 200_000),
        ("java", "a<" * 20_000),
        ("csharp", "a<" * 20_000),
        ("rust", "%w(" * 20_000),
        ("javascript", "`${" * 20_000),
        ("yaml", "- " * 20_000),
        ("yaml", "\n".join(" " * depth + "a:" for depth in range(1_500))),
        ("markdown", "> " * 20_000),
        ("markdown", "\n".join("  " * depth + "- a" for depth in range(1_300))),
    ],
)
def test_hostile_nesting_is_refused(language: str, text: str) -> None:
    assert parse(text, language) == Syntax(ok=False)


def test_nesting_without_brackets_is_read_in_bounded_depth() -> None:
    assert len(parse("if a then " * 20_000, "elixir").references) < 1_000


@pytest.mark.parametrize("language", ["python", "c", "ruby", "markdown", "yaml", "html", "haskell"])
@pytest.mark.parametrize("text", ["\x00" * 500, "\ud800\udfff", "'" * 3_000, "<" * 300, "\\" * 3_000, "\t" * 3_000])
def test_odd_bytes_do_not_raise(language: str, text: str) -> None:
    assert isinstance(parse(text, language), Syntax)


def test_deeply_nested_definitions_do_not_grow_without_bound() -> None:
    text = "\n".join(" " * depth + f"def f{depth}():" for depth in range(90)) + "\n" + " " * 90 + "pass\n"
    assert max(len(d.qualified_name) for d in parse(text, "python").definitions) < 300


def test_same_text_gives_the_same_syntax() -> None:
    text = "from a import b\nclass C(b):\n    def d(self): return e(f(), f(), g())\n" * 30
    assert parse(text, "python") == parse(text, "python")


def test_headings_outrank_the_paragraphs_between_them() -> None:
    cuts = dict(parse("# A\n\ntext\n\n## B\n\nmore\n" + "\nand more\n" * 20, "markdown").cuts)
    assert cuts[5] < cuts[3]


def test_section_of_a_flat_heading_lasts_until_the_next() -> None:
    text = "One\n===\n\ntext\n\nTwo\n===\n\ntext\n"
    assert outline(text, "rst") == [("section", "One", 1, 5), ("section", "Two", 6, 9)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("zig", "const S = struct {\n    /// one\n    /// two\n    pub fn f() void {}\n};\n", ("method", "S.f", 2, 4)),
        ("kotlin", "@Throws(E::class)\nfun read() {\n}\n", ("function", "read", 1, 3)),
        ("haskell", "class A a where\n  f :: a -> a\n  g :: a\n  g = f g\n", ("method", "A.g", 3, 3)),
        ("elixir", 'defmodule A do\n  @doc "x"\n  @callback f(term) :: term\nend\n', ("declaration", "A.f", 2, 3)),
    ],
)
def test_what_leads_to_a_definition_is_in_its_span(
    language: str, text: str, expected: tuple[str, str, int, int]
) -> None:
    assert outline(text, language)[-1] == expected


def test_haskell_operators_and_families_are_definitions() -> None:
    text = (
        "data family Box a\ntype family Elem a\nclass Join a where\n  (<+>) :: a -> a\n  one, two :: a\n\n"
        "(+++) :: [a] -> [a] -> [a]\nxs +++ ys = xs\n\n(***) a b = a\n\ndata T = Int :+: Int\n"
    )
    assert [(kind, name) for kind, name, _, _ in outline(text, "haskell")] == [
        ("type", "Box"),
        ("type", "Elem"),
        ("interface", "Join"),
        ("method", "Join.<+>"),
        ("method", "Join.one"),
        ("method", "Join.two"),
        ("function", "+++"),
        ("function", "***"),
        ("type", "T"),
        ("constant", "T.:+:"),
    ]


def test_names_that_share_a_span_stand_side_by_side() -> None:
    assert [name for _, name, _, _ in outline("struct s {\n  int a, *b;\n};\n", "c")] == ["s", "s.a", "s.b"]


def test_extension_of_a_nested_type_lends_its_whole_name() -> None:
    text = "extension Box.Kind<Int> {\n  func open() {}\n}\n"
    assert outline(text, "swift") == [("method", "Box.Kind.open", 2, 2)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CREATE PROC [dbo].[Pay] AS\nSELECT 1\nGO\nSELECT 2\n", [("function", "dbo.Pay", 1, 2)]),
        ("create procedure a() as $$ begin end $$;\nselect 1;\n", [("function", "a", 1, 1)]),
        ("create procedure\n  b()\nbegin\n  update c set d = 1;\nend;\n", [("function", "b", 1, 5)]),
        ("-- create procedure no\nselect 'create procedure'\n", []),
    ],
)
def test_procedures_of_every_dialect_are_definitions(text: str, expected: list[tuple[str, str, int, int]]) -> None:
    assert [found for found in outline(text, "sql") if found[0] == "function"] == expected
