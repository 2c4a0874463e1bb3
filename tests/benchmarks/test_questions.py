import json
from pathlib import Path

import pytest
from questions import Target, read_questions

FILE_ROW = {
    "query": "q",
    "relevant": ["src/a.go", {"path": "src/b.go"}],
    "secondary": ["src/a.go"],
    "category": "symbol",
}
LINE_ROW = {"repo": "one", "revision": "abc", "kind": "where", "question": "l"}


def _write(folder: Path, *, nested: bool) -> None:
    top = folder / "files" if nested else folder
    annotations = top if nested else folder / "annotations"
    annotations.mkdir(parents=True)
    repository = {"name": "one", "language": "go", "revision": "abc", "root": "src"}
    (top / "repositories.json").write_text(json.dumps([repository]))
    (annotations / "one.json").write_text(json.dumps([FILE_ROW]))
    lines = [LINE_ROW | {"answers": [{"path": "a.c", "start": 1, "end": 2}]}, LINE_ROW | {"answers": []}]
    (folder / "lines.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.mark.parametrize("nested", [False, True])
def test_both_layouts_give_the_same_questions(tmp_path: Path, nested: bool) -> None:
    _write(tmp_path / "questions", nested=nested)
    (tmp_path / "checkouts" / "one").mkdir(parents=True)

    (repository,) = read_questions([tmp_path / "questions"], [tmp_path / "checkouts"]).repositories

    assert (repository.language, repository.root) == ("go", "src")
    assert repository.files[0].targets == ("src/a.go", "src/b.go")
    assert [question.targets for question in repository.lines] == [(Target("a.c", 1, 2),), ()]


def test_a_repository_that_is_not_checked_out_is_named(tmp_path: Path) -> None:
    _write(tmp_path / "questions", nested=True)

    found = read_questions([tmp_path / "questions"], [tmp_path])

    assert (found.repositories, found.missing) == ((), ("one",))


def test_without_a_list_of_repositories_the_answers_tell_the_language(tmp_path: Path) -> None:
    answers = [{"path": path, "start": 1, "end": 2} for path in ("docs/a.md", "docs/b.md", "src/a.kt")]
    (tmp_path / "one.jsonl").write_text(json.dumps(LINE_ROW | {"answers": answers}) + "\n")
    (tmp_path / "one").mkdir()

    assert read_questions([tmp_path], [tmp_path]).repositories[0].language == "kotlin"
