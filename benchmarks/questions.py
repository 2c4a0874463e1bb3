"""Reads questions with known answers, in either of two formats, and finds the checkouts that they are about.

A folder of questions holds `repositories.json` and `annotations/NAME.json` (or both in `files/`): questions whose
answers are files; and `*.jsonl`: questions whose answers are lines. Knows nothing of retrieval or of measures.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from repoask.ingest.languages import PROSE, language_of

__all__ = ["FileQuestion", "LineQuestion", "QuestionSet", "Repository", "Target", "read_questions"]


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """A question whose answer is a file or several.

    Attributes:
        text: The question.
        kind: What sort of question it is, as its writer says.
        targets: Paths from the checkout's top, each once.
    """

    text: str
    kind: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """Lines that answer a question; `grade` 2 for the answer itself, 1 for what helps."""

    path: str
    start: int
    end: int
    grade: int = 2


@dataclass(frozen=True, slots=True)
class LineQuestion:
    """A question whose answer is lines; without `targets` the repository holds no answer."""

    text: str
    kind: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository and what is asked of it.

    Attributes:
        name: Of its checkout.
        language: That most of it is written in.
        revision: That the answers were read in.
        root: The folder that the file questions are asked of; "" for all of it.
        files: Asked of `root`.
        lines: Asked of the whole checkout.
        folder: The checkout; None where there is none.
    """

    name: str
    language: str
    revision: str
    root: str = ""
    files: tuple[FileQuestion, ...] = ()
    lines: tuple[LineQuestion, ...] = ()
    folder: Path | None = None

    @property
    def checkout(self) -> Path:
        """The checkout of a repository that has one."""
        assert self.folder is not None
        return self.folder


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """What can be asked, by name, and the names of repositories that are not checked out."""

    repositories: tuple[Repository, ...]
    missing: tuple[str, ...]


def read_questions(folders: Iterable[Path], checkouts: Sequence[Path], *, only: Sequence[str] = ()) -> QuestionSet:
    """All questions of some folders.

    Args:
        folders: Each in either format; a repository in several of them has the questions of all.
        checkouts: Each holds a folder for each repository, by its name; the first that has it counts.
        only: Names of repositories; all of them where there is none.
    """
    found: dict[str, Repository] = {}
    for folder in folders:
        for one in (*_with_files(folder), *_with_lines(folder)):
            found[one.name] = _merged(found[one.name], one) if one.name in found else one
    chosen = [found[name] for name in sorted(found) if not only or name in only]
    if not chosen:
        sys.exit("no questions: a folder of them holds *.jsonl or a repositories.json; --only must name one of these")
    placed = [replace(one, folder=_checkout(one.name, checkouts)) for one in chosen]
    return QuestionSet(
        tuple(one for one in placed if one.folder), tuple(one.name for one in placed if one.folder is None)
    )


def _with_files(folder: Path) -> list[Repository]:
    nested = folder / "files"
    top = nested if (nested / "repositories.json").is_file() else folder
    if not (top / "repositories.json").is_file():
        return []
    annotations = top / "annotations" if (top / "annotations").is_dir() else top
    return [
        Repository(
            name=row["name"],
            language=row["language"],
            revision=row["revision"],
            root=row["root"] or "",
            files=tuple(map(_file_question, _json(annotations / f"{row['name']}.json"))),
        )
        for row in _json(top / "repositories.json")
    ]


def _file_question(row: dict[str, Any]) -> FileQuestion:
    named = [each if isinstance(each, str) else each["path"] for each in row["relevant"] + row.get("secondary", [])]
    return FileQuestion(row["query"], row["category"], tuple(dict.fromkeys(named)))


def _with_lines(folder: Path) -> list[Repository]:
    asked: dict[tuple[str, str], list[LineQuestion]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            targets = (
                Target(each["path"], each["start"], each["end"], each.get("grade", 2)) for each in row["answers"]
            )
            question = LineQuestion(row["question"], row["kind"], tuple(targets))
            asked.setdefault((row["repo"], row["revision"]), []).append(question)
    return [
        Repository(name=name, language=_main_language(lines), revision=revision, lines=tuple(lines))
        for (name, revision), lines in asked.items()
    ]


def _main_language(lines: Sequence[LineQuestion]) -> str:
    """The language that most answers are written in, documents aside; only where no repositories.json says it."""
    paths = (target.path for line in lines for target in line.targets if target.grade == 2)
    counts = Counter(language for path in paths if (language := language_of(path)) and language not in PROSE)
    return max(sorted(counts), key=lambda language: counts[language]) if counts else "other"


def _merged(first: Repository, second: Repository) -> Repository:
    """One repository with the questions of both; what the file questions say of it goes first."""
    leading, other = (second, first) if second.files and not first.files else (first, second)
    if leading.files and other.files and leading.root != other.root:
        sys.exit(f"{leading.name}: file questions for {leading.root or '.'} and for {other.root or '.'}; give one set")
    return replace(leading, files=leading.files + other.files, lines=leading.lines + other.lines)


def _checkout(name: str, checkouts: Iterable[Path]) -> Path | None:
    return next((folder / name for folder in checkouts if (folder / name).is_dir()), None)


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
