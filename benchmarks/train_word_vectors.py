"""Learns the vectors of words by which the ranker knows that code is about what a question says in other words.

    python benchmarks/train_word_vectors.py REPOSITORIES... --out FILE [--thesaurus FILE] [--hold-out N]

REPOSITORIES are git repositories, bare or with a work tree; nothing of them is run. A comment and the code below it, a
commit's message and the names in the lines it changes, an entry of the thesaurus: in each, two texts mean the same.
Two tables of vectors are learned, of words that are said and of terms of code, such that the two lie near each other.

With `--hold-out N`, vectors are first learned without N of the repositories, and it is told how well those find the
code of the comments there. What is written is learned from all. The same repositories, thesaurus and seed give the same
file on one machine.

It needs torch, which repoask does not. `.venv-vllm` has it (`make test-vllm` makes that):

    PYTHONPATH=.dev:.venv-vllm/lib/python3.11/site-packages .venv/bin/python benchmarks/train_word_vectors.py ...
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pair_files import RepositoryPairs, read_repositories
from prose_pairs import Pair
from vector_learning import DIMENSIONS, learn
from vector_tables import WordVectors, held_out_ranks, make_table, write_vectors
from word_bags import Corpus, make_corpus, read_thesaurus


def main() -> None:
    """Reads, tells how it does held out, learns from all and writes."""
    options = _options()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        repositories = read_repositories(options.repositories, options.pairs or Path(scratch))
    thesaurus = read_thesaurus(options.thesaurus) if options.thesaurus else []
    _tell(f"read {len(repositories)} repositories", started)
    if not repositories:
        sys.exit("nothing to learn from: none of the repositories can be read")
    if options.hold_out:
        _tell_held_out(repositories, thesaurus, options)
        _tell("learned and judged held out", started)
    corpus = make_corpus(repositories, thesaurus)
    vectors = _learn(corpus, options)
    about = f"{len(corpus.said)} pairs of {len(repositories)} repositories, {len(thesaurus)} entries of a thesaurus"
    write_vectors(options.out, vectors, dimensions=DIMENSIONS, about=f"{about}, seed {options.seed}")
    _tell(f"{about}: wrote {options.out}, {options.out.stat().st_size:,} bytes", started)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", type=Path, nargs="+", help="git repositories, bare or with a work tree")
    parser.add_argument("--out", type=Path, required=True, help="where to write the vectors")
    parser.add_argument("--pairs", type=Path, help="folder to keep what is read in; a temporary one by default")
    parser.add_argument("--thesaurus", type=Path, help="lines: what is said, and names in code that may mean it")
    parser.add_argument("--hold-out", type=int, default=0, metavar="N", help="first judge by N repositories left out")
    parser.add_argument("--question-words", type=int, default=7_500, metavar="N", help="how many to write")
    parser.add_argument("--code-terms", type=int, default=10_000, metavar="N", help="how many to write")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def _learn(corpus: Corpus, options: argparse.Namespace) -> WordVectors:
    try:
        learned = learn(corpus, seed=options.seed)
    except ValueError as error:
        sys.exit(f"nothing to learn from: {error}")
    return WordVectors(
        make_table(corpus.question_words.numbers, learned.question_words, limit=options.question_words),
        make_table(corpus.code_terms.numbers, learned.code_terms, limit=options.code_terms),
    )


def _tell_held_out(
    repositories: Sequence[RepositoryPairs], thesaurus: Sequence[Pair], options: argparse.Namespace
) -> None:
    """Leaves repositories out that lie evenly among all in the order of their names."""
    by_name = sorted(repositories, key=lambda one: one.name)
    if len(by_name) <= options.hold_out:
        sys.exit(f"--hold-out {options.hold_out}: there are {len(by_name)} repositories; some must stay to learn from")
    chosen = {int(at) for at in np.linspace(0, len(by_name) - 1, options.hold_out)}
    rest = [one for at, one in enumerate(by_name) if at not in chosen]
    held_out = [by_name[at] for at in sorted(chosen)]
    vectors = _learn(make_corpus(rest, thesaurus), options)
    ranks = held_out_ranks(vectors, held_out, seed=options.seed)
    print(f"held out: {', '.join(one.name for one in held_out)}")
    print(
        f"mean reciprocal rank of the code of a comment: {ranks.vectors:.4f} by vectors, {ranks.words:.4f} by words, "
        f"{ranks.both:.4f} by both"
    )


def _tell(what: str, started: float) -> None:
    print(f"{time.perf_counter() - started:6.0f} s  {what}", file=sys.stderr)


if __name__ == "__main__":
    main()
