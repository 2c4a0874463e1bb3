"""The same snapshot gives the same bytes, whatever the index was before."""

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Repoask = Callable[..., subprocess.CompletedProcess[str]]

_VERBS = ["open", "close", "parse", "render", "fetch", "store", "load", "check", "merge", "split"]
_NOUNS = ["file", "page", "user", "token", "cache", "order", "queue", "route", "image", "event", "report", "session"]
_SHARED = "def reset():\n    return None\n"  # a name of which only so many are looked at


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A base, a branch with a few files more, another with many, and `main` with both."""
    folder = tmp_path / "repo"
    folder.mkdir()
    _git(folder, "init", "-q", "-b", "main")
    _commit(folder, range(60), "base")
    for branch, numbers in (("few", range(60, 72)), ("many", range(72, 160))):
        _git(folder, "checkout", "-q", "-b", branch, "base")
        _commit(folder, numbers, f"{branch}-files")
    _git(folder, "checkout", "-q", "main")
    _git(folder, "merge", "-q", "few", "many", "-m", "both")
    return folder


def test_an_index_that_grew_and_one_built_anew_answer_in_the_same_bytes(repo, tmp_path, repoask):
    questions = tmp_path / "questions.jsonl"
    asked = [f"where do we {verb} the {noun} of another {other}?" for verb, noun, other in _triples(12)]
    asked += ["reset", "what calls reset?", "Who uses `load_cache`?", '"return None"']
    questions.write_text("".join(json.dumps({"question": question}) + "\n" for question in asked))

    def ask(index: str, revision: str) -> str:
        _git(repo, "checkout", "-q", revision)
        options = ("--questions", str(questions), "--limit", "30", "--reasons", "--index-dir", str(tmp_path / index))
        result = repoask("search", str(repo), *options)
        assert result.returncode == 0, result.stderr
        return result.stdout

    anew = ask("anew", "main")
    assert sum(len(json.loads(line)["results"]) for line in anew.splitlines()) > 200
    grown: dict[str, str] = {}
    for index, steps in {"few first": ["base", "few"], "many first": ["base", "many"], "shrunk": ["many"]}.items():
        for revision in steps:
            ask(index, revision)
        grown[index] = ask(index, "main")
    assert {index for index, said in grown.items() if said != anew} == set()


def _commit(folder: Path, numbers: range, tag: str) -> None:
    for number in numbers:
        drawn = random.Random(number)
        path = folder / drawn.choice(_NOUNS) / f"{drawn.choice(_VERBS)}_{number * 7919 % 1000}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n\n".join([_SHARED, *(_function(drawn) for _ in range(drawn.randrange(1, 6)))]))
    _git(folder, "add", "-A")
    _git(folder, "commit", "-qm", tag)
    _git(folder, "tag", tag)


def _function(drawn: random.Random) -> str:
    verb, noun, other = drawn.choice(_VERBS), drawn.choice(_NOUNS), drawn.choice(_NOUNS)
    calls = f"{drawn.choice(_VERBS)}_{drawn.choice(_NOUNS)}({other})"
    return f'def {verb}_{noun}({other}):\n    """Used to {verb} a {noun} of the {other}."""\n    return {calls}\n'


def _triples(count: int) -> list[tuple[str, str, str]]:
    drawn = random.Random(0)
    return [(drawn.choice(_VERBS), drawn.choice(_NOUNS), drawn.choice(_NOUNS)) for _ in range(count)]


def _git(folder: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@t", *words], cwd=folder, check=True, capture_output=True
    )
