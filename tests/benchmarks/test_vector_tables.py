"""Vectors as they are written, and how they are judged."""

from pathlib import Path

import numpy as np
import pytest
from pair_files import RepositoryPairs
from prose_pairs import Pair
from repoask.context import terms
from repoask.context.sorted_lines import SortedLines
from repoask.context.word_vectors import DIMENSIONS, CodeVectors
from vector_tables import WordVectors, held_out_ranks, make_table, write_vectors


def _read(file: Path) -> dict[str, tuple[list[int], list[int]]]:
    first, *lines = file.read_text("ascii").splitlines()
    assert first == "# repoask word vectors 1: 48 dimensions; of a test"
    rows = [line.split(" ") for line in lines]
    assert [first, *lines] == sorted([first, *lines]), "a line is found by bisection"
    return {stem: (_decoded(said), _decoded(code)) for stem, said, code in rows}


def _decoded(written: str) -> list[int]:
    assert written == "-" or len(written) == 48
    return [] if written == "-" else [ord(character) - 79 for character in written]


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    said = make_table({"fast": 0, "évict": 1, "old": 2}, random.normal(size=(3, 48)).astype(np.float32), limit=9)
    code = make_table({"old": 0, "cach": 1, "rare": 2}, random.normal(size=(3, 48)).astype(np.float32), limit=2)

    write_vectors(tmp_path / "out.txt", WordVectors(said, code), dimensions=48, about="of a test")

    read = _read(tmp_path / "out.txt")
    assert read == {
        "cach": ([], code["cach"].tolist()),
        "fast": (said["fast"].tolist(), []),
        "old": (said["old"].tolist(), code["old"].tolist()),
    }
    assert [file.name for file in tmp_path.iterdir()] == ["out.txt"]


def test_the_product_reads_what_is_written(tmp_path: Path) -> None:
    code = make_table(
        {"cach": 0, "queue": 1}, np.random.default_rng(0).normal(size=(2, 48)).astype(np.float32), limit=2
    )
    write_vectors(tmp_path / "out.txt", WordVectors({}, code), dimensions=DIMENSIONS, about="of a test")

    keys, counts = terms.count("cache")
    read = CodeVectors.read(SortedLines(tmp_path / "out.txt")).of_terms(keys, counts)

    written = code["cach"].astype(np.float64)
    assert read.tolist() == np.rint(written * 127 / np.linalg.norm(written)).tolist()


def test_the_largest_whole_number_stands_for_all_but_the_largest_values() -> None:
    vectors = np.full((50, 48), -0.5, np.float32)
    vectors[0, 0] = 1_000

    table = make_table({f"w{at}": at for at in range(50)}, vectors, limit=50)

    assert table["w0"].tolist() == [31] + [-31] * 47


def test_what_finds_its_code_ranks_first() -> None:
    names = [f"n{at}" for at in range(48)]
    vectors = make_table({name: at for at, name in enumerate(names)}, np.eye(48, dtype=np.float32), limit=48)
    unlike = make_table({"other": 0}, np.eye(1, 48, dtype=np.float32), limit=1)
    lexical = [Pair((name,), (name,)) for name in names]

    ranks = held_out_ranks(WordVectors(vectors, unlike), [RepositoryPairs("a", lexical, [])], seed=0)

    assert ranks.words == ranks.both == 1
    assert ranks.vectors == pytest.approx(1 / 24.5), "all are alike, so all share the middle rank"
    assert held_out_ranks(WordVectors(vectors, vectors), [RepositoryPairs("a", lexical, [])], seed=0).vectors == 1
