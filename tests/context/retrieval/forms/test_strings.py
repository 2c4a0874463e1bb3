"""Literal strings and patterns: searched as they stand, bounded in time, and missed aloud."""

from dataclasses import replace

import pytest
from repoask.context.retrieval.corpus import Corpus
from repoask.context.retrieval.places import find_places
from repoask.context.retrieval.retriever import search
from repoask.errors import InputError


def test_a_literal_is_found_in_code_before_tests_before_documents(given):
    assert given('"connection reset by peer"') == [
        ("src/shop/pay.py", 11, None),
        ("tests/test_pay.py", 2, None),
        ("docs/errors.md", 3, None),
    ]


@pytest.mark.parametrize("question", ["`negative: %d`", "what prints 'negative: %d' and why?"])
def test_a_literal_may_stand_in_any_quotes(given, question):
    assert given(question) == [("src/shop/pay.py", 6, None)]


def test_words_in_quotes_inside_a_question_are_looked_for_in_code_alone(given):
    assert given("who says 'reset by peer' to the bank?") == [("src/shop/pay.py", 11, None)]
    assert given("who is told that 'the bank hung up'?") == []


def test_a_message_with_values_is_found_by_what_is_fixed(given, company):
    assert given('"amount must not be negative: 12"') == [("src/shop/pay.py", 6, None)]
    reasons = search([company], '"amount must not be negative: 12"').evidence[0].reasons
    assert reasons[0] == "holds “amount must not be negative: 12” but for its values"


def test_a_bare_message_and_a_quoted_name_are_words(given):
    assert given("connection reset by peer") == []
    assert given("`charge`") == []
    assert given('"charge"') == []


def test_a_literal_of_which_the_place_is_shown_whole(company):
    result = search([company], '"connection reset by peer"')
    assert (result.evidence[0].symbol, result.evidence[0].start, result.evidence[0].end) == ("send", 10, 11)
    assert result.evidence[0].reasons[0] == "holds the literal “connection reset by peer”"


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        (r"/reset by \w+/", [11, 2, 3]),
        ("/RESET BY/i", [11, 2, 3]),
        ("which lines match /^def send/?", [10]),
        (r"`/def c\w+\(/` please", [4]),
        ("/charge.*amount/ms", [4]),
        (r"/\"connection/", [11, 2]),
        ("/[/]nothing|hung up/", [3]),
    ],
)
def test_a_pattern_finds_lines(given, question, lines):
    assert [start for _, start, _ in given(question)] == lines


def test_the_reason_names_the_pattern(company):
    assert search([company], "/hung u[p]/").evidence[0].reasons[0] == "matches /hung u[p]/"


@pytest.mark.parametrize("question", ["how are /users/ and /orders/ routed?", "read/write", "is it either/or, and/or?"])
def test_slashes_in_prose_are_no_pattern(company, question):
    assert find_places(question, Corpus([company])).missing == ()


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ('"no such words here"', "No line here holds “no such words here”."),
        ("/zz+top/", "No line here matches /zz+top/."),
        ("`x += y`, /zz+top/", "No line here matches /zz+top/ or holds “x += y”."),
    ],
)
def test_nothing_is_found_when_nothing_else_was_asked_for(company, question, note):
    result = search([company], question)
    assert not result.found
    assert result.note == note


def test_a_literal_that_stands_nowhere_is_a_remark_beside_words(company):
    result = search([company], 'where does charge say "no such words: here"?')
    assert result.found
    assert "no such words: here" in result.missing


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ('where does charge say "cannot reach Kubernetes: no route"?', "cannot reach Kubernetes: no route"),
        ("where does a charge match /^kube_proxy+/ at all?", "/^kube_proxy+/"),
    ],
)
def test_what_a_missing_string_names_need_not_stand_here(company, question, missing):
    result = search([company], question)
    assert result.found
    assert result.missing[0] == missing


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("/foo(bar/", "/foo(bar/: missing ) at character 4"),
        ("/foo)bar/", "/foo)bar/: unexpected ) at character 4"),
        ("/é[z-a]/", "invalid character class range at character 3"),
        ("/ab**/", "bad repetition operator at character 3"),
        (r"/(?=a)b/", "invalid perl operator at character 1"),
        (r"/(a)\1/", "invalid escape sequence at character 4"),
        ("/x*/", "matches every line"),
        (r"/(\w{1,30}){1,30}!/", "steps, over 1,000"),
        ("/((a{1,99}){1,99}){1,99}/", "/((a{1,99}){1,99}){1,99}/: "),
    ],
)
def test_a_bad_pattern_is_one_clear_error(company, question, message):
    with pytest.raises(InputError) as raised:
        search([company], question)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_only_looks_like_a_bad_pattern_is_no_error(company):
    assert search([company], "how are paths like /charge(x/ parsed?") is not None


@pytest.mark.parametrize(
    "pattern", [r"(x+x+)+y", r"(a|a)*b", r"([a-z]+)*\d", r"(a|b)*a(a|b){12}", r"(.*)(.*)(.*)(.*)zz9"]
)
def test_a_pattern_built_to_explode_ends_at_once(index, pattern):
    segment = index({"a.py": ("ab" * 200 + "\n") * 500})
    # a matcher that backtracks would not come back while there is a sun
    assert isinstance(search([segment], f"/{pattern}/").found, bool)


def test_dead_files_are_not_searched(company):
    live = company.live.copy()
    live[[path == "src/shop/pay.py" for path in company.segment.paths]] = False
    found = search([replace(company, live=live)], '"connection reset by peer"')
    assert "src/shop/pay.py" not in {each.path for each in found.evidence}


def test_only_the_asked_folder_is_searched(given):
    assert given('"connection reset by peer"', under="docs") == [("docs/errors.md", 3, None)]


def test_a_string_does_not_reach_from_one_chunk_into_the_next(index):
    segment = index({"a.py": "def a():\n    return 'left'\n\n\ndef b():\n    return 'right'\n" * 30})
    texts = list(segment.segment.texts)
    seam = f"{texts[0][-6:]}{texts[1][:6]}"
    assert len(texts) > 1
    assert find_places(f"`{seam}`", Corpus([segment])).places == ()


def test_text_beyond_ascii_is_found(index):
    segment = index({"a.py": "x = 1\nfehler = 'Größe überschritten: さようなら'\n"})
    corpus = Corpus([segment])
    assert [place.start for place in find_places('"Größe überschritten"', corpus).places] == [2]
    assert [place.start for place in find_places("/さよ.なら/", corpus).places] == [2]
    assert [place.start for place in find_places("/GRÖSSE|GRÖßE/i", corpus).places] == [2]
