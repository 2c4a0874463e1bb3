import json
import os

import pytest
from log_steps import advance, start
from repoask.context.pack.entries import LogState, Table
from repoask.errors import InputError


def test_a_state_comes_back_from_json_whole() -> None:
    path = os.fsdecode(b"latin-\xe9.md")
    tree = {path: "a line that is long enough\n" * 40, "b.py": "x = 1\n", "gone": ""}
    log = start(tree)
    advance(log, {path: tree[path] + "one more\n", "c.py": "x = 1\n"}, "r1")
    state = log.state
    assert LogState.from_json(json.loads(json.dumps(state.to_json()))) == state
    assert state.hunks
    assert state.sources


def test_a_file_with_one_section_costs_a_row_and_no_more() -> None:
    few, many = (
        len(json.dumps(start({f"{n}.py": "x\n" for n in range(count)}).state.to_json())) for count in (100, 200)
    )
    assert (many - few) / 100 < 100


@pytest.mark.parametrize(
    "damage",
    [
        {"version": 99},
        {"columns": {}},
        {"hunks": {"one": []}},
        {"hunks": {"1": [[1, 2]]}},
        {"sources": None},
    ],
)
def test_a_damaged_state_is_refused_in_one_line(damage: dict[str, object]) -> None:
    value = {**start({"a": "x\n"}).state.to_json(), **damage}
    with pytest.raises(InputError, match="pack anew"):
        Table.of(LogState.from_json(value))


def test_a_column_that_is_cut_off_is_refused() -> None:
    value = start({"a": "x\n"}).state.to_json()
    value["columns"]["sizes"].pop()
    with pytest.raises(InputError, match="pack anew"):
        Table.of(LogState.from_json(value))
