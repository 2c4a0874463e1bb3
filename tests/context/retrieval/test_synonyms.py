"""Reasons say which word of the code was met for one of the question."""

from repoask.context.retrieval.retriever import search


def reasons(index, text, question):
    return search([index({"a.py": text, "b.py": "def unrelated(): pass\n"})], question).evidence[0].reasons


def test_the_word_that_stands_for_one_of_the_question_is_named(index):
    given = reasons(index, "def client_address(request): pass\n", "Where is the address of a visitor?")
    assert "`visitor` may be called `client`" in given


def test_a_phrase_is_named_as_a_whole(index):
    given = reasons(index, "def proxy_address(request): pass\n", "Which address does the load balancer have?")
    assert "`load balancer` may be called `proxy`" in given


def test_a_word_that_stands_there_itself_is_not_named_otherwise(index):
    given = reasons(index, "def visitor(client): return address\n", "Where is the address of a visitor?")
    assert not any("may be called" in reason for reason in given)


def test_what_is_met_in_words_of_the_question_is_not_named_twice(index):
    given = reasons(index, "def client(): pass\n", "Is a visitor a client?")
    assert not any("may be called" in reason for reason in given)


def test_the_words_of_a_phrase_are_named_where_the_phrase_is_not_met(index):
    given = reasons(index, "def client_address(request): pass\n", "Where is the address of a visitor?")
    assert not any(reason.startswith("`address of a visitor`") for reason in given)
    assert "`visitor` may be called `client`" in given
