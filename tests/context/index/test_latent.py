import numpy as np
import pytest
from repoask.context import terms
from repoask.context.index.bases import Bases, is_outgrown
from repoask.context.index.latent import LEARNED_DIMENSIONS, LatentEmbedder, learn
from repoask.context.storage.array_file import DamagedFileError
from repoask.context.types import Chunk

_SEA = "harbor vessel cargo anchor captain tide sailor mast"
_BREAD = "flour yeast oven dough crust baker salt knead"


def _chunk(text):
    hashes, counts = terms.count(text)
    return Chunk(1, 1, text, terms=hashes, counts=counts)


def _about(words, number):
    words = words.split()
    return _chunk(" ".join(words[(number + step) % len(words)] for step in (0, 1, 3)) + f" word{number % 7}")


@pytest.fixture(scope="module")
def chunks():
    return [_about(_SEA if number % 2 else _BREAD, number) for number in range(60)]


@pytest.fixture(scope="module")
def basis(chunks):
    return learn(chunks)


def test_vectors_have_length_one(basis, chunks):
    rows = basis.embed(chunks)
    assert rows.shape == (60, LEARNED_DIMENSIONS)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_a_question_is_near_what_shares_its_words_neighbours(basis):
    question = basis.embed_question("anchor")
    sea, bread = _chunk("captain sailor tide"), _chunk("flour oven dough")  # neither says "anchor"
    near, far = basis.embed([sea, bread]) @ question
    assert near > far + 0.2


def test_what_says_nothing_known_is_zero(basis):
    assert not basis.embed([_chunk("xyzzy"), _chunk("")]).any()
    assert not basis.embed_question("xyzzy").any()
    assert basis.embed([]).shape == (0, LEARNED_DIMENSIONS)


def test_the_same_chunks_give_the_same_basis(basis, chunks):
    assert learn(chunks).id == basis.id
    assert learn(chunks[:-1]).id != basis.id


@pytest.mark.parametrize("sample", [[], [_chunk("")], [_chunk("one")], [_chunk("one two"), _chunk("one two")]])
def test_next_to_nothing_can_be_learned_from(sample):
    basis = learn(sample)
    assert basis.dimensions == LEARNED_DIMENSIONS
    assert np.isfinite(basis.embed([_chunk("one two")])).all()


def test_texts_of_one_topic_are_nearer_than_texts_of_two():
    generator = np.random.default_rng(1)
    words = [f"term{number}" for number in range(80)]
    sample = [
        _chunk(" ".join(generator.choice(words[topic : topic + 20], 12)))
        for topic in (0, 20, 40, 60)
        for _ in range(40)
    ]
    rows = learn(sample).embed(sample)
    alike = rows @ rows.T
    topics = np.repeat(np.arange(4), 40)
    same = topics[:, None] == topics[None, :]
    assert alike[same].mean() > alike[~same].mean() + 0.3


def test_a_saved_basis_makes_the_same_vectors(basis, chunks, tmp_path):
    basis.save(tmp_path / "b.basis")
    loaded = LatentEmbedder.load(tmp_path / "b.basis")
    assert loaded.id == basis.id
    assert np.array_equal(loaded.embed(chunks), basis.embed(chunks))
    (tmp_path / "b.basis").write_bytes(b"")
    with pytest.raises(DamagedFileError):
        LatentEmbedder.load(tmp_path / "b.basis")


def test_the_newest_basis_is_current_and_others_can_be_forgotten(chunks, tmp_path):
    bases = Bases(tmp_path)
    assert bases.current() is None
    first, second = bases.learn(chunks[:30]), bases.learn(chunks)
    current = bases.current()
    assert current is not None
    assert current.id == second.id
    assert bases.load(first.id).id == first.id
    bases.forget_others(second.id)
    with pytest.raises(FileNotFoundError):
        bases.load(first.id)


def test_a_basis_is_outgrown_by_four_times_the_chunks_or_by_other_words(basis):
    assert not is_outgrown(basis, num_chunks=239, coverage=None)
    assert is_outgrown(basis, num_chunks=240, coverage=None)
    assert not is_outgrown(basis, num_chunks=60, coverage=basis.coverage)
    assert is_outgrown(basis, num_chunks=60, coverage=basis.coverage * 0.7)


def test_known_terms_are_counted_as_coverage_is(basis, chunks):
    known, total = basis.known(chunks)
    assert known / total == pytest.approx(basis.coverage)
