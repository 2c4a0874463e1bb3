"""Segments: what is added can be read and found again, from memory and from mapped files."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from repoask.context import terms
from repoask.context.index.columns import Postings, Strings
from repoask.context.index.segment import Segment, SegmentBuilder, stem_of
from repoask.context.types import Chunk, FileRecord
from repoask.ingest.types import Definition, Import, Reference


def chunk(start: int, text: str, *, symbol: str = "", kind: str = "") -> Chunk:
    return Chunk(start, start + text.count("\n"), text, symbol, kind, *terms.count(text))


LOGIN = FileRecord(
    blob_id="1" * 40,
    language="python",
    omission=None,
    size=80,
    lines=4,
    chunks=(
        chunk(1, "import hashlib\n"),
        chunk(3, "def check_password(given):\n    return hash_of(given)", symbol="check_password", kind="function"),
    ),
    definitions=(Definition("check_password", "check_password", "function", 3, 4, 3),),
    references=(Reference("hash_of", 4), Reference("hash_of", 4)),
    imports=(Import("hashlib", 1),),
)
EMPTY = FileRecord(blob_id="2" * 40, language="", omission=None, size=0)
NOTES = FileRecord(
    blob_id="3" * 40, language="markdown", omission=None, size=20, lines=1, chunks=(chunk(1, "# Password rules"),)
)


def build(vectors: bool = False) -> dict[str, np.ndarray]:
    builder = SegmentBuilder()
    builder.add("src/auth/login.py", LOGIN, np.eye(2, dtype=np.float32) if vectors else None)
    builder.add("src/__init__.py", EMPTY)
    builder.add("docs/notes.md", NOTES, np.ones((1, 2), np.float32) if vectors else None)
    return builder.finish()


@pytest.fixture(params=["in memory", "mapped"])
def segment(request, tmp_path):
    arrays = build(vectors=True)
    if request.param == "mapped":
        for name, array in arrays.items():
            np.save(tmp_path / f"{name}.npy", array, allow_pickle=False)
        arrays = {
            name: np.load(tmp_path / f"{name}.npy", mmap_mode="r" if arrays[name].size else None) for name in arrays
        }
    return Segment.from_arrays(arrays)


def test_files_chunks_and_definitions_come_back_as_they_were(segment):
    assert list(segment.paths) == ["src/auth/login.py", "src/__init__.py", "docs/notes.md"]
    assert segment.languages[int(segment.file_language[2])] == "markdown"
    assert [list(segment.chunks_of(file)) for file in range(3)] == [[0, 1], [], [2]]
    assert [list(segment.definitions_of(file)) for file in range(3)] == [[0], [], []]
    assert list(segment.texts) == [each.text for each in LOGIN.chunks + NOTES.chunks]
    assert segment.symbols[1] == "check_password"
    assert (int(segment.chunk_start[1]), int(segment.chunk_end[1])) == (3, 4)
    assert segment.qualified_names[0] == "check_password"
    assert segment.vectors.shape == (3, 2)


def test_a_term_finds_the_chunks_that_hold_it(segment):
    rows, counts = segment.text.get(terms.term_hash("password"))
    assert (rows.tolist(), counts.tolist()) == ([1, 2], [1, 1])
    rows, counts = segment.text.get(terms.term_hash("given"))
    assert (rows.tolist(), counts.tolist()) == ([1], [2])
    assert segment.text.get(terms.term_hash("unheard"))[0].tolist() == []


def test_paths_stems_and_names_are_fields_of_their_own(segment):
    assert segment.path.get(terms.term_hash("auth"))[0].tolist() == [0]
    assert segment.stem.get(terms.term_hash("auth"))[0].tolist() == []
    assert segment.stem.get(terms.term_hash("login"))[0].tolist() == [0]
    assert segment.name.get(terms.term_hash("password"))[0].tolist() == [0]


def test_a_definition_is_found_by_its_name_in_any_spelling(segment):
    assert segment.identifier.get(terms.identifier_key("CheckPassword"))[0].tolist() == [0]
    assert segment.identifier.get(terms.identifier_key("password"))[0].tolist() == []


def test_references_lead_to_the_chunk_of_their_line(segment):
    rows, counts = segment.reference.get(terms.identifier_key("hash_of"))
    assert (rows.tolist(), counts.tolist()) == ([1], [2])


def test_without_vectors_there_are_no_dimensions():
    assert Segment.from_arrays(build()).vectors.shape == (3, 0)


def test_nothing_added_is_a_segment_too():
    segment = Segment.from_arrays(SegmentBuilder().finish())
    assert (segment.num_files, segment.num_chunks) == (0, 0)
    assert segment.text.get(7)[0].tolist() == []


def test_the_same_files_give_the_same_arrays():
    first, second = build(vectors=True), build(vectors=True)
    assert first.keys() == second.keys()
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_no_array_holds_objects():
    assert all(array.dtype != object for array in build(vectors=True).values())


@given(st.lists(st.text(st.characters(codec=None)), max_size=8))
def test_strings_come_back_even_with_lone_surrogates(strings):
    column = Strings(Strings.pack("s", strings), "s")
    assert list(column) == strings
    assert [column[row] for row in range(len(column))] == strings
    assert column.take(np.arange(len(column))[::-1]) == strings[::-1]


@given(st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(1, 9)), max_size=30))
def test_postings_find_every_row_of_every_key(pairs):
    keys = np.array([key % 5 or key for key, _ in pairs], np.uint64)
    counts = np.array([times for _, times in pairs], np.uint16)
    postings = Postings(Postings.pack("p", keys, np.arange(len(pairs), dtype=np.uint32), counts), "p")
    for key in {*keys.tolist(), 11}:
        rows, found = postings.get(key)
        assert rows.tolist() == np.flatnonzero(keys == np.uint64(key)).tolist()
        assert found.tolist() == counts[rows].tolist()


@pytest.mark.parametrize(
    ("path", "stem"), [("src/app.test.ts", "app"), (".env", "env"), ("Makefile", "Makefile"), ("a/.b/c.d", "c")]
)
def test_the_stem_is_the_name_without_extensions(path, stem):
    assert stem_of(path) == stem
