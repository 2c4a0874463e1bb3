"""Searching: the right place comes first, with reasons, the same however the index is cut into segments."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repoask.context.index.segment import LiveSegment
from repoask.context.retrieval.retriever import search


def first(result):
    return result.evidence[0]


@pytest.mark.parametrize(
    ("question", "path", "symbol"),
    [
        ("check_password", "src/auth/login.py", "check_password"),
        ("Where is the password of a user compared with the stored digest?", "src/auth/login.py", "check_password"),
        ("Where are two digests compared in constant time?", "src/auth/constant_time.py", "constant_time_equal"),
        ("Where is a discount applied?", "src/cart.py", "apply_discount"),
        ("What does `Basket.total_price` return?", "src/cart.py", "Basket.total_price"),
    ],
)
def test_the_place_that_answers_comes_first(shop, question, path, symbol):
    result = search([shop], question)
    assert result.found
    assert (first(result).path, first(result).symbol) == (path, symbol)


def test_tests_and_changelogs_stand_behind_code_unless_they_are_asked_for(shop):
    assert first(search([shop], "check_password")).path.startswith("src/")
    assert first(search([shop], "which tests of check_password are there")).path == "tests/test_login.py"
    assert first(search([shop], "what does the documentation say of stacking discounts")).path == "docs/discounts.md"


def test_a_repository_without_a_word_is_searched_like_another(index):
    assert not search([index({"z.txt": "z\n"})], "what is in z.txt?").evidence[1:]


def test_related_words_find_what_is_called_otherwise(shop):
    assert first(search([shop], "Where are credentials verified?")).path == "src/auth/login.py"


def test_evidence_quotes_exactly_the_lines_it_names(shop, shop_files):
    for evidence in search([shop], "basket discount password", limit=20).evidence:
        lines = shop_files[evidence.path].split("\n")
        assert evidence.text == "\n".join(lines[evidence.start - 1 : evidence.end])


def test_spans_of_one_file_do_not_overlap(shop):
    spans = [
        (each.path, each.start, each.end) for each in search([shop], "basket total price discount", limit=20).evidence
    ]
    for path, start, end in spans:
        inside = [other for other in spans if other[0] == path and other[1] <= end and start <= other[2]]
        assert inside == [(path, start, end)]


FUNCTION = "def {name}(basket):\n    total = 0\n" + "    total += price * discount\n" * 12 + "    return total\n\n\n"


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=25),
    question=st.sampled_from(["discount price", "basket total", "price of f0"]),
)
def test_spans_are_disjoint_whatever_the_file(index, sizes, question):
    text = "".join(FUNCTION.format(name=f"f{n}") + "x = discount\n" * size for n, size in enumerate(sizes))
    spans = sorted((each.start, each.end) for each in search([index({"a.py": text})], question, limit=10).evidence)
    assert spans
    assert all(left[1] < right[0] for left, right in pairwise(spans))


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [("[src/cart.py:7-8]", 7, 8), ("what is at cart.py:11?", 10, 11), ("./src/cart.py#L14-L15", 14, 15)],
)
def test_a_place_that_is_given_comes_first(shop, question, start, end):
    result = search([shop], question)
    assert result.found
    assert (first(result).path, first(result).start, first(result).end) == ("src/cart.py", start, end)
    assert first(result).reasons[0] == "the place that was asked for"


def test_a_licence_is_read_from_its_top(index):
    text = "The Shop License\n\n" + "Anybody may take it.\n" * 200 + "license license license\n" * 60
    result = search([index({"LICENSE": text, "a.py": "a = 1\n"})], "What license is this?")
    assert (first(result).path, first(result).start) == ("LICENSE", 1)


def test_reasons_are_in_words(shop):
    reasons = first(search([shop], "Where is check_password defined?")).reasons
    assert reasons[0] == "defines `check_password`"
    assert any("question words here" in reason for reason in reasons)


def test_who_uses_a_name_is_found_by_its_references(shop):
    result = search([shop], "What calls constant_time_equal?")
    callers = [each for each in result.evidence if "calls `constant_time_equal`" in each.reasons]
    assert [each.path for each in callers] == ["src/auth/login.py"]
    assert callers[0] in result.evidence[:2]


def test_the_revision_of_each_path_is_passed_on(shop):
    result = search([shop], "check_password", revisions={"src/auth/login.py": "abc"})
    assert first(result).revision == "abc"


def test_the_limit_is_kept(shop):
    assert len(search([shop], "password basket discount", limit=2).evidence) == 2


def test_a_sub_folder_hides_everything_else(shop):
    result = search([shop], "password discount percentage", under="src/auth")
    assert {each.path.rpartition("/")[0] for each in result.evidence} == {"src/auth"}


def test_a_folder_is_no_prefix_of_another_name(index):
    segment = index({"src/a.py": "alpha = 1\n", "src2/a.py": "alpha = 1\n"})
    assert [each.path for each in search([segment], "alpha", under="src").evidence] == ["src/a.py"]


def test_dead_files_are_neither_shown_nor_counted(shop, index, shop_files):
    live = shop.live.copy()
    live[[path == "src/auth/login.py" for path in shop_files]] = False
    without = index({path: text for path, text in shop_files.items() if path != "src/auth/login.py"})
    question = "Where is the password of a user compared with the stored digest?"
    assert search([replace(shop, live=live)], question) == search([without], question)


@pytest.mark.parametrize("question", ["check_password", "How is the price lowered by a percentage?", "verified digest"])
def test_an_overlay_ranks_as_an_index_that_was_built_anew(shop, index, shop_files, question):
    edited = shop_files | {"src/cart.py": shop_files["src/cart.py"].replace("percentage", "percent_off")}
    dead = np.array([path != "src/cart.py" for path in shop_files])
    overlay = index({"src/cart.py": edited["src/cart.py"]})
    assert search([replace(shop, live=dead), overlay], question, limit=30) == search(
        [index(edited)], question, limit=30
    )


def test_files_of_equal_worth_come_in_the_order_of_their_paths(index):
    text = "def walk(tree):\n    return tree\n"
    result = search([index({"b.py": text, "a.py": text, "c.py": text})], "walk tree")
    assert [each.path for each in result.evidence] == ["a.py", "b.py", "c.py"]


class Topics:
    """An embedder that knows what a text is about by the words that speak of it."""

    def __init__(self, *topics: str) -> None:
        self._topics = [topic.split() for topic in topics]

    def embed_question(self, text: str):
        row = np.array([sum(word in text for word in topic) for topic in self._topics], np.float32)
        return row / (np.linalg.norm(row) or 1)


def test_vectors_take_part_when_their_embedder_is_given(shop):
    segment, question = shop.segment, "what could somebody with a stopwatch learn"
    embedder = Topics("stopwatch duration", "basket price", "password digest")
    segment.vectors = np.array([embedder.embed_question(text) for text in segment.texts])
    try:
        assert not search([shop], question).found
        assert first(search([shop], question, embedder=embedder)).path == "src/auth/constant_time.py"
    finally:
        segment.vectors = np.zeros((segment.num_chunks, 0), np.float32)


@pytest.mark.parametrize("question", ["", "?", "the of and", "🦙", "x" * 5_000, "a.b::c#d->e()", "`", "\x00\udc80"])
def test_odd_questions_get_an_answer_of_some_kind(shop, question):
    assert isinstance(search([shop], question).found, bool)


def test_a_pasted_text_is_searched_by_its_telling_words(shop, shop_files):
    trace = "\n".join(f"  at frame_{number} of somewhere_{number}" for number in range(3_000))
    result = search([shop], f"{trace}\nconstant_time_equal failed for two digests")
    assert first(result).path == "src/auth/constant_time.py"


def test_what_is_live_and_where_to_look_are_read_anew_for_every_question(index):
    segment = index({"one/basket.py": "def empty_basket(): ...\n", "two/basket.py": "def empty_basket(): ...\n"})
    newer = LiveSegment(segment.segment, np.array([False, True]))

    def paths(segments, under=""):
        return [each.path for each in search(segments, "empty_basket", under=under).evidence]

    assert paths([segment]) == ["one/basket.py", "two/basket.py"]
    assert paths([newer]) == ["two/basket.py"]
    assert paths([segment], under="one") == ["one/basket.py"]
    assert paths([segment]) == ["one/basket.py", "two/basket.py"]


def test_an_empty_repository_holds_no_answer(index):
    for segments in ([], [index({})], [LiveSegment(index({"a.py": "a = 1"}).segment, np.zeros(1, np.bool_))]):
        result = search(segments, "where is a")
        assert not result.found
        assert result.evidence == ()
        assert result.note
