"""What is meant as a quote, and what verifies one."""

import pytest
from repoask.context.quotes import contains, is_quote, verifies

LINES = [
    "def load(path):",
    "    # Opens the file",
    "    # and reads it.",
    "    data = path.read_bytes()",
    "    return 42",
]


@pytest.mark.parametrize(
    "quote",
    [
        "return 42",
        "if banana:",
        "retries = 5",
        "a && b",
        "done;",
        "class Foo",
        "the whole of a sentence",
        "raise  Odd()",
    ],
)
def test_statements_and_long_pieces_are_quotes(quote: str) -> None:
    assert is_quote(quote)


@pytest.mark.parametrize(
    "quote", ["create_app", "git commit", "ask -> search", "load()", "a.very.long.name.of.a.module", "x", "--seed=5"]
)
def test_names_and_commands_are_none(quote: str) -> None:
    assert not is_quote(quote)


@pytest.mark.parametrize(
    "quote",
    [
        "data = path.read_bytes()",
        "return 42",
        "    data  =  path.read_bytes()\n    return 42",
        "def load(path):\n    ...\n    return 42",
        "Opens the file and reads it.",
        "1| def load(path):\n2|     # Opens the file",
    ],
)
def test_what_stands_in_the_lines_verifies(quote: str) -> None:
    assert verifies(quote, LINES)


@pytest.mark.parametrize(
    "quote", ["return 4", "path", "return 42\ndata = path.read_bytes()", "reads it. Opens the file", "", "..."]
)
def test_a_part_of_a_short_line_or_another_order_does_not(quote: str) -> None:
    assert not verifies(quote, LINES)


def test_a_mark_inside_a_line_is_no_comments() -> None:
    assert not contains(["x = '# y'", "# z"], "x = 'y' z")


@pytest.mark.parametrize("quote", ["mark = <s>", "mark = < s>", 'check("<|eot|>", n=1)', 'check("< |eot|>", n=1)'])
def test_a_control_token_is_quoted_as_it_stands_or_as_a_model_is_shown_it(quote: str) -> None:
    lines = ["mark = <s>", 'check("<|eot|>", n=1)']
    assert verifies(quote, lines)
    assert contains(lines, quote)


def test_a_part_of_a_control_token_is_found_too() -> None:
    assert contains(['check("<|eot|>", n=1)'], 'check("<|eot')
