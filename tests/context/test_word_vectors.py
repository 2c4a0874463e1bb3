"""Vectors of words: what is said lies near what code calls it, the same on every machine and in any order."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from repoask.context import terms, word_vectors
from repoask.context.word_vectors import DIMENSIONS, FULL, VERSION, CodeVectors, question_vector

DATA = Path(word_vectors.__file__).with_name("word_vectors.txt")


def nearness(question, code):
    keys, counts = terms.count(code)
    return float(question_vector(question) @ CodeVectors.shipped().of_terms(keys, counts).astype(np.float32)) / FULL


def test_the_version_is_that_of_the_file():
    assert hashlib.sha256(DATA.read_bytes()).hexdigest().startswith(VERSION.partition("-")[2]), (
        "set VERSION when the file changes"
    )


def test_the_file_is_small_and_in_order():
    assert DATA.stat().st_size < 1_000_000
    lines = DATA.read_text(encoding="ascii").splitlines()
    assert sorted(lines, key=str.encode) == lines
    for line in lines[1:]:
        stem, *vectors = line.split(" ")
        assert stem
        assert [len(each) for each in vectors if each != "-"] == [DIMENSIONS] * sum(each != "-" for each in vectors)


@pytest.mark.parametrize(
    ("question", "near", "far"),
    [
        ("remembered results", "def evict(self, key): del self.cache[key]", "def draw_circle(x, y): paint()"),
        ("who may come in", "def authorize(role): return permission", "def parse_date(text): return strptime(text)"),
        ("tidy up afterwards", "def teardown(self): self.cleanup()", "def multiply(a, b): return a * b"),
    ],
)
def test_what_is_said_lies_nearer_to_what_does_it(question, near, far):
    assert nearness(question, near) > nearness(question, far)


def test_vectors_are_whole_numbers_of_one_length():
    keys, counts = terms.count(DATA.read_text(encoding="ascii")[:20_000])
    for vector in (question_vector("where is the cache cleared?"), CodeVectors.shipped().of_terms(keys, counts)):
        assert np.array_equal(vector, np.rint(vector))
        assert abs(np.linalg.norm(vector.astype(np.float64)) - 127) < 4


def test_the_order_of_words_and_terms_does_not_matter():
    assert np.array_equal(question_vector("cache cleared here"), question_vector("here cleared cache"))
    keys, counts = terms.count(Path(word_vectors.__file__).read_text(encoding="utf-8"))
    vectors = CodeVectors.shipped()
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(len(keys))
        assert np.array_equal(vectors.of_terms(keys, counts), vectors.of_terms(keys[order], counts[order]))


def test_a_name_in_a_question_is_taken_apart():
    assert np.array_equal(question_vector("HTTPClientTimeout"), question_vector("http client timeout"))
    assert question_vector("get_user_name").any()


@pytest.mark.parametrize("text", ["", "zzzqqq", "é", "\ud800 \udfff"])
def test_what_no_word_is_known_of_has_no_direction(text):
    assert not question_vector(text).any()
    assert not CodeVectors.shipped().of_terms(*terms.count(text)).any()


def test_a_term_that_stands_a_million_times_is_still_exact():
    key = terms.term_hash(terms.join(["cache"]))
    once = CodeVectors.shipped().of_terms(np.array([key], np.uint64), np.array([1], np.uint16))
    often = CodeVectors.shipped().of_terms(np.array([key], np.uint64), np.array([65_535], np.uint16))
    assert np.abs(once.astype(int) - often.astype(int)).max() <= 1
