"""Fits the weights by which absent things are told, and says how they do on languages held out.

    python benchmarks/train_absence.py CHECKOUTS... --questions FOLDER... --index DIR [--test FOLDER...] [--write FILE]

Questions are read as `train_ranker.py` reads them; those of kind "absent" have no answers, all others have. Each
language is left out once, in one of ten folds; a second row leaves out each repository. The threshold is the least at
which so few answerable line questions held out are refused. Questions of `--test` take no part in any of that: they
are judged by weights of the other languages, at the threshold that the others gave. The same questions give the same
file.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from asking import Indexes
from numpy.typing import NDArray
from questions import Repository, read_questions
from repoask.context.index.index import View
from repoask.context.retrieval.absence import judge, signals_of
from repoask.context.retrieval.corpus import Corpus
from repoask.context.retrieval.ranker import default_ranker
from repoask.context.retrieval.retriever import match_all, score_passages
from repoask.context.retrieval.spans import choose_spans

FOLDS = 10
WRONGLY_REFUSED = 0.02  # of answerable line questions, held out
RIDGE = 20.0
WEIGHT = {"absent": 2.0, "line": 1.0, "file": 0.5}


@dataclass(frozen=True, slots=True)
class Example:
    """One question and what speaks against its having an answer.

    Attributes:
        kind: "absent", "line" or "file".
        source: The folder that the question is of.
        repository, language: What may be held out together.
        refused: The exact rules refuse it.
    """

    kind: str
    source: str
    repository: str
    language: str
    refused: bool
    signals: dict[str, float]


def main() -> None:
    """Collects, fits, prints a table, writes what was asked for."""
    options = _options()
    examples = list(_examples(options, options.questions))
    tests = list(_examples(options, options.test))
    names = sorted({name for each in examples for name in each.signals})
    values, of_tests = _table(examples, names), _table(tests, names)
    _report("exact rules", [*examples, *tests], np.zeros(len(examples) + len(tests)), 1.0)
    held_out = _held_out(examples, values, "language")
    threshold = _threshold(examples, held_out)
    _report("all signals", examples, held_out, threshold)
    by_repository = _held_out(examples, values, "repository")
    _report("repositories held out", examples, by_repository, _threshold(examples, by_repository))
    _report("tests", tests, _unseen(examples, values, tests, of_tests), threshold)
    for at, name in enumerate(names):
        without = _held_out(examples, np.delete(values, at, axis=1), "language")
        _report(f"without {name}", examples, without, _threshold(examples, without))
    weights, bias = _fit(examples, values)
    model = {
        "threshold": round(threshold - bias, 3),
        "weights": {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True)},
    }
    if options.write:
        options.write.write_text(json.dumps(model, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", type=Path, nargs="+", help="each holds a folder for each repository")
    parser.add_argument("--questions", type=Path, nargs="+", required=True, help="folders of questions")
    parser.add_argument("--index", type=Path, required=True, help="folder to keep the indexes in")
    parser.add_argument("--test", type=Path, nargs="+", default=[], help="folders of questions to judge alone")
    parser.add_argument("--write", type=Path, help="where to write the weights")
    return parser.parse_args()


def _examples(options: argparse.Namespace, folders: list[Path]) -> Iterator[Example]:
    indexes = Indexes(options.index)
    for folder in folders:
        for one in read_questions([folder], options.checkouts).repositories:
            files = [(question.text, "file") for question in one.files]
            lines = [(question.text, "line" if question.targets else "absent") for question in one.lines]
            for root, asked in ((one.root, files), ("", lines)):
                if asked:
                    view = indexes.view(one.checkout, root, embedder=None)
                    yield from _of_view(view, asked, folder.name, one)


def _of_view(view: View, asked: list[tuple[str, str]], source: str, of: Repository) -> Iterator[Example]:
    corpus = Corpus(view.segments, under=view.snapshot.source.prefix)
    for text, kind in asked:
        matched = match_all(text, corpus, view.embedder)
        if matched.given.places or matched.given.missing:
            continue  # judged before the signals have a say
        question, lexical = matched.question, matched.lexical
        passages, scores = score_passages(matched, default_ranker(), corpus)
        spans = choose_spans(passages, scores, matched.candidates, lexical, corpus, limit=10)
        shown = [span.chunks for span in spans]
        refused = not judge(question, lexical, shown, corpus, weigh=False).found
        signals = signals_of(question, lexical, shown, corpus)
        yield Example(kind, source, of.name, of.language, refused, signals)


def _table(examples: list[Example], names: list[str]) -> NDArray[np.float64]:
    rows = [[each.signals.get(name, 0.0) for name in names] for each in examples]
    return np.array(rows, np.float64).reshape(len(rows), len(names))


def _fit(examples: list[Example], values: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Weights and bias of a logistic regression of standardised signals, given for the signals as they are."""
    mean, scale = values.mean(axis=0), values.std(axis=0) + 1e-9
    inputs = np.column_stack([(values - mean) / scale, np.ones(len(values))])
    absent = np.array([each.kind == "absent" for each in examples], np.float64)
    worth = np.array([WEIGHT[each.kind] for each in examples])
    penalty = np.diag([RIDGE] * values.shape[1] + [0.0])
    solution = np.zeros(inputs.shape[1])
    for _ in range(30):  # Newton's steps; it is convex and settles in ten
        likely = 1 / (1 + np.exp(-(inputs @ solution)))
        slope = inputs.T @ (worth * (likely - absent)) + penalty @ solution
        bend = (inputs * (worth * likely * (1 - likely))[:, None]).T @ inputs + penalty
        solution -= np.linalg.solve(bend + 1e-9 * np.eye(len(bend)), slope)
    weights = solution[:-1] / scale
    return weights, float(solution[-1] - mean @ weights)


