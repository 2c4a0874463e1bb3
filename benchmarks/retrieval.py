"""Quality, latency and memory of retrieval on questions with known answers, over real repositories given by path.

    python benchmarks/retrieval.py CHECKOUTS... [--questions FOLDER...] [--only NAME...] [--memory REPOSITORY]
        [--ranker FILE] [--embedder SETTING] [--reranker SETTING] [--no-baselines]
        [--index FOLDER] [--json FILE] [--results FOLDER]

Each folder of CHECKOUTS holds a folder for each repository, by its name; what is not checked out is left out and named.
A folder of questions is in either format that `questions.py` reads; by default it is the one beside this program.

Goes through the product's own door: a snapshot, its index, its searcher. Each of --ranker, --embedder and --reranker
adds a column beside the default, in the same run; so do two plain baselines. Intervals: see `measures.estimate`.
Latency is of search alone, in this process, after one question to warm it. Tunes nothing.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from asking import BASELINES, Indexes, Product, Reply, System, ask, latencies, num_bytes
from indexing import measure_indexing
from measures import Scored, line_measures, ndcg
from questions import QuestionSet, Repository, read_questions
from repoask.context.index.embedders import embedder_for
from repoask.context.retrieval.ranker import load_ranker
from repoask.context.retrieval.rerankers import reranker_for
from report import make_report, render

_RERANKER_TIMEOUT_S = 60.0

Replies = list[tuple[Repository, str, str, list[Reply]]]
"""Repository, "files" or "lines", the system's name, its replies in the order of the questions."""


def main() -> None:
    """Asks everything, prints a table, writes what was asked for."""
    options = _options()
    questions = read_questions(options.questions, options.checkouts, only=options.only)
    systems = _systems(options)
    with tempfile.TemporaryDirectory(prefix="repoask-benchmark-") as scratch:
        indexes = Indexes(options.index or Path(scratch))
        replies = [(one, *part) for one in questions.repositories for part in ask(one, systems, indexes)]
        largest = _largest(questions, systems, indexes)
    report = make_report(
        [system.name for system in systems],
        _scored(replies),
        {name: _seconds(replies, name) for name in (system.name for system in systems)},
        largest,
        None if options.memory is None else measure_indexing(options.memory),
        questions.missing,
    )
    print(render(report))
    if options.results:
        _write_results(options.results, replies, systems[0].name)
    if options.json:
        options.json.write_text(json.dumps(asdict(report), indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", type=Path, nargs="+")
    parser.add_argument("--questions", type=Path, nargs="+", default=[Path(__file__).parent / "questions"])
    parser.add_argument("--only", nargs="*", default=[], help="names of repositories")
    parser.add_argument("--ranker", type=Path, help="a ranker's file, as a column of its own")
    parser.add_argument("--embedder", help="folder or URL#MODEL, as a column of its own")
    parser.add_argument("--reranker", help="folder or URL#MODEL, as a column of its own")
    parser.add_argument("--no-baselines", action="store_true", help="leave out BM25 and grep")
    parser.add_argument("--memory", type=Path, metavar="REPOSITORY", help="measure indexing this one from nothing")
    parser.add_argument("--index", type=Path, help="folder to keep the indexes in; a temporary one by default")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--results", type=Path, help="folder for files.jsonl and lines.jsonl of the default")
    return parser.parse_args()


def _systems(options: argparse.Namespace) -> list[System]:
    systems: list[System] = [Product("repoask")]
    if options.ranker:
        systems.append(Product(f"ranker {options.ranker.name}", ranker=load_ranker(options.ranker)))
    if options.embedder:
        systems.append(Product("with embedder", embedder=embedder_for(options.embedder)))
    if options.reranker:
        reranker = reranker_for(options.reranker, timeout_s=_RERANKER_TIMEOUT_S)
        systems.append(Product("with reranker", reranker=reranker))
    return systems if options.no_baselines else [*systems, *BASELINES]


def _largest(questions: QuestionSet, systems: Iterable[System], indexes: Indexes) -> tuple[str, dict[str, list[float]]]:
    """The name of the largest checkout, and the seconds of each question there, by system."""
    if not questions.repositories:
        sys.exit("none of the repositories is checked out: " + ", ".join(questions.missing))
    largest = max(questions.repositories, key=num_bytes)
    return largest.name, {system.name: latencies(largest, system, indexes) for system in systems}


def _scored(replies: Replies) -> dict[str, dict[str, list[Scored]]]:
    """Measures of each question, by part and system."""
    scored: dict[str, dict[str, list[Scored]]] = {"files": {}, "lines": {}}
    for repository, part, system, said in replies:
        score = _score_files if part == "files" else _score_lines
        scored[part].setdefault(system, []).extend(score(repository, said))
    return scored


def _score_files(repository: Repository, replies: Iterable[Reply]) -> Iterable[Scored]:
    for question, reply in zip(repository.files, replies, strict=True):
        gained = ndcg([result.path for result in reply.results], question.targets)
        measures = {"ndcg@10": gained, "answerable refused": float(not reply.found)}
        yield Scored(repository.name, repository.language, question.kind, measures)


def _score_lines(repository: Repository, replies: Iterable[Reply]) -> Iterable[Scored]:
    for question, reply in zip(repository.lines, replies, strict=True):
        measures = line_measures(reply.results, question.targets, found=reply.found)
        yield Scored(repository.name, repository.language, question.kind, measures)


def _seconds(replies: Replies, system: str) -> list[float]:
    return [reply.seconds for _, _, name, said in replies if name == system for reply in said]


def _write_results(folder: Path, replies: Replies, system: str) -> None:
    """The replies of one system as the development questions' `score.py` reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[dict[str, Any]]] = {"files": [], "lines": []}
    for repository, part, name, said in replies:
        asked = repository.files if part == "files" else repository.lines
        for question, reply in zip(asked, said, strict=True) if name == system else ():
            results = [asdict(result) for result in reply.results]
            row = {"repo": repository.name, "question": question.text, "results": results, "found": reply.found}
            rows[part].append(row)
    for part, lines in rows.items():
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
