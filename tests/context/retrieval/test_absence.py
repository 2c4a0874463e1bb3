"""Saying that something is not there: for names and concepts, and never because of a person's choice of words."""

import pytest
from repoask.context.retrieval.retriever import search


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("Where is `verify_captcha_token` defined?", "verify_captcha_token"),
        ("What does LoginForm.reset_otp do?", "LoginForm.reset_otp"),
        ("Where are CSRF tokens generated?", "CSRF"),
        ("Where is sign-in through OAuth handled?", "OAuth"),
        ("Where are requests throttled?", "throttle"),
        ("Where is full text search in Elasticsearch set up?", "Elasticsearch"),
        ("How are GraphQL queries resolved?", "GraphQL"),
    ],
)
def test_what_is_not_there_is_named(shop, question, missing):
    result = search([shop], question)
    assert not result.found
    assert missing in result.missing
    assert missing in result.note


@pytest.mark.parametrize(
    "question",
    [
        "Where is `check_password` defined?",
        "How are absurdly cheap baskets computed for wealthy customers?",
        "How do we compare secrets when requests arrive through a load balancer?",
        "Where is the JSON of a Basket totalled?",
        "Does check_password work on Windows, and NOT only there?",
        "Where are the Basket and the Trolley filled?",
        "What would happen to a discount, such as one from Stripe?",
    ],
)
def test_a_persons_own_words_are_no_reason_to_refuse(shop, question):
    assert search([shop], question).found


@pytest.mark.parametrize(
    ("code", "question"),
    [
        ("def check(form):\n    return form.authenticity_token == session.token\n", "Where are CSRF tokens checked?"),
        ("class BackgroundTask:\n    def run(self): reply()\n", "How are background jobs run after the reply?"),
        ("def find_cycle(graph):\n    return sort(graph)\n", "How are circular dependencies in the graph told?"),
    ],
)
def test_a_concept_is_known_by_any_of_its_names(index, code, question):
    assert search([index({"a.py": code})], question).found


@pytest.mark.parametrize(
    "question",
    [
        "Where are words compared no matter how they are spelled?",
        "Where are words dropped that came only a short time ago?",
        "Where do words of a web address catch up with those before?",
    ],
)
def test_what_only_sounds_like_a_concept_is_none(index, question):
    assert search([index({"words.py": "def compare(words):\n    drop(words)\n"})], question).found


def test_what_may_stand_for_a_concept_is_not_asked_for_by_its_name(index):
    segment = index({"a.py": "def encrypt(block):\n    return aes(block)\n"})
    assert not search([segment], "Where is TLS set up?").found
    assert search([segment], "Where is encryption done?").found


def test_the_words_of_a_phrase_must_stand_together(index):
    apart = index({"a.py": "rate = 3\nother = 4\nlimit = 5\n"})
    together = index({"a.py": "rate_limit = 3\n"})
    assert not search([apart], "Where is the rate limit enforced?").found
    assert search([together], "Where is the rate limit enforced?").found


def test_what_only_a_changelog_names_is_not_there(index):
    told = {"CHANGES.md": "- Removed GraphQL support.\n", "a.py": "def query(): pass\n"}
    question = "Where are GraphQL queries run?"
    assert not search([index({"CHANGES.md": "- Removed Graphite support, kafka too.\n"})], "Where is Kafka fed?").found
    assert search([index(told | {"b.py": "import graphql\n"})], question).found


def test_one_missing_name_of_several_is_told_but_the_rest_is_answered(shop):
    result = search([shop], "Does check_password call verify_captcha_token?")
    assert result.found
    assert result.missing == ("verify_captcha_token",)


def test_nothing_is_found_where_no_word_that_carries_the_question_stands(shop):
    result = search([shop], "How are giraffes calculated?")
    assert not result.found
    assert result.missing == ("giraffes",)


def test_words_that_stand_nowhere_are_told_beside_an_answer(shop):
    result = search([shop], "Does the basket know of pensioners?")
    assert result.found
    assert "pensioners" in result.missing


def test_a_concept_of_which_no_name_stands_is_refused_beside_one_that_is_known(index):
    others = {f"step_{number}.py": f"def step_{number}():\n    return {number}\n" for number in range(60)}
    told = {"mail.py": "def send(emails):\n    smtp.sendmail(emails)\n", **others}
    result = search([index(told)], "Where are emails that were not delivered moved to a dead letter queue?")
    assert not result.found
    assert "dead letter" in result.missing
    assert "dead letter" in result.note


@pytest.mark.parametrize("written", ["parser.flag('max-file-lines')", "MAX_FILE_LINES = 3", "maxFileLines = 3"])
def test_a_flag_is_known_by_any_spelling_and_refused_by_none(index, written):
    question = "What does the --max-file-lines option do?"
    lacking = search([index({"a.py": "max = 1\nfile = 2\nlines = 3\n"})], question)
    assert not lacking.found
    assert lacking.missing == ("--max-file-lines",)
    assert search([index({"a.py": f"{written}\n"})], question).found


def test_a_quoted_flag_that_stands_with_hyphens_is_found(index):
    assert search([index({"a.py": "parser.flag('--no-color')\n"})], "What does `--no-color` do?").found


def test_a_member_of_a_class_that_is_nowhere_is_refused(index):
    segment = index({"a.py": "class Bucket:\n    def consume(self):\n        pass\n"})
    assert search([segment], "What does Bucket::consume decide?").found
    result = search([segment], "What does RetryBudget::consume decide?")
    assert not result.found
    assert result.missing == ("RetryBudget::consume",)


@pytest.mark.parametrize(
    "asked",
    [
        "Where are baskets filled?",
        "where are baskets filled",
        "How do I fill a basket?",
        "Can you show me where a basket gets filled, please?",
        "I would like to know how baskets are filled",
        "Hi, where are baskets filled? Thanks!",
        "basket fill",
    ],
)
def test_the_way_of_asking_is_no_reason_to_refuse(shop, asked):
    assert search([shop], asked).found


def test_a_polite_way_of_asking_hides_nothing(shop):
    assert not search([shop], "I would like to know how GraphQL queries are resolved, thanks").found


def test_a_word_that_only_shares_its_stem_with_a_concept_is_none(index):
    segment = index({"tax.py": "def windows():\n    return 3\n"})
    assert search([segment], "Where are the windows of the taxes?").found


def test_a_name_as_long_as_a_page_is_told_by_its_beginning(shop):
    note = search([shop], "x" * 5_000).note
    assert "xxx…" in note
    assert len(note) < 200
