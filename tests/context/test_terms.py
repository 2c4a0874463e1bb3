"""Terms: what code and questions have in common after splitting, stemming and hashing."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from repoask.context import terms


def test_an_identifier_gives_the_whole_and_its_parts():
    assert terms.tokenize("getUserNames") == ["getusernam", "get", "user", "name"]


@pytest.mark.parametrize("spelling", ["session_interface", "sessionInterface", "SessionInterface", "SESSION_INTERFACE"])
def test_spellings_of_one_identifier_share_their_terms(spelling):
    assert terms.tokenize(spelling) == terms.tokenize("session_interface")
    assert terms.identifier_key(spelling) == terms.identifier_key("sessionInterfaces")


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("HTTPServer", ["http", "server"]),
        ("parseURLs", ["parse", "urls"]),
        ("__init__", ["init"]),
        ("sha256sum", ["sha", "256", "sum"]),
        ("kMaxSize", ["k", "max", "size"]),
    ],
)
def test_identifiers_split_where_a_reader_would(name, parts):
    assert terms.split_identifier(name) == parts


def test_forms_of_one_word_meet():
    assert terms.tokenize("authenticated authentication authenticates") == ["authent"] * 3


def test_words_of_other_scripts_are_kept_and_runs_without_spaces_can_be_met_in_part():
    assert terms.tokenize("GRÖSSE") == terms.tokenize("Größe")
    assert set(terms.tokenize("認証")) <= set(terms.tokenize("認証方式"))


def test_single_letters_are_no_terms_but_digits_are():
    assert terms.tokenize("x = y + 7") == ["7"]


@given(st.text(max_size=300))
def test_count_agrees_with_tokenize(text):
    keys, counts = terms.count(text)
    expected: dict[int, int] = {}
    for term in terms.tokenize(text):
        expected[terms.term_hash(term)] = expected.get(terms.term_hash(term), 0) + 1
    assert dict(zip(keys.tolist(), counts.tolist(), strict=True)) == expected
    assert (np.diff(keys.astype(object)) > 0).all()
    assert keys.dtype == np.uint64
    assert counts.dtype == np.uint16


def test_a_count_past_sixteen_bits_stays_at_the_top():
    assert terms.count("word " * 70_000)[1].tolist() == [65_535]


def test_hashes_are_the_same_in_another_process():
    program = "from repoask.context.terms import term_hash; print(term_hash('session'))"
    printed = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"}
    )
    assert int(printed.stdout) == terms.term_hash("session")
