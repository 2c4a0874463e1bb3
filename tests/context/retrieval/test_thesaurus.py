"""The thesaurus: every entry is found by its own words, in order, beside articles, in any form."""

import re
from collections import Counter
from pathlib import Path

import pytest
from repoask.context import terms
from repoask.context.retrieval import thesaurus
from repoask.context.retrieval.thesaurus import entries_in

LINES = Path(thesaurus.__file__).with_name("thesaurus.txt").read_text(encoding="ascii").splitlines()


def names(question):
    return {" ".join(entry.stems): entry.names for entry in entries_in(question.split())}


def test_every_entry_is_found_by_its_own_words():
    for line in LINES:
        said, _, written = line.partition(": ")
        words = re.findall(r"\w+", said)  # as a question is taken apart
        found = next(entry for entry in entries_in(words) if len(entry.stems) == len(words))
        assert {terms.join([name]) for name in written.split()} <= {terms.join([name]) for name in found.names}, line


def test_lines_are_in_order_and_each_phrase_stands_once():
    assert sorted(LINES, key=str.encode) == LINES
    counted = Counter(tuple(terms.join([word]) for word in line.partition(": ")[0].split()) for line in LINES)
    assert [phrase for phrase, count in counted.items() if count > 1] == []


def test_entries_are_words_of_letters_and_digits():
    for line in LINES:
        said, _, written = line.partition(": ")
        assert 1 <= len(said.split()) <= 3
        assert 1 <= len(written.split()) <= 12
        assert all(name.isalnum() and name == name.lower() for name in written.split()), line


@pytest.mark.parametrize("said", ["load balancer", "Load Balancers", "the load balancer", "load the balancer"])
def test_a_phrase_is_found_in_any_form_and_beside_articles(said):
    assert "proxy" in names(said)["load balanc"]


def test_the_words_of_a_phrase_are_looked_up_too_but_phrases_share_none():
    found = entries_in(["tear", "down", "the", "load", "balancer"])
    phrases = [entry for entry in found if len(entry.stems) > 1]
    assert [(entry.start, entry.stop) for entry in phrases] == [(0, 2), (3, 5)]
    assert {"tear", "load", "balanc"} <= {entry.stems[0] for entry in found if len(entry.stems) == 1}


def test_what_comes_first_counts_most():
    shares = [share for _, share in entries_in(["visitor"])[0].related]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1] > 0


@pytest.mark.parametrize("question", ["", "é", "x" * 10_000, "# : -", "1 2 3", "i e l"])
def test_odd_words_have_no_entry_and_do_no_harm(question):
    assert isinstance(entries_in(question.split()), list)


def test_the_words_of_a_phrase_as_one_leave_articles_out():
    as_one = {entry.as_one for entry in entries_in(["load", "the", "balancer"]) if len(entry.stems) == 2}
    assert as_one == {terms.identifier_key("loadBalancer")}
