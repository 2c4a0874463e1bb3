"""Which words are learned, and that those which go together lie together. Learning needs torch, no dependency."""

from pathlib import Path

import numpy as np
import pytest
from pair_files import RepositoryPairs
from prose_pairs import Pair
from vector_learning import learn
from word_bags import Bags, make_corpus, read_thesaurus

_TOPICS = 20


def _repositories() -> list[RepositoryPairs]:
    """Of a topic people say one of two words, and code has one of two others; noise stands beside them."""
    random = np.random.default_rng(0)

    def pair() -> Pair:
        topic, word, name, *rest = random.integers((_TOPICS, 2, 2, 9, 9)).tolist()
        return Pair((f"say{topic}x{word}", f"noise{rest[0]}"), (f"code{topic}x{name}", f"filler{rest[1]}"))

    return [RepositoryPairs(name, [pair() for _ in range(900)], [pair() for _ in range(100)]) for name in "abc"]


def test_rare_words_and_those_of_one_project_are_not_learned() -> None:
    usual = [Pair(("evict", "old"), ("drop", "oldest"))] * 10
    own = [Pair(("hangfire", "old"), ("hangfire", "oldest"))] * 50
    repositories = [
        RepositoryPairs("a", usual + own, []),
        RepositoryPairs("b", usual, []),
        RepositoryPairs("c", [], usual),
    ]
    repositories[1] = RepositoryPairs("b", [*usual, Pair(("seldom", "old"), ("seldom", "oldest"))], [])

    corpus = make_corpus(repositories, [Pair(("faint",), ("dim",))])

    assert list(corpus.question_words.numbers) == ["old", "evict", "faint"], "the most frequent first"
    assert list(corpus.code_terms.numbers) == ["oldest", "drop", "dim"]
    assert len(corpus.said) == len(corpus.code) == 30, "pairs of which one word is known teach nothing"
    assert sorted(set(corpus.group.tolist())) == [0, 2, 5]


def test_a_thesaurus_gives_stems_without_stop_words(tmp_path: Path) -> None:
    file = tmp_path / "thesaurus.txt"
    file.write_text("again: retry\ngave up waiting: timeout readDeadline\n")

    (entry,) = read_thesaurus(file)

    assert entry == Pair(("gave", "wait"), ("timeout", "readdeadlin"))


def test_bags_give_the_words_of_the_rows_asked_for() -> None:
    words, of = Bags([[1, 2], [3], [4, 5, 6]]).take(np.array([2, 0]))

    assert words.tolist() == [4, 5, 6, 1, 2]
    assert of.tolist() == [0, 0, 0, 1, 1]


def test_words_that_go_together_are_near_each_other() -> None:
    pytest.importorskip("torch")
    corpus = make_corpus(_repositories(), [])

    learned = learn(corpus, seed=0, epochs=12)

    topics = range(_TOPICS)
    said = learned.question_words[corpus.question_words.known(f"say{topic}x0" for topic in topics)]
    code = learned.code_terms[corpus.code_terms.known(f"code{topic}x1" for topic in topics)]
    assert len(said) == len(code) == _TOPICS
    nearest = (said @ (code / np.linalg.norm(code, axis=1, keepdims=True)).T).argmax(axis=1)
    assert nearest.tolist() == list(topics)


def test_too_few_pairs_are_refused() -> None:
    pytest.importorskip("torch")

    with pytest.raises(ValueError, match="no repository has 64 pairs"):
        learn(make_corpus([], []), seed=0)


def test_the_same_pairs_and_seed_give_the_same_vectors() -> None:
    pytest.importorskip("torch")
    thesaurus = [Pair((f"say{topic}x0",), (f"code{topic}x0",)) for topic in range(_TOPICS)]

    one, same = (learn(make_corpus(_repositories(), thesaurus), seed=1, epochs=2) for _ in range(2))
    other = learn(make_corpus(_repositories(), thesaurus), seed=2, epochs=2)

    assert one.question_words.tobytes() == same.question_words.tobytes()
    assert one.code_terms.tobytes() == same.code_terms.tobytes()
    assert one.code_terms.tobytes() != other.code_terms.tobytes()