def _held_out(examples: list[Example], values: NDArray[np.float64], what: str) -> NDArray[np.float64]:
    """The score of each example by weights fitted without its language or its repository."""
    groups = [getattr(each, what) for each in examples]
    fold = {group: at % FOLDS for at, group in enumerate(sorted(set(groups)))}
    folds = np.array([fold[group] for group in groups])
    scores = np.zeros(len(examples))
    for number in range(FOLDS):
        rest = np.flatnonzero(folds != number)
        weights, bias = _fit([examples[at] for at in rest.tolist()], values[rest])
        scores[folds == number] = values[folds == number] @ weights + bias
    return scores


def _unseen(
    examples: list[Example], values: NDArray[np.float64], tests: list[Example], of_tests: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The score of each test by weights fitted on other languages, and so on other repositories."""
    scores = np.zeros(len(tests))
    for language in sorted({each.language for each in tests}):
        rest = np.flatnonzero([each.language != language for each in examples])
        weights, bias = _fit([examples[at] for at in rest.tolist()], values[rest])
        chosen = np.array([each.language == language for each in tests])
        scores[chosen] = of_tests[chosen] @ weights + bias
    return scores


def _threshold(examples: list[Example], scores: NDArray[np.float64]) -> float:
    """The least score over which, with the exact rules, few enough answerable line questions are refused."""
    line = np.array([each.kind == "line" for each in examples])
    refused = np.array([each.refused for each in examples])
    for threshold in np.sort(scores[line]):
        if ((scores > threshold) | refused)[line].mean() <= WRONGLY_REFUSED:
            return float(threshold)
    return float(scores.max())


def _report(title: str, examples: list[Example], scores: NDArray[np.float64], threshold: float) -> None:
    cells = []
    for source in sorted({each.source for each in examples}):
        for kind in ("absent", "line", "file"):
            of = [at for at, each in enumerate(examples) if (each.source, each.kind) == (source, kind)]
            refused = sum(examples[at].refused or scores[at] > threshold for at in of)
            cells.append(f"{source} {kind} {refused}/{len(of)}")
    print(f"{title:26}", ", ".join(cells))


if __name__ == "__main__":
    main()
