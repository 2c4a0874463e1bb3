import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repoask.ingest.documents.notebook import read_notebook


def cell(kind: str, source, **more) -> dict:
    extra = {"execution_count": 1, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, **extra, "id": "a1", "metadata": {}, **more, "source": source}


def notebook(*cells: dict, indent: int | None = 1, **metadata) -> str:
    root = {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(root, indent=indent) + "\n"


OUTPUT = {"output_type": "stream", "name": "stdout", "text": ["secret output\n"], "source": ["not a cell\n"]}
PLAIN = (
    cell("markdown", ["# Title\n", "\n", 'Some "prose" here.']),
    cell("code", ["import os\n", "%matplotlib inline\n", "\n", "print('a\\tb')"], outputs=[OUTPUT]),
    cell("code", []),
    cell("raw", ["as is"]),
)


def test_source_lines_keep_the_line_numbers_of_the_file():
    written = notebook(*PLAIN)
    read = read_notebook(written)
    assert read.lines_kept
    raw, lines = written.split("\n"), read.text.split("\n")
    assert len(lines) == len(raw)
    for number, line in enumerate(lines):
        if line and "%%" not in line:
            assert json.dumps(line.removeprefix("#").removeprefix(" "))[1:-1] in raw[number]


def test_code_stands_as_it_is_and_prose_as_comments():
    shown = [line for line in read_notebook(notebook(*PLAIN)).text.split("\n") if line]
    assert shown == [
        "# %% [markdown]",
        "# # Title",
        "#",
        '# Some "prose" here.',
        "# %%",
        "import os",
        "# %matplotlib inline",
        "print('a\\tb')",
        "# %% [raw]",
        "# as is",
    ]


def test_outputs_are_left_out():
    assert "secret output" not in read_notebook(notebook(*PLAIN)).text
    assert "not a cell" not in read_notebook(notebook(*PLAIN)).text


@pytest.mark.parametrize("indent", [None, 0, 4])
def test_any_layout_gives_the_same_cells(indent):
    read = read_notebook(notebook(*PLAIN, indent=indent))
    assert [line for line in read.text.split("\n") if line][:6] == [
        "# %% [markdown]",
        "# # Title",
        "#",
        '# Some "prose" here.',
        "# %%",
        "import os",
    ]
    assert read.lines_kept == (indent is not None)


def test_a_source_in_one_string_is_rendered():
    read = read_notebook(notebook(cell("code", "a = 1\nb = 2")))
    assert (read.text, read.lines_kept) == ("# %%\na = 1\nb = 2\n", False)


def test_a_source_that_ends_in_a_newline_loses_no_line():
    read = read_notebook(notebook(cell("code", ["a = 1\n", "b = 2\n"]), cell("code", ["c = 3"])))
    assert [line for line in read.text.split("\n") if line] == ["# %%", "a = 1", "b = 2", "# %%", "c = 3"]
    assert read.lines_kept


def test_a_cell_in_another_language_is_a_comment():
    shown = read_notebook(notebook(cell("code", ["%%bash\n", "rm -rf x"]))).text
    assert "# %%bash\n# rm -rf x" in "\n".join(line for line in shown.split("\n") if line)


@pytest.mark.parametrize(
    ("metadata", "language", "mark"),
    [
        ({}, "python", "# %%"),
        ({"kernelspec": {"language": "R"}}, "r", "# %%"),
        ({"language_info": {"name": "rust"}}, "rust", "// %%"),
        ({"kernelspec": {"language": "C++"}}, "cpp", "// %%"),
        ({"kernelspec": "odd", "language_info": {"name": 7}}, "python", "# %%"),
    ],
)
def test_the_kernel_names_the_language(metadata, language, mark):
    read = read_notebook(notebook(cell("code", ["x\n", "y"]), **metadata))
    assert (read.language, mark in read.text.split("\n")) == (language, True)


def test_the_old_format_with_worksheets_is_read():
    cells = [{"cell_type": "code", "input": ["x = 1\n", "y = 2"], "language": "python", "outputs": []}]
    old = json.dumps({"metadata": {}, "nbformat": 3, "worksheets": [{"cells": cells}]}, indent=1)
    read = read_notebook(old)
    assert [line for line in read.text.split("\n") if line] == ["# %%", "x = 1", "y = 2"]
    assert read.lines_kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        '{"cells": 3}',
        '{"cells": [{"source": []}]}',
        '{"cells": [{"cell_type": "code", "source": [1]}]}',
        '{"cells": [{"cell_type": 5, "source": {"a": 1}}]}',
        "[" * 100_000,
        '{"cells": [null]}',
    ],
)
def test_what_is_no_notebook_stays_json(text):
    read = read_notebook(text)
    assert (read.text, read.language) == (text, "json")


def test_half_a_surrogate_pair_can_still_be_written():
    read = read_notebook(notebook(cell("code", ["x = '\ud800'\n", "y = 1"])))
    assert read.text.encode("utf-8")
    assert "y = 1" in read.text.split("\n")


def test_strings_that_end_in_the_middle_of_a_line_are_rendered():
    read = read_notebook(notebook(cell("code", ["a = ", "1\n", "b = 2"])))
    assert (read.text, read.lines_kept) == ("# %%\na = 1\nb = 2\n", False)


@given(
    st.lists(st.lists(st.text(st.sampled_from('ab "\\\n#{[,é\u2028')), max_size=4), max_size=4),
    st.sampled_from([None, 0, 1]),
)
def test_no_line_of_a_cell_is_lost_and_no_line_number_moves(sources, indent):
    written = notebook(*(cell("code", source) for source in sources), indent=indent)
    read = read_notebook(written)
    if read.lines_kept:
        assert read.text.count("\n") == written.count("\n")
    # an empty source is no cell's; of white space alone nothing is shown
    wanted = [line for source in sources for line in "".join(source).split("\n") if line.strip()]
    assert [line for line in read.text.split("\n") if line.strip() and line != "# %%"] == wanted
