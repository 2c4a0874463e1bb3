"""Quality and latency of retrieval on questions with known answers, over real repositories given by path.

    python benchmarks/retrieval.py CHECKOUTS QUESTIONS [--only NAME...] [--json FILE] [--results DIR] [--index DIR]

CHECKOUTS holds one folder a repository, by its name. QUESTIONS holds `repositories.json` (name, language, and the root
that the file questions apply to), `annotations/NAME.json` (questions with files), `lines-dev.jsonl` (questions with
line spans) and `score.py`, which does the scoring. Repositories that are not checked out are left out and named.

Goes through the product's own door: a snapshot, its index, `search`. Quality is that of `score.py`; latency is of
`search` alone, in this process, after one question to warm it. Tunes nothing.
"""

import argparse
import importlib.util
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from repoask.context.index.index import View, open_view
from repoask.context.retrieval.retriever import search
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Selection

FILE_LIMIT = 30  # spans: enough for ten distinct files
LINE_LIMIT = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and what retrieval made of it.

    Attributes:
        row: As `score.py` reads it.
        seconds: Of `search` alone.
    """

    row: dict[str, Any]
    seconds: float


def main() -> None:
    """Asks everything, prints a table, writes what was asked for."""
    options = _options()
    score = _load(options.questions / "score.py")
    repositories = json.loads((options.questions / "repositories.json").read_text())
    chosen = [each for each in repositories if not options.only or each["name"] in options.only]
    here = [each for each in chosen if (options.checkouts / each["name"]).is_dir()]
    with tempfile.TemporaryDirectory() as scratch:
        bench = _Bench(options.checkouts, options.questions, options.index or Path(scratch))
        files = [asked for each in here for asked in bench.file_questions(each)]
        lines = [asked for each in here for asked in bench.line_questions(each)]
    report = {
        "repositories": [each["name"] for each in here],
        "not checked out": [each["name"] for each in chosen if each not in here],
        "files": _by_repository(files, score, options.questions, here) | _latency(files),
        "lines": _line_scores(lines, score, options) | _latency(lines),
    }
    _print(report)
    if options.results:
        _write_results(options.results, files=files, lines=lines)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--only", nargs="*", help="names of repositories")
    parser.add_argument("--json", type=Path, help="where to write the table")
    parser.add_argument("--results", type=Path, help="folder for files.jsonl and lines.jsonl, which score.py reads")
    parser.add_argument("--index", type=Path, help="folder to keep the indexes in; a temporary one by default")
    return parser.parse_args()


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path}: cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Bench:
    """Indexes repositories and asks their questions."""

    def __init__(self, checkouts: Path, questions: Path, index: Path) -> None:
        self._checkouts, self._questions, self._index = checkouts, questions, index

    def file_questions(self, repository: dict[str, Any]) -> Iterator[Asked]:
        name, root = repository["name"], repository["root"] or ""
        questions = json.loads((self._questions / "annotations" / f"{name}.json").read_text())
        view = self._view(name, root)
        for each in questions:
            yield _ask(view, name, each["query"], root=root, limit=FILE_LIMIT)

    def line_questions(self, repository: dict[str, Any]) -> Iterator[Asked]:
        name = repository["name"]
        questions = [json.loads(line) for line in (self._questions / "lines-dev.jsonl").read_text().splitlines()]
        mine = [each for each in questions if each["repo"] == name]
        if mine:
            view = self._view(name, "")
            for each in mine:
                yield _ask(view, name, each["question"], root="", limit=LINE_LIMIT)

    def _view(self, name: str, root: str) -> View:
        source = open_source(self._checkouts / name / root, clones=self._index / "clones")
        folder = self._index / source.identity
        folder.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        view = open_view(take_snapshot(source), folder=folder, selection=Selection())
        search(view.segments, "warm up", under=source.prefix, embedder=view.embedder)
        print(f"{name} {root}: {view.report.files} files, {time.perf_counter() - started:.1f} s", file=sys.stderr)
        return view


def _ask(view: View, name: str, question: str, *, root: str, limit: int) -> Asked:
    source = view.snapshot.source
    started = time.perf_counter()
    found = search(view.segments, question, limit=limit, under=source.prefix, embedder=view.embedder)
    seconds = time.perf_counter() - started
    # a plain folder's paths begin at the folder itself, those of a repository at its top
    above = f"{root}/" if root and not source.prefix else ""
    results = [{"path": above + each.path, "start": each.start, "end": each.end} for each in found.evidence]
    return Asked({"repo": name, "question": question, "results": results, "found": found.found}, seconds)


def _by_repository(
    asked: list[Asked], score: ModuleType, questions: Path, repositories: list[dict[str, Any]]
) -> dict[str, Any]:
    """NDCG@10 by language and over all languages, as `score.py files` has it, over what is checked out."""
    rows = {(each.row["repo"], each.row["question"]): each.row for each in asked}
    languages: dict[str, list[float]] = {}
    for repository in repositories:
        values = []
        for each in json.loads((questions / "annotations" / f"{repository['name']}.json").read_text()):
            targets = [t if isinstance(t, str) else t["path"] for t in each["relevant"] + each.get("secondary", [])]
            paths = [result["path"] for result in rows[repository["name"], each["query"]]["results"]]
            values.append(score.ndcg(paths, list(dict.fromkeys(targets))))
        languages.setdefault(repository["language"], []).append(statistics.fmean(values))
    by_language = {language: statistics.fmean(values) for language, values in sorted(languages.items())}
    refused = sum(not row["found"] for row in rows.values()) / max(len(rows), 1)
    overall = statistics.fmean(by_language.values()) if by_language else 0.0
    return {"questions": len(rows), "ndcg@10": overall, "called absent": refused, "by language": by_language}


def _line_scores(asked: list[Asked], score: ModuleType, options: argparse.Namespace) -> dict[str, Any]:
    rows = {(each.row["repo"], each.row["question"]): each.row for each in asked}
    if not rows:
        return {"questions": 0}
    with tempfile.TemporaryDirectory() as scratch:
        mine = Path(scratch) / "questions.jsonl"
        lines = (options.questions / "lines-dev.jsonl").read_text().splitlines()
        mine.write_text("\n".join(each for each in lines if _key(each) in rows))
        return {"questions": len(rows), **score.lines(rows, mine)}


def _key(line: str) -> tuple[str, str]:
    question = json.loads(line)
    return question["repo"], question["question"]


def _latency(asked: list[Asked]) -> dict[str, float]:
    times = sorted(each.seconds * 1000 for each in asked)
    if not times:
        return {}
    return {"p50 ms": statistics.median(times), "p95 ms": times[int(0.95 * (len(times) - 1))]}


def _print(report: dict[str, Any]) -> None:
    for kind in ("files", "lines"):
        print(f"\n{kind}")
        for name, value in {**report[kind], **report[kind].get("by language", {})}.items():
            if not isinstance(value, dict):
                print(f"  {name:28} {value:8.3f}" if isinstance(value, float) else f"  {name:28} {value:8}")
    if report["not checked out"]:
        print("\nnot checked out: " + ", ".join(report["not checked out"]))


def _write_results(folder: Path, **asked: list[Asked]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, questions in asked.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(each.row) + "\n" for each in questions))


if __name__ == "__main__":
    main()
