"""What a pack keeps of a repository that is larger than its budget: the share of the files that answer questions.

    python benchmarks/selection.py CHECKOUTS... [--questions FOLDER...] [--only NAME...] [--whole]
        [--index FOLDER] [--tokenizer NAME] [--commits N] [--json FILE]

Budgets are shares of the tokens of all files together, each with its wrapping. Beside the product, with the question
and without, stand plain ways to fill the same budget, which spend nothing on an outline. "fits" counts only gold files
that are no larger than the budget: of the others no choice can keep one in full. "in full or lines" counts a file
whose asked lines all stand in the pack too, of questions that have lines.

File questions are asked of the folder that they are about, as in `retrieval.py`; with --whole, of the whole checkout,
as somebody packs it. With --commits the pack without a question is taken at each of the last N first-parent commits of
every repository, to see how much of it stands in full that did not before. Tunes nothing.
"""

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import fmean

from asking import Indexes
from budgets import Budgeted, Packing, churn_order, in_order
from questions import Repository, Target, read_questions
from repoask.context.pack.tokenizers.opening import open_tokenizer
from steadiness import measure_steadiness

_SHARES = (1 / 8, 1 / 4, 1 / 2)
_SYSTEMS = (
    "with the question",
    "without",
    "most changed first",
    "smallest first",
    "path order",
    "no choice does better",
)
_Golds = dict[str, tuple[tuple[int, int], ...]]
"""The right files, and the lines that were asked for in each."""

_Measures = dict[str, float]
_Row = tuple[str, str, str, float, str, _Measures]
"""Part ("files" or "lines"), repository, language, share, system, measures of one question."""


def main() -> None:
    """Chooses for every question and budget, prints a table, writes what was asked for."""
    options = _options()
    questions = read_questions(options.questions, options.checkouts, only=options.only)
    counter = open_tokenizer(options.tokenizer)
    rows: list[_Row] = []
    with tempfile.TemporaryDirectory(prefix="repoask-benchmark-") as scratch:
        indexes = Indexes(options.index or Path(scratch))
        for repository in questions.repositories:
            for part, root in _parts(repository, whole=options.whole):
                view = indexes.view(repository.checkout, root, embedder=None)
                above = f"{root}/" if root and not view.snapshot.source.prefix else ""
                packing = Packing(view, counter, above=above)
                churn = churn_order(packing.tokens, repository.checkout, above=above)
                rows += _measured(part, repository, packing, churn)
        steady = [
            measure_steadiness(one, counter, indexes, commits=options.commits)
            for one in (questions.repositories if options.commits else ())
        ]
    print(f"tokens: {counter.name}; {len(questions.repositories)} repositories\n")
    print(_render(rows))
    if steady:
        print("\n" + "\n".join(each.line for each in steady))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if questions.missing:
        print("not checked out: " + ", ".join(questions.missing), file=sys.stderr)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", type=Path, nargs="+")
    parser.add_argument("--questions", type=Path, nargs="+", default=[Path(__file__).parent / "questions"])
    parser.add_argument("--only", nargs="*", default=[], help="names of repositories")
    parser.add_argument("--whole", action="store_true", help="ask file questions of the whole checkout")
    parser.add_argument("--index", type=Path, help="folder to keep the indexes in; a temporary one by default")
    parser.add_argument("--tokenizer", help="folder or file of a tokenizer; an estimate by default")
    parser.add_argument("--commits", type=int, default=0, help="commits to look back on; none by default")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser.parse_args()


def _parts(repository: Repository, *, whole: bool) -> Iterator[tuple[str, str]]:
    if repository.files:
        yield "files", "" if whole else repository.root
    if repository.lines:
        yield "lines", ""


def _measured(part: str, repository: Repository, packing: Packing, churn: Sequence[str]) -> Iterator[_Row]:
    wanted: list[tuple[str, _Golds]]
    wanted = [(question.text, dict.fromkeys(question.targets, ())) for question in repository.files]
    if part == "lines":
        wanted = [(question.text, _gold_lines(question.targets)) for question in repository.lines]
    for share in _SHARES:
        budget = int(packing.total * share)
        plain = {
            "without": Budgeted.of(packing.choose(budget)),
            "most changed first": in_order(packing.tokens, churn, budget),
            "smallest first": in_order(
                packing.tokens, sorted(packing.tokens, key=lambda p: (packing.tokens[p], p)), budget
            ),
            "path order": in_order(packing.tokens, sorted(packing.tokens), budget),
        }
        for text, gold in (each for each in wanted if each[1]):
            golds = {packing.path_of(path): lines for path, lines in gold.items()}
            smallest = sorted(golds, key=lambda path: (packing.tokens.get(path, budget), path))
            kept = plain | {
                "with the question": Budgeted.of(packing.choose(budget, question=text)),
                "no choice does better": in_order(packing.tokens, smallest, budget),
            }
            for system in _SYSTEMS:
                measures = _measures(kept[system], golds, packing, budget, with_lines=part == "lines")
                yield part, repository.name, repository.language, share, system, measures


def _gold_lines(targets: Iterable[Target]) -> _Golds:
    lines: _Golds = {}
    for target in targets:
        if target.grade == 2:
            lines[target.path] = (*lines.get(target.path, ()), (target.start, target.end))
    return lines


def _measures(kept: Budgeted, golds: _Golds, packing: Packing, budget: int, *, with_lines: bool) -> _Measures:
    measures = {"in full": fmean(path in kept.full for path in golds)}
    if fitting := [path for path in golds if packing.tokens.get(path, budget + 1) <= budget]:
        measures["in full, of those that fit"] = fmean(path in kept.full for path in fitting)
    if with_lines:
        measures["in full or lines"] = fmean(kept.has_lines(path, lines) for path, lines in golds.items())
    return measures


def _render(rows: Sequence[_Row]) -> str:
    """One table: a line for each part and measure, language and share, a column for each system."""
    cells: defaultdict[tuple[str, str, float], defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for part, _, language, share, system, measures in rows:
        for measure, value in measures.items():
            cells[f"{part} {measure}", "", share][system].append(value)
        if share == 1 / 4:
            cells[f"{part} in full", language, share][system].append(measures["in full"])
    told = ["| share of gold files | budget | questions | " + " | ".join(_SYSTEMS) + " |"]
    told.append("|---" * (3 + len(_SYSTEMS)) + "|")
    for (name, language, share), values in sorted(cells.items()):
        means = [f"{fmean(values[system]):.3f}" for system in _SYSTEMS]
        label = f"{name}, {language}" if language else name
        told.append(f"| {label} | 1/{round(1 / share)} | {len(values[_SYSTEMS[0]])} | " + " | ".join(means) + " |")
    return "\n".join(told)


if __name__ == "__main__":
    main()
