"""Reading a question: what it names, which words carry it, and what kind of file it asks for."""

import pytest
from repoask.context import terms
from repoask.context.retrieval.question import read_question


def words(text):
    return {word.text: word for word in reversed(read_question(text).words) if not word.optional}


def test_words_that_carry_nothing_are_left_out():
    assert set(words("Where is the password of a user checked?")) == {"password", "user", "checked"}


def test_a_question_of_such_words_alone_keeps_them():
    assert read_question("what is it").words


def test_words_that_questions_are_built_from_count_less():
    found = words("Where is retry implemented?")
    assert found["implemented"].weight < found["retry"].weight


def test_an_identifier_counts_more_as_a_whole_than_in_its_parts():
    weights = {word.key: word.weight for word in read_question("session_interface").words}
    assert weights[terms.identifier_key("sessionInterface")] > weights[terms.term_hash("session")]


def test_each_term_is_looked_for_once():
    keys = [word.key for word in read_question("sessions session Session session_session").words]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("What does MethodView.dispatch_request do?", ["MethodView.dispatch_request"]),
        ("What does `run` do?", ["run"]),
        ("Where is IndifferentHash#convert_key?", ["IndifferentHash#convert_key"]),
        ("Where is std::vector grown?", ["std::vector"]),
        ("EXPLAIN_TEMPLATE_LOADING", ["EXPLAIN_TEMPLATE_LOADING"]),
        ("flush", ["flush"]),
        ("Where are passwords checked?", []),
        ("It works, e.g. for the user's own files", []),
    ],
)
def test_names_are_what_is_written_as_code(text, names):
    assert [name.text for name in read_question(text).names] == names


def test_a_qualified_name_keeps_its_owner():
    (name,) = read_question("MethodView.dispatch_request()").names
    assert name.key == terms.identifier_key("dispatchRequest")
    assert name.owners == (terms.identifier_key("method_view"),)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("which tests cover login", "about_tests"),
        ("which section of the guide explains login", "about_docs"),
        ("where does the sample application log in", "about_examples"),
        ("what does the changelog say of login", "about_history"),
        ("which upgrade note says that login is gone", "about_docs"),
        ("which option turns login off", "about_settings"),
        ("which login option forgets a visitor", "about_settings"),
        ("how can I log in", "about_settings"),
        ("what calls login", "about_uses"),
    ],
)
def test_the_kind_of_file_asked_for_is_understood(text, kind):
    assert getattr(read_question(text), kind)
    assert not getattr(read_question("where is login"), kind)


@pytest.mark.parametrize(
    "text", ["how do the workers pick a job", "how does it log in", "which page layout is used after a recipe"]
)
def test_what_the_code_does_is_not_taken_for_advice(text):
    asked = read_question(text)
    assert (asked.about_docs, asked.about_settings) == (False, False)
