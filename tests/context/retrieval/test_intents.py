"""Telling what kind of question is asked, and of what."""

import pytest
from repoask.context.retrieval.intents import asks_for_history, subject_of_uses


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("who calls parse_args", "parse_args"),
        ("what calls the flush function?", "the flush function"),
        ("callers of combineHandlers", "combineHandlers"),
        ("find all references to Foo.bar", "Foo.bar"),
        ("where else is `get` called?", "`get`"),
        ("what depends on the session interface", "the session interface"),
        ("does anything still use LegacyParser?", "LegacyParser"),
        ("is LegacyParser used anywhere?", "LegacyParser"),
        ("who is using the pool", "the pool"),
        ("which classes extend Base", "Base"),
        ("what would break if I remove the compile routine", "the compile routine"),
        ("what breaks when we rename open_view?", "open_view"),
        ("impact of changing the routing order", "the routing order"),
        ("what is affected by a change to NumberLimits?", "NumberLimits"),
        ("What would removing the cache affect?", "the cache"),
        ("Which plugins shift if I alter the time until the next minute?", "the time until the next minute"),
        ("If I change how proxies are trusted, which properties give different results?", "how proxies are trusted"),
        ("If the name of an instance were built differently, which code is affected?", "the name of an instance"),
        ("What does LFULogIncr compute and who calls it?", "it"),
    ],
)
def test_what_the_uses_are_asked_of_is_read_from_the_question(text, subject):
    assert subject_of_uses(text) == subject


@pytest.mark.parametrize(
    "text",
    [
        "what is X used for",
        "What does X use?",
        "Which hash function is used to sign the cookie?",
        "how do I change the log level",
        "What should I do if I change the schema?",
        "What happens when the config changes",
        "Where is a discount applied?",
        "Where is the callback that is called when a connection closes registered?",
        "How does Flask select which error handler to invoke for an exception?",
        "where is the used memory computed",
        "if a word stands between other words " * 3_000,
        "which thing " * 10_000,
    ],
)
def test_a_purpose_a_place_or_advice_is_no_question_of_uses(text):
    assert subject_of_uses(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "When was Context.Copy introduced?",
        "why was the keep-alive change rolled back",
        "who last changed LFULogIncr",
        "what introduced SSE support",
        "history of sessions.py",
        "which commit added the retry",
        "how has the parser changed",
        "Since when are these keys rotated?",
    ],
)
def test_a_question_of_history_is_known(text):
    assert asks_for_history(text)


@pytest.mark.parametrize(
    "text",
    [
        "what does History do",
        "when is the cache cleared",
        "why is the lock held",
        "where is the history kept",
        "which changes trigger a rebuild",
        "when was the last request sent",
        "who owns the lock",
    ],
)
def test_what_happens_at_run_time_is_no_question_of_history(text):
    assert not asks_for_history(text)
