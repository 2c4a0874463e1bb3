"""Pages that are there in several languages."""

import pytest
from repoask.context.retrieval.retriever import search

TEXT = "# Background tasks\n\nA background task runs after the response.\n"
QUESTION = "which page explains background tasks"


@pytest.mark.parametrize(
    ("original", "translated"),
    [
        ("docs/en/tasks.md", "docs/{}/tasks.md"),
        ("docs/tasks.md", "docs/{}/tasks.md"),
        ("docs/tasks.md", "docs/tasks.{}.md"),
        ("README.md", "README_{}.md"),
        ("guide/tasks-en.md", "guide/tasks-{}.md"),
    ],
)
@pytest.mark.parametrize("language", ["de", "zh-CN", "zh-hant", "pt_BR"])
def test_a_page_in_several_languages_is_shown_in_english_alone(index, original, translated, language):
    files = {original: TEXT, translated.format(language): TEXT * 3, translated.format("fr"): TEXT}
    assert {each.path for each in search([index(files)], QUESTION).evidence} == {original}


@pytest.mark.parametrize(
    "others",
    [
        ["docs/de/tasks.md"],  # there is no other
        ["packages/README.md", "packages/it/README.md"],
        ["bindings/tasks.md", "bindings/cs/tasks.md"],
        ["src/tasks.py", "src/de/tasks.py"],
    ],
)
def test_what_is_no_translation_is_kept(index, others):
    text = '"""Background tasks."""\n'
    assert {each.path for each in search([index(dict.fromkeys(others, text))], QUESTION).evidence} == set(others)


def test_a_question_in_another_language_may_be_answered_in_it(index):
    files = {"docs/en/tasks.md": TEXT, "docs/de/tasks.md": "# Hintergrund\n\nEin Task im Hintergrund.\n"}
    assert search([index(files)], "Hintergrund Task").evidence[0].path == "docs/de/tasks.md"
