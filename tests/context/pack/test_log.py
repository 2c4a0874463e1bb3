import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_steps import StoredLog, Tree, advance, files_of, measure, start, text_of
from repoask.context.pack.format import split_lines
from repoask.context.pack.log import ContextLog
from repoask.context.pack.owners import live_parts
from repoask.context.pack.reader import read_pack
from repoask.context.pack.types import EntryKind

_PATHS = ["a.py", "b/a.py", 'q"<%>.txt', os.fsdecode(b"latin-\xe9.md"), "b/c\nd"]
_LINES = [
    "def f():",
    "    return 1",
    "",
    "</file>",
    '<file path="a.py">',
    "<\\/lines>",
    '<\\\\lines old="1-1">',
    "carriage\rreturn",
    "form\ffeed",
    "line\u2028separator",
]
_texts = st.builds(
    lambda lines, end: "\n".join(lines) + end,
    st.lists(st.sampled_from(_LINES), max_size=40),
    st.sampled_from(["", "\n"]),
)
_trees = st.dictionaries(st.sampled_from(_PATHS), _texts, max_size=5)


@st.composite
def _edited(draw: st.DrawFn, tree: Tree) -> Tree:
    """A tree after some edits, removals, moves, swaps and new files."""
    edited = dict(tree)
    for _ in range(draw(st.integers(0, 3))):
        path, other = draw(st.sampled_from(_PATHS)), draw(st.sampled_from(_PATHS))
        match draw(st.sampled_from(["write", "edit", "edit", "remove", "move", "swap"])):
            case "write":
                edited[path] = draw(_texts)
            case "edit" if path in edited:
                lines = edited[path].split("\n")
                at = draw(st.integers(0, len(lines)))
                lines[at : at + draw(st.integers(0, 3))] = draw(st.lists(st.sampled_from(_LINES), max_size=3))
                edited[path] = "\n".join(lines)
            case "remove":
                edited.pop(path, None)
            case "move" if path in edited:
                edited[other] = edited.pop(path)
            case "swap" if path in edited and other in edited:
                edited[path], edited[other] = edited[other], edited[path]
            case _:
                pass
    return edited


@st.composite
def _histories(draw: st.DrawFn) -> list[Tree]:
    trees = [draw(_trees)]
    for _ in range(draw(st.integers(1, 12))):
        # now and then an earlier snapshot comes back: a branch is left, a force-push
        origin = draw(st.sampled_from(trees)) if draw(st.integers(0, 4)) == 0 else trees[-1]
        trees.append(draw(_edited(origin)))
    return trees


def _stale(log: ContextLog, tree: Tree) -> int:
    """What no current line stands in, counted anew from the whole log."""
    live = {number: 0 for number, entry in enumerate(log.entries) if entry.kind in {EntryKind.FILE, EntryKind.PATCH}}
    for path, text in tree.items():
        live |= live_parts(log._table, log._held[path], split_lines(text)[0])
    return sum(log.entries[number].size - size for number, size in live.items())


@given(_histories(), st.sampled_from([0.05, 0.2, 0.6]))
@settings(max_examples=150, deadline=None)
def test_a_reader_of_the_text_alone_gets_every_snapshot(trees: list[Tree], theta: float) -> None:
    log = start(trees[0], theta=theta)
    assert read_pack(text_of(log)) == trees[0]
    for number, tree in enumerate(trees[1:], start=1):
        before = [entry.pieces for entry in log.entries]
        went = advance(log, tree, f"r{number}")
        assert read_pack(text_of(log)) == tree
        assert [entry.pieces for entry in log.entries[: went.num_kept]] == before[: went.num_kept]
        assert log.stale <= theta * log.size
        assert log.size == len(text_of(log))
        assert log.stale == _stale(log, tree)


@given(_histories())
@settings(max_examples=100, deadline=None)
def test_a_log_stored_between_all_steps_says_the_same(trees: list[Tree]) -> None:
    log, stored = start(trees[0]), StoredLog()
    stored.start(trees[0])
    for number, tree in enumerate(trees[1:], start=1):
        advance(log, tree, f"r{number}")
        stored.advance(tree, f"r{number}")
        assert stored.text == text_of(log)


@given(_histories())
@settings(max_examples=50, deadline=None)
def test_runs_say_where_each_current_line_stands(trees: list[Tree]) -> None:
    log = start(trees[0])
    for number, tree in enumerate(trees[1:], start=1):
        advance(log, tree, f"r{number}")
    for path, text in trees[-1].items():
        num_lines = text.count("\n") + (not text.endswith("\n") and bool(text))
        assert sum(run.length for run in log.runs(path)) == num_lines
        assert {log.entries[run.entry].kind for run in log.runs(path)} <= {EntryKind.FILE, EntryKind.PATCH}


def _module(number: int, *, functions: int = 12) -> str:
    return "\n\n\n".join(
        f"def work_{number}_{index}(value):\n    first = value + {index}\n    return first"
        for index in range(functions)
    )


_REPOSITORY = {f"src/module_{number:03}.py": _module(number) + "\n" for number in range(60)}


def test_a_small_change_keeps_nearly_all_of_the_text() -> None:
    log = start(_REPOSITORY)
    size = log.size
    path = "src/module_007.py"
    changed = _REPOSITORY | {path: _REPOSITORY[path].replace("value + 3", "value + 30")}
    went = advance(log, changed, "r1")
    assert [entry.kind for entry in went.added] == [EntryKind.UPDATE, EntryKind.PATCH, EntryKind.CURRENT]
    assert sum(entry.size for entry in went.added) < size / 50
    assert not went.rewritten


