import pytest
from repoask.ingest.symbols.dialects import dialect_of, mend
from repoask.ingest.symbols.parser import parse


def outline(text: str, language: str) -> list[tuple[str, str, int, int]]:
    return [(d.kind, d.qualified_name, d.start, d.end) for d in parse(text, language).definitions]


def test_header_that_is_cpp_is_read_as_cpp() -> None:
    text = "#pragma once\nnamespace shop {\nclass Cart {\n public:\n  int total() const { return 1; }\n};\n}\n"
    assert outline(text, "c") == [
        ("module", "shop", 2, 7),
        ("class", "shop.Cart", 3, 6),
        ("method", "shop.Cart.total", 5, 5),
    ]


@pytest.mark.parametrize("text", ["int f(void);\n", "/* a\n * class A\n */\nstruct class_a { int b; };\n"])
def test_header_that_is_c_stays_c(text: str) -> None:
    assert dialect_of(text.encode(), "c") == "c"


def test_macro_before_a_declaration_costs_nothing() -> None:
    text = "\nLUAI_FUNC const char *name (int key);\nJEMALLOC_INLINE bool\nis_open(int fd) {\n  return fd > 0;\n}\n"
    assert outline(text, "c") == [("declaration", "name", 2, 2), ("function", "is_open", 3, 6)]


def test_macro_around_a_namespace_costs_nothing() -> None:
    text = "\nFMT_BEGIN_NAMESPACE\nnamespace detail {\nclass FMT_API buffer {\n  int size_;\n};\n}\nFMT_END_NAMESPACE\n"
    assert outline(text, "cpp") == [
        ("module", "detail", 3, 7),
        ("class", "detail.buffer", 4, 6),
        ("field", "detail.buffer.size_", 5, 5),
    ]


def test_macro_before_a_constructor_costs_nothing() -> None:
    text = "class node {\n  template <typename T> FMT_CONSTEXPR20 node(T a) {}\n  int b;\n};\n#define A_API inline\n"
    assert outline(text, "cpp") == [
        ("class", "node", 1, 4),
        ("method", "node.node", 2, 2),
        ("field", "node.b", 3, 3),
        ("macro", "A_API", 5, 5),
    ]


def test_type_in_capitals_above_a_function_stays() -> None:
    assert outline("DWORD_PTR\nhandle(int a)\n{\n  return a;\n}\n", "c") == [("function", "handle", 1, 5)]


def test_specialization_is_named_after_its_template() -> None:
    text = "template <typename C>\nstruct formatter<std::vector<int>, C> {\n  int width;\n};\n"
    assert outline(text, "cpp") == [("struct", "formatter", 1, 4), ("field", "formatter.width", 3, 3)]


def test_operator_keeps_its_signs() -> None:
    text = "struct P {\n  bool operator<=>(P o) { return true; }\n};\n"
    assert outline(text, "cpp")[1][1] == "P.operator<=>"


@pytest.mark.parametrize(
    "line",
    [
        "  (( $+commands[git] )) || return",
        "  if (( ! ${+commands[uv]} )); then return; fi",
        '  local -a found=("${(@f)$(ls)}")',
        "  local dir=${0:A:h}",
        "  for f in n-*(on); do echo $f; done",
        "  build &|",
        "  diff =(ls) =(ls -a)",
        '  () { echo "${1}" }',
    ],
)
def test_zsh_that_bash_does_not_know_costs_no_function(line: str) -> None:
    before, after = "function before() {\n  echo a\n}\n", "() {\n  echo b\n}\nafter() {\n  echo c\n}\n"
    text = f"{before}function holds() {{\n{line}\n}}\n{after}"
    assert outline(text, "bash") == [
        ("function", "before", 1, 3),
        ("function", "holds", 4, 6),
        ("function", "after", 10, 12),
    ]


def test_psql_commands_and_operators_of_extensions_cost_no_statement() -> None:
    text = "\\echo Use this file\nSELECT a <-> b FROM t;\nCREATE TABLE u (id int);\n"
    assert ("table", "u", 3, 3) in outline(text, "sql")
    assert parse(text, "sql").references[0].name == "t"


@pytest.mark.parametrize("language", ["bash", "c", "cpp", "sql", "python"])
def test_mending_keeps_length_and_lines(language: str) -> None:
    data = b"FMT_BEGIN\n  FMT_API int f();\n$+a ${(f)b} x &!\n\\d t\nclass API_X y {\n\xff\xfe\n"
    mended = mend(data, language)
    assert len(mended) == len(data)
    assert [i for i, byte in enumerate(mended) if byte == 10] == [i for i, byte in enumerate(data) if byte == 10]
