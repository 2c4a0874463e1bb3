"""What the best chunks call: where it is defined, and how surely that is meant."""

import numpy as np
import pytest
from repoask.context.index.segment import LiveSegment
from repoask.context.retrieval.calls import called_by, files_called_by
from repoask.context.retrieval.corpus import Corpus
from repoask.context.retrieval.retriever import search

FILES = {
    "shop.py": "def checkout(basket):\n    settle(basket)\n    archive(basket)\n    get(basket)\n    return checkout\n",
    "bank.py": "def settle(basket):\n    return basket\n",
    "disk.py": "def archive(basket):\n    return basket\n",
    "tape.py": "def archive(basket):\n    return basket\n",
    **{f"store{number}.py": "def get(key):\n    return key\n" for number in range(4)},
}


def of_files(corpus, called, rows):
    return {corpus.path(file): round(float(called[row]), 3) for row, file in enumerate(rows) if called[row]}


def calls_of(path, corpus):
    """What one file calls, by chunks and by files; each file here is one chunk."""
    (file,) = (row for row in range(corpus.size) if corpus.live[row] and corpus.path(row) == path)
    chunks = list(corpus.chunks_of(file))
    by_chunks = of_files(corpus, called_by(chunks, corpus), corpus.chunk_file.tolist())
    by_files = of_files(corpus, np.expm1(files_called_by(chunks, corpus)), range(corpus.size))
    return by_chunks, by_files


def test_a_call_counts_less_where_more_are_meant_and_nothing_where_many_are(index):
    once = {"bank.py": 1.0, "disk.py": 0.5, "tape.py": 0.5}
    assert calls_of("shop.py", Corpus([index(FILES)])) == (once, once)


def test_what_calls_nothing_or_itself_alone_calls_nothing(index):
    corpus = Corpus([index({"a.py": "def again(n):\n    return again(n - 1)\n", "b.md": "# Title\n"})])
    assert calls_of("a.py", corpus) == calls_of("b.md", corpus) == ({}, {})
    assert not called_by([], corpus).any()


def test_calls_reach_from_a_segment_into_another_and_not_into_what_is_dead(index):
    image = index({**FILES, "bank.py": "def settle(old):\n    return old\n"})
    live = np.array([path not in ("bank.py", "tape.py") for path in FILES])
    overlay = index({"bank.py": FILES["bank.py"]})
    corpus = Corpus([LiveSegment(image.segment, live), overlay])
    assert calls_of("shop.py", corpus) == ({"bank.py": 1.0, "disk.py": 1.0},) * 2


@pytest.mark.parametrize("called", ["blorb", "snarf"])  # words without a meaning
def test_of_two_that_match_alike_the_one_that_is_called_comes_first(index, called):
    other = {"blorb": "snarf", "snarf": "blorb"}[called]
    files = {
        "desk.py": f"def take_order(guest):\n    return serve_{called}(guest)\n",
        f"{called}.py": f"def serve_{called}(guest):\n    return guest\n",
        f"{other}.py": f"def serve_{other}(guest):\n    return guest\n",
    }
    found = [each.path for each in search([index(files)], "take order of a guest").evidence]
    assert found[:2] == ["desk.py", f"{called}.py"]
