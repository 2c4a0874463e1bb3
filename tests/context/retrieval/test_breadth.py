import pytest
from repoask.context.retrieval.breadth import breadth_of


@pytest.mark.parametrize(
    "question",
    [
        "List all HTTP endpoints of this service",
        "list every environment variable that is read",
        "Enumerate all the feature flags",
        "What are all the configuration options?",
        "How many different database tables are there?",
        "Give me a complete list of the error codes",
        "find all places where the clock is read",
        "which modules do not have tests?",
        "Which endpoints lack authentication?",
        "count the number of TODO comments",
        "every place where we swallow an exception",
        "Make an inventory of third-party services",
    ],
)
def test_an_inventory_needs_everything(question: str) -> None:
    assert breadth_of(question) == "inventory"


@pytest.mark.parametrize(
    "question",
    [
        "Review the whole codebase for security problems",
        "audit this repository",
        "Are there inconsistencies in error handling across the codebase?",
        "Is logging done consistently throughout the project?",
        "security review of the upload code",
        "what are the biggest weaknesses of this project?",
        "Find dead code in the repository",
        "are there any bugs in this codebase?",
    ],
)
def test_a_review_needs_everything(question: str) -> None:
    assert breadth_of(question) == "review"


@pytest.mark.parametrize(
    "question",
    [
        "Summarize this repository",
        "What does this project do?",
        "what is this repo about?",
        "Give me an overview of the architecture",
        "Explain the overall architecture",
        "how is this codebase organized?",
        "walk me through the codebase",
        "Describe the system architecture",
        "What are the main components?",
        "explain how the whole thing works",
    ],
)
def test_a_summary_needs_everything(question: str) -> None:
    assert breadth_of(question) == "summary"


@pytest.mark.parametrize(
    "question",
    [
        "where is auth handled?",
        "how does login work?",
        "where is `list_all_users` defined?",
        "How does list_all work?",
        'where is "list all users" printed?',
        "what does the audit log store?",
        "where is the summary computed?",
        "Summarize what login() does",
        "What does parse_config do?",
        "Why is every request logged twice?",
        "where are all the settings read from the environment?",
        "what happens when all retries fail?",
        "How do I run all the tests?",
        "explain how the cache works",
        "how many retries are done by default?",
        "where does the project file get loaded?",
        "what does the app factory return?",
        "describe the retry logic",
        "which header is not forwarded by the proxy?",
        "what does the library call when the socket closes?",
        "how are all-day events stored?",
        "what is the system prompt?",
        "",
    ],
)
def test_a_question_about_a_part_does_not(question: str) -> None:
    assert breadth_of(question) is None


@pytest.mark.parametrize("question", ["find all callers of Session.open", "list all the uses of find_password_hash"])
def test_uses_are_told_by_the_references(question: str) -> None:
    assert breadth_of(question) is None


def test_history_is_told_by_git() -> None:
    assert breadth_of("who changed all the error codes in this project?") is None


def test_a_pasted_text_asks_about_itself() -> None:
    assert breadth_of("summarize this project" + "\nTraceback" * 200) is None
