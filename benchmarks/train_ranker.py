"""Trains the ranker of files and of chunks on questions with known answers, and tells how it does on others.

    python benchmarks/train_ranker.py CHECKOUTS... --questions FOLDER... [--out FILE] [--index FOLDER]

Two softmax regressions (listwise, as ListNet has it: Cao and others, ICML 2007, with the top-one probability): of the
files that may answer a question the ones that do, then of the chunks of the best files those that hold the answer. Each
question weighs the same, those of `--lesser` folders a quarter. It is deterministic: the loss is convex and solved by
Newton's method from zero, so there is no seed. Held out means a whole language: for each one the weights are fitted on
all others, and each question is scored by weights that saw nothing of its language.

A team's own questions, in the format of `benchmarks/questions`, go in the same way; `repoask search --ranker FILE` and
the setting `ranker` load what is written.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from asking import Indexes
from measures import Estimate, Scored, estimate, mean_over_languages, mean_over_questions, ndcg
from numpy.typing import NDArray
from questions import LineQuestion, Repository, Target, read_questions
from repoask.context.retrieval.corpus import Corpus
from repoask.context.retrieval.features import FEATURES
from repoask.context.retrieval.passages import CHUNK_FEATURES
from repoask.context.retrieval.ranker import LinearRanker
from repoask.context.retrieval.retriever import match_all, score_passages

_L2_FILES, _L2_CHUNKS = 20.0, 30.0  # of standardized features; .884 to .887 held out from 10 to 30
# Added to the weight of a chunk's file: line questions alone would let files change places. File NDCG@10 and lines
# Hit@5 of the development questions: .820 and .705 with 0, .870 and .750 with .5, .883 and .761 with 1.
_ORDER_OF_FILES = 1.0
# File questions are asked of folders that hold little else than the product, and teach too little of the rest: a test
# named like a question came before the code that it tests. Lines Hit@5 of ours .630 to .639, .593 to .602 by weights of
# others, development .739 to .750, with what else of the roles came along.
_AGAINST = {"test": -1.5, "example": -1.0, "benchmark": -1.0, "tooling": -1.0}
# No embedder is there in training. These were fitted to vectors that the index once learned from each repository.
_OF_FILE_VECTORS = {"similarity": 1.55}
_OF_CHUNK_VECTORS = {"similarity": 1.32, "similarity_rank": 0.51}
_NEWTON_STEPS, _CONVERGED = 50, 1e-8
_LESSER = 0.25  # questions of our own are worded otherwise than most that are asked
_GRADES = {2: 1.0, 1: 0.35}  # what a chunk that only helps counts beside one that answers

_GROUPS = {
    "BM25 of chunks and files": ("chunk", "chunks", "file", "head"),
    "path, stem and folder": ("path", "stem", "stem_whole", "parent"),
    "related words in path, stem and definitions": ("path_related", "stem_related", "definitions_related"),
    "meaning, by the vectors of words": ("meaning", "meanings"),
    "names of definitions": ("definition", "definitions", "named", "definitions_related"),
    "roles": FEATURES[FEATURES.index("test") : FEATURES.index("tooling") + 1],
    "depth and length": ("depth", "length"),
    "share of a file that its best definition takes": ("main_definition",),
    "how many of the best chunks call what a file defines": ("called",),
}


@dataclass(frozen=True)
class Example:
    """A question with what may answer it.

    Attributes:
        repository, language: That it is about.
        names: Of what may answer: paths. Shape (n,).
        features: Of each. Shape (n, features).
        gains: How well each answers; 0 for most. Shape (n,).
        weight: What the question counts in training.
        targets: The paths that answer, for questions of files.
    """

    repository: str
    language: str
    names: tuple[str, ...]
    features: NDArray[np.float64]
    gains: NDArray[np.float64]
    weight: float
    targets: tuple[str, ...] = ()


def main() -> None:
    """Fits, tells how it does held out, and writes the weights of all."""
    options = _options()
    with tempfile.TemporaryDirectory() as scratch:
        indexes = Indexes(options.index or Path(scratch))
        repositories = [
            (one, _LESSER if folder in options.lesser else 1.0)
            for folder in (*options.questions, *options.lesser)
            for one in read_questions([folder], options.checkouts).repositories
        ]
        files = [example for one, weight in repositories for example in _file_examples(one, indexes, weight)]
        held_out = _held_out(files, _L2_FILES)
        _tell_files(files, held_out)
        if options.ablate:
            _ablate(files)
        weights = _named(_fit(files, _L2_FILES), FEATURES) | _OF_FILE_VECTORS
        weights |= {name: round(weights[name] + more, 4) for name, more in _AGAINST.items()}
        of_chunks: dict[str, float] = {}
        for _ in range(2):  # what the best chunks call is known when there are weights that tell which these are
            ranker = LinearRanker(weights, of_chunks)
            chunks = [each for one, weight in repositories for each in _chunk_examples(one, indexes, weight, ranker)]
            of_chunks = _named(_fit(chunks, _L2_CHUNKS), CHUNK_FEATURES) | _OF_CHUNK_VECTORS
            of_chunks["file"] = round(of_chunks["file"] + _ORDER_OF_FILES, 4)
    _tell_chunks(chunks, _held_out(chunks, _L2_CHUNKS))
    written = {"files": weights, "chunks": of_chunks}
    options.out.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {options.out}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", type=Path, nargs="+", help="each holds a folder for each repository")
    parser.add_argument("--questions", type=Path, nargs="+", required=True, help="folders of questions")
    parser.add_argument("--lesser", type=Path, nargs="*", default=[], help="folders whose questions count a quarter")
    parser.add_argument("--out", type=Path, default=Path("ranker.json"))
    parser.add_argument("--index", type=Path, help="folder to keep the indexes in; a temporary one by default")
    parser.add_argument("--ablate", action="store_true", help="also tell what each group of file features is worth")
    return parser.parse_args()


def _file_examples(repository: Repository, indexes: Indexes, weight: float) -> Iterable[Example]:
    if not repository.files:
        return
    view = indexes.view(repository.checkout, repository.root, embedder=None)
    prefix = view.snapshot.source.prefix
    above = f"{repository.root}/" if repository.root and not prefix else ""
    corpus = Corpus(view.segments, under=prefix)
    for question in repository.files:
        candidates = match_all(question.text, corpus, view.embedder).candidates
        names = tuple(above + corpus.path(file) for file in candidates.files)
        gains = np.array([any(ndcg([name], [target]) for target in question.targets) for name in names], np.float64)
        features = candidates.features.astype(np.float64)
        yield Example(repository.name, repository.language, names, features, gains, weight, question.targets)


def _chunk_examples(repository: Repository, indexes: Indexes, weight: float, ranker: LinearRanker) -> Iterable[Example]:
    answerable = [question for question in repository.lines if question.targets]
    if not answerable:
        return
    view = indexes.view(repository.checkout, "", embedder=None)
    corpus = Corpus(view.segments)
    for question in answerable:
        passages, _ = score_passages(match_all(question.text, corpus, view.embedder), ranker, corpus)
        spans = [_span(row, corpus) for row in passages.rows.tolist()]
        gains = np.array([_gain(span, question) for span in spans], np.float64)
        names = tuple(f"{path}:{start}" for path, start, _ in spans)
        yield Example(repository.name, repository.language, names, passages.features.astype(np.float64), gains, weight)


def _span(row: int, corpus: Corpus) -> tuple[str, int, int]:
    segment, local = corpus.chunk(row)
    path = corpus.path(int(corpus.chunk_file[row]))
    return path, int(segment.chunk_start[local]), int(segment.chunk_end[local])


def _gain(span: tuple[str, int, int], question: LineQuestion) -> float:
    return max((_GRADES[each.grade] for each in question.targets if _overlap(span, each)), default=0.0)


def _overlap(span: tuple[str, int, int], target: Target) -> bool:
    return span[0] == target.path and span[1] <= target.end and target.start <= span[2]


def _fit(examples: Sequence[Example], l2: float) -> NDArray[np.float64]:
    """The weights of the features as they are, by the features standardized."""
    known = [each for each in examples if each.gains.any()]
    stacked = np.concatenate([each.features for each in known])
    scale = stacked.std(axis=0)
    usable = scale > 1e-9  # what never varies here keeps no weight
    table = (stacked - stacked.mean(axis=0))[:, usable] / scale[usable]
    wanted = np.concatenate([each.weight * each.gains / each.gains.sum() for each in known])
    sizes = np.array([len(each.gains) for each in known])
    firsts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    of = np.repeat(np.arange(len(known)), sizes)
    share = np.array([each.weight for each in known])[of]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = table @ weights
        scores -= np.maximum.reduceat(scores, firsts)[of]
        powers = np.exp(scores)
        totals = np.add.reduceat(powers, firsts)[of]
        return float(-(wanted * (scores - np.log(totals))).sum() + 0.5 * l2 * weights @ weights), powers / totals

    fitted = np.zeros(table.shape[1])
    value, chances = loss(fitted)
    for _ in range(_NEWTON_STEPS):
        slope = table.T @ (share * chances - wanted) + l2 * fitted
        means = np.add.reduceat(chances[:, None] * table, firsts)
        spread = table.T @ ((share * chances)[:, None] * table) - (means.T * share[firsts]) @ means
        step = np.linalg.solve(spread + l2 * np.eye(len(fitted)), slope)
        if slope @ step < _CONVERGED:
            break
        while loss(fitted - step)[0] > value:
            step /= 2
        fitted -= step
        value, chances = loss(fitted)
    weights = np.zeros(len(scale))
    weights[usable] = fitted / scale[usable]
    return weights


def _held_out(examples: Sequence[Example], l2: float) -> list[NDArray[np.float64]]:
    """The scores of each example by weights that saw nothing of its language."""
    weights = {
        language: _fit([each for each in examples if each.language != language], l2)
        for language in sorted({each.language for each in examples})
    }
    return [each.features @ weights[each.language] for each in examples]


def _ranked(example: Example, scores: NDArray[np.float64]) -> list[str]:
    return [example.names[at] for at in sorted(range(len(scores)), key=lambda at: (-scores[at], example.names[at]))]


def _ablate(examples: Sequence[Example]) -> None:
    """NDCG@10 held out, of the questions that count in full, without each group of features."""
    for title, left_out in _GROUPS.items():
        kept = [at for at, name in enumerate(FEATURES) if name not in left_out]
        without = [replace(each, features=each.features[:, kept]) for each in examples]
        scored = _scored_files(without, _held_out(without, _L2_FILES), weight=1.0)
        print(f"without {title}: {_told(estimate(scored, 'ndcg', mean=mean_over_languages))}", file=sys.stderr)


def _scored_files(examples: Sequence[Example], scores: Sequence[NDArray[np.float64]], *, weight: float) -> list[Scored]:
    return [
        Scored(each.repository, each.language, "", {"ndcg": ndcg(_ranked(each, own), each.targets)})
        for each, own in zip(examples, scores, strict=True)
        if each.weight == weight
    ]


def _tell_files(examples: Sequence[Example], scores: Sequence[NDArray[np.float64]]) -> None:
    for name, weight in (("files", 1.0), ("files that count a quarter", _LESSER)):
        scored = _scored_files(examples, scores, weight=weight)
        told = estimate(scored, "ndcg", mean=mean_over_languages)
        print(f"{name}: {len(scored)} questions, NDCG@10 with the language held out: {_told(told)}", file=sys.stderr)


def _tell_chunks(examples: Sequence[Example], scores: Sequence[NDArray[np.float64]]) -> None:
    scored = []
    for each, own in zip(examples, scores, strict=True):
        best = np.argsort(-own, kind="stable")[:5]
        scored.append(Scored(each.repository, each.language, "", {"hit": float((each.gains[best] == 1).any())}))
    told = estimate(scored, "hit", mean=mean_over_questions)
    print(f"chunks: {len(scored)} questions, Hit@5 of single chunks, held out: {_told(told)}", file=sys.stderr)


def _told(estimate: Estimate | None) -> str:
    return "none" if estimate is None else f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def _named(weights: NDArray[np.float64], names: Sequence[str]) -> dict[str, float]:
    return {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}


if __name__ == "__main__":
    main()