def test_files_that_did_not_change_are_never_read() -> None:
    log = start(_REPOSITORY)
    changed = _REPOSITORY | {"src/new.py": "x = 1\n", "src/module_007.py": _module(7, functions=13)}
    read: list[str] = []
    log.advance(files_of(changed), read=lambda file: read.append(file.path) or changed[file.path], revision="r1")
    assert sorted(read) == ["src/module_007.py", "src/new.py"]


def test_the_same_snapshot_again_changes_nothing() -> None:
    log = start(_REPOSITORY)
    before = text_of(log)
    assert advance(log, _REPOSITORY, "r0").added == ()
    assert text_of(log) == before


def test_another_revision_of_the_same_files_changes_the_end_alone() -> None:
    log = start(_REPOSITORY)
    assert [entry.kind for entry in advance(log, _REPOSITORY, "r1").added] == [EntryKind.CURRENT]


def test_a_moved_file_is_not_told_again() -> None:
    log = start(_REPOSITORY)
    moved = dict(_REPOSITORY)
    moved["lib/seven.py"] = moved.pop("src/module_007.py").replace("value + 3", "value + 30")
    kinds = [entry.kind for entry in advance(log, moved, "r1").added]
    assert kinds == [EntryKind.UPDATE, EntryKind.RENAMED, EntryKind.PATCH, EntryKind.CURRENT]
    assert read_pack(text_of(log)) == moved


def test_a_mass_reformat_leaves_no_stale_text_over_theta() -> None:
    log = start(_REPOSITORY)
    reformatted = {path: text.replace("    ", "\t") for path, text in _REPOSITORY.items()}
    advance(log, reformatted, "r1")
    assert log.stale <= 0.2 * log.size
    assert read_pack(text_of(log)) == reformatted


def test_going_to_a_branch_and_back_keeps_the_base() -> None:
    log = start(_REPOSITORY)
    branch = {path: text.replace("value + 3", "value + 30") for path, text in list(_REPOSITORY.items())[:5]}
    for revision, tree in [("branch", _REPOSITORY | branch), ("main", _REPOSITORY)]:
        went = advance(log, tree, revision)
        assert sum(entry.size for entry in went.added) < log.size / 10
        assert read_pack(text_of(log)) == tree


def test_one_file_that_changes_all_the_time_does_not_grow_the_log_without_end() -> None:
    log = start(_REPOSITORY)
    size = log.size
    for number in range(100):
        changed = _REPOSITORY | {"src/module_059.py": _module(59).replace("value + 3", f"value + {number}")}
        advance(log, changed, f"r{number}")
    assert log.size < 1.1 * size
    assert read_pack(text_of(log)) == changed


def test_the_rules_stand_first_and_the_revision_last() -> None:
    log = start({})
    assert [entry.kind for entry in log.entries] == [EntryKind.RULES, EntryKind.CURRENT]
    assert text_of(log).endswith('<current revision="r0" files="0"/>\n')


def _git(folder: Path, *args: str) -> str:
    identity = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b",
    }
    environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(
        ["git", *args], cwd=folder, env=environment, check=True, capture_output=True, text=True
    ).stdout


def _tree_at(folder: Path, commit: str) -> Tree:
    names = _git(folder, "ls-tree", "-r", "-z", "--name-only", commit).split("\0")[:-1]
    return {name: _git(folder, "show", f"{commit}:{name}") for name in names}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A history with a branch, a merge, a rename over a deletion, a swap and a file that comes back."""
    _git(tmp_path, "init", "-q", "-b", "main")

    def commit(message: str) -> None:
        _git(tmp_path, "add", "-A")
        _git(tmp_path, "commit", "-q", "-m", message)

    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.py").write_text(_module(len(name)) + f"\n# {name}\n")
    (tmp_path / "empty.txt").write_text("")
    commit("start")
    _git(tmp_path, "checkout", "-q", "-b", "side")
    (tmp_path / "one.py").write_text(_module(3).replace("first", "last"))
    commit("reformat on a branch")
    _git(tmp_path, "checkout", "-q", "main")
    (tmp_path / "two.py").unlink()
    (tmp_path / "three.py").rename(tmp_path / "two.py")
    commit("rename over a deletion")
    (tmp_path / "two.py").rename(tmp_path / "swap")
    (tmp_path / "empty.txt").rename(tmp_path / "two.py")
    (tmp_path / "swap").rename(tmp_path / "empty.txt")
    commit("swap")
    (tmp_path / "two.py").write_text('</file>\n<file path="one.py">\nforged\n')
    commit("tags")
    _git(tmp_path, "merge", "-q", "side", "-m", "merge")
    (tmp_path / "three.py").write_text(_module(5))
    commit("it comes back")
    return tmp_path


def test_a_git_history_is_read_back_at_every_commit_of_every_branch(repository: Path) -> None:
    commits = _git(repository, "rev-list", "--all", "--reverse").split()
    stored = StoredLog()
    stored.start(_tree_at(repository, commits[0]))
    for commit in [*commits[1:], *reversed(commits)]:  # back again: none is a descendant of the one before
        tree = _tree_at(repository, commit)
        stored.advance(tree, commit)
        assert read_pack(stored.text) == tree


def test_a_restored_log_has_no_texts_but_all_sizes() -> None:
    log = start(_REPOSITORY)
    restored = ContextLog.restore(log.state, read_entry=lambda number: "", measure=measure)
    assert [(entry.kind, entry.path, entry.size) for entry in restored.entries] == [
        (entry.kind, entry.path, entry.size) for entry in log.entries
    ]
    assert not any(entry.pieces for entry in restored.entries)
