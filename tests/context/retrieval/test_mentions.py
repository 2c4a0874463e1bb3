"""What a question speaks of, and which of it a repository has."""

from repoask.context.retrieval.corpus import Corpus
from repoask.context.retrieval.mentions import read_mentions
from repoask.context.retrieval.question import read_question


def mentioned(index, files, question):
    return read_mentions(read_question(question), [range(1)], Corpus([index(files)]))


def test_a_concept_of_a_later_clause_is_told_apart(index):
    said = mentioned(
        index, {"a.py": "def route(request): pass\n"}, "Where are requests routed through a load balancer?"
    )
    assert said.aside == ("load balancer",)
    assert not said.unheard


def test_another_name_is_as_good_where_it_is_shown(index):
    files = {"a.py": "def rate_limit(client): pass\n", "b.py": "def other(): pass\n"}
    question, corpus = read_question("Where are clients throttled?"), Corpus([index(files)])
    assert read_mentions(question, [range(1, 2)], corpus).unsaid == ("throttle",)
    assert not read_mentions(question, [range(1)], corpus).unsaid


def test_what_stands_beside_the_product_alone_is_not_made_here(index):
    question = "Where is a message posted to Slack?"
    told = {"README.md": "Tell us on Slack.\n", "tests/test_a.py": "slack = 1\n", "a.py": "def post(): pass\n"}
    assert mentioned(index, told, question).unmade == 2  # the concept, and the name of the firm
    assert mentioned(index, told | {"b.py": "def slack(): pass\n"}, question).unmade == 0


def test_documents_that_are_asked_for_count_as_made(index):
    told = {"README.md": "Tell us on Slack.\n", "a.py": "def post(): pass\n"}
    assert mentioned(index, told, "Which section of the docs names the Slack channel?").unmade == 0


def test_a_lock_file_makes_nothing(index):
    question = "Where is yaml parsed?"
    told = {"poetry.lock": "pyyaml yaml 6.0\n", "package-lock.json": '{"yaml": 1}\n', "a.py": "x = 1\n"}
    assert mentioned(index, told, question).unmade == 1
    assert mentioned(index, {"deploy.yml": "yaml: 1\n"}, question).unmade == 0


def test_names_are_told_with_those_that_are_nothing_here(index):
    said = mentioned(index, {"a.py": "def save(): pass\n"}, "Does `save` heed --dry-run-only and LoadError?")
    assert said.names == ("save", "LoadError", "--dry-run-only")
    assert said.no_names == ("LoadError", "--dry-run-only")
    assert said.is_named
