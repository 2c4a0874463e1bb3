"""Whatever is put in as a question gets an answer or one clear line; long texts are read at both ends."""

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from repoask.context.retrieval.corpus import Corpus
from repoask.context.retrieval.excerpt import excerpt
from repoask.context.retrieval.places import find_places
from repoask.context.retrieval.retriever import search
from repoask.errors import InputError

ODD = {
    "empty": "",
    "blank": " \n\t ",
    "letter": "a",
    "NUL": "\0" * 1_000,
    "emoji": "🦙" * 1_000,
    "punctuation": "!?.,:;()[]{}" * 5_000,
    "Japanese": "認証はどこで処理されますか",
    "Russian": "где проверяется пароль?",
    "Arabic": "أين يتم التحقق من كلمة المرور؟",
    "surrogates": '"\udc80 \ud800" /\udfff+/',
    "100 KB": "word " * 20_000,
    "1 MB": "x" * 1_000_000,
    "1 MB of lines": "\n" * 1_000_000,
    "1 MB of quotes": '"a b" ' * 160_000,
    "1 MB of slashes": " /a" * 333_333,
    "paths": " ".join(f"src/a{number}/b.py:{number}" for number in range(10_000)),
    "frames": "\n".join(f'  File "/x/a{number}/pay.py", line {number}, in f' for number in range(10_000)),
    "hunks": "+++ b/src/shop/pay.py\n" + "@@ -1,9 +3,9 @@\n" * 60_000,
}


@pytest.mark.parametrize("name", ODD)
def test_odd_questions_get_an_answer(company, name):
    result = search([company], ODD[name])
    assert result.found or result.note


@pytest.mark.parametrize("path_first", [True, False])
def test_what_stands_at_either_end_of_a_long_text_is_read(company, path_first):
    place, padding = "src/shop/pay.py:4", "\n".join(["nothing of note"] * 50_000)
    question = f"{place}\n{padding}" if path_first else f"{padding}\n{place}"
    assert search([company], question).evidence[0].start == 4


@drawn(text=st.text(max_size=300), characters=st.integers(2, 100))
def test_an_excerpt_is_short_and_keeps_the_last_line_or_its_end(text, characters):
    short = excerpt(text, characters=characters)
    assert len(short) <= characters + 1
    assert short == text if len(text) <= characters else short[-1:] == text[-1:]


@pytest.mark.parametrize(("text", "words"), [("where is it " * 9, {"where", "is", "it"}), ("é" * 80, {"é" * 10})])
def test_an_excerpt_of_one_line_is_cut_between_words_where_there_are_some(text, words):
    assert set(excerpt(text, characters=20).split()) == words


@pytest.mark.parametrize("question", ["a", "?", "🚀🔥", "``"])
def test_a_question_without_words_is_told_so(index, question):
    assert "no word that can be looked for" in search([index({"a.py": "def pay():\n    return a\n"})], question).note


PIECES = st.sampled_from(
    [
        *"/([])*+\\|^$\"`':,- \n\t0aié\0\udc80",
        *(
            "{9}",
            "#L",
            "12",
            "app.py",
            "src/",
            "at ",
            "in ",
            "File ",
            ", line ",
            "@@ -1 +1 @@",
            "+++ b/",
            "pay.py",
            ".rs:",
        ),
    ]
)


def asked(call):
    """What a call gives, or the one line of its error."""
    try:
        return call()
    except InputError as error:
        return str(error)


@settings(max_examples=300, deadline=None)
@drawn(question=st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=60))
def test_every_place_that_is_found_is_there(company, question):
    corpus = Corpus([company])
    found = asked(lambda: find_places(question, corpus))
    if isinstance(found, str):
        assert "\n" not in found
        return
    for place in found.places:
        segment, row = corpus.file(place.file)
        assert 1 <= place.start <= (place.end or place.start) <= max(1, int(segment.file_lines[row]))
        assert place.reason


@settings(max_examples=60, deadline=None)
@drawn(question=st.lists(PIECES, max_size=25).map("".join))
def test_the_same_question_gets_the_same_answer(company, question):
    first, second = (asked(lambda: search([company], question)) for _ in range(2))
    assert first == second
