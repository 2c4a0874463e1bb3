"""Several segments as one: what is looked up at once is what is looked up key by key, and what is kept stays true."""

import numpy as np
import pytest
from repoask.context import terms
from repoask.context.index.segment import LiveSegment
from repoask.context.retrieval.corpus import Corpus
from repoask.context.retrieval.facts import facts_of
from repoask.context.retrieval.roles import Roles

FIRST = {
    "docs/notes.md": "# Basket\n\nA basket holds items.\n",
    "src/basket.py": "def fill_basket(items):\n    return items\n\n\ndef empty_basket():\n    return None\n",
}
SECOND = {"tests/test_basket.py": "def test_basket():\n    assert fill_basket([])\n"}
WORDS = ("items", "basket", "nowhere", "fill")


@pytest.fixture(params=["all live", "one dead"])
def corpus(request, index):
    first, second = index(FIRST), index(SECOND)
    live = np.array([path != "docs/notes.md" or request.param == "all live" for path in first.segment.paths])
    return Corpus([LiveSegment(first.segment, live), second])


def test_what_is_found_at_once_is_what_is_found_key_by_key(corpus):
    keys = [terms.term_hash(terms.join([word])) for word in WORDS]
    for field in ("text", "path", "stem", "name"):
        rows, of, counts = corpus.find(field, np.array(keys, np.uint64))
        found = [(rows[of == at].tolist(), counts[of == at].tolist()) for at in range(len(keys))]
        one_by_one = {
            "text": corpus.chunks_with,
            "name": lambda key: (corpus.definitions_with(key), np.ones(len(corpus.definitions_with(key)))),
        }.get(field, lambda key, field=field: corpus.files_with(field, key))
        assert found == [tuple(each.tolist() for each in one_by_one(key)) for key in keys]
        assert any(rows for rows, _ in found)
        assert of.tolist() == sorted(of.tolist())


def test_chunks_are_counted_as_they_are_found(corpus):
    keys = np.array([terms.term_hash(terms.join([word])) for word in WORDS], np.uint64)
    assert corpus.num_chunks_with(keys).tolist() == [len(corpus.chunks_with(int(key))[0]) for key in keys]


def test_a_definition_is_in_the_same_chunks_when_it_is_asked_for_again_beside_others(corpus):
    every = np.arange(corpus.num_definition_rows)
    one = corpus.chunks_of_definitions(every[1:2])
    firsts, stops = corpus.chunks_of_definitions(every)
    assert (firsts[1], stops[1]) == (one[0][0], one[1][0])
    assert corpus.chunk_file[firsts].tolist() == corpus.files_of_definitions(every).tolist()
    assert (stops > firsts).all()


def test_the_facts_of_a_file_are_those_of_its_path(corpus):
    files = [row for row in range(corpus.size) if corpus.live[row]]
    for asked in (files[-1:], files):
        roles = facts_of(corpus).roles(asked)
        assert [Roles(**{name: bool(roles[name][at]) for name in roles}) for at in range(len(asked))] == [
            corpus.roles(file) for file in asked
        ]
        assert facts_of(corpus).depth(asked).tolist() == [corpus.path(file).count("/") for file in asked]
