"""Diffs, files, folders and lines that a question names."""

import pytest
from repoask.context.retrieval.retriever import search

DIFF = """diff --git a/src/shop/pay.py b/src/shop/pay.py
--- a/src/shop/pay.py
+++ b/src/shop/pay.py
@@ -3,5 +3,5 @@ def charge

 def charge(card, amount):
-    if amount <= 0:
+    if amount < 0:
         raise ValueError()
     return send(card, amount)
--- a/gone.py
+++ /dev/null
@@ -1,2 +0,0 @@
-a
-b
--- web/src/router.js\t2024-01-01
+++ web/src/router.js\t2024-01-02
@@ -1,2 +1,3 @@
+first
 line 1
 line 2
"""


def test_a_diff_gives_the_changed_lines_of_its_new_side(given):
    assert given(DIFF) == [("src/shop/pay.py", 5, 5), ("web/src/router.js", 1, 1)]


def test_a_diff_with_windows_line_ends_reads_the_same(given):
    assert given(DIFF.replace("\n", "\r\n"))[0] == ("src/shop/pay.py", 5, 5)


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("src/shop/pay.py:4-6", [("src/shop/pay.py", 4, 6)]),
        ("what is at pay.py#L4?", [("src/shop/pay.py", 4, None)]),
        (r"C:\checkout\src\shop\pay.py:4", [("src/shop/pay.py", 4, None)]),
        ("pay.py(4,1,6,3): error TS1", [("src/shop/pay.py", 4, 6)]),
        ("/home/me/repo/src/shop/pay.py:4", [("src/shop/pay.py", 4, None)]),
        ("pay.py:4000", [("src/shop/pay.py", 1, 11)]),
        ("localhost:8080 at 12:30", []),
        ("charge(12,3)", []),
    ],
)
def test_lines_that_are_given_are_found(given, question, places):
    assert given(question) == places


def test_a_line_beyond_the_end_of_its_file_is_said_to_be(company):
    result = search([company], "what is wrong in pay.py:4000?")
    assert result.missing == ("pay.py:4000",)
    assert "the file that was asked for; pay.py has 11 lines" in result.evidence[0].reasons
    there = search([company], "what is wrong in pay.py:4?")
    assert (there.missing, there.evidence[0].start <= 4 <= there.evidence[0].end) == ((), True)


@pytest.mark.parametrize("question", ["app.py", "what does `app.py` do?", "And app.py?", '"app.py"'])
def test_files_of_a_name_come_the_shallowest_first(given, question):
    assert [path for path, *_ in given(question)] == ["app.py", "src/shop/app.py", "tools/deep/app.py"]


@pytest.mark.parametrize("question", ["src/shop/app.py", "./src/shop/app.py", r"src\shop\app.py", "shop/app.py"])
def test_a_path_is_one_file_and_shown_by_what_it_is_named_after(given, question):
    assert given(question) == [("src/shop/app.py", 1, 2)]


def test_a_folder_gives_files_directly_in_it(given):
    assert {path for path, *_ in given("what is in src/shop/?")} == {"src/shop/app.py", "src/shop/pay.py"}


@pytest.mark.parametrize("file", ["gone.py", "src/shop/gone.py", "/home/ann/gone.py"])
@pytest.mark.parametrize("written", ["{}:3", "`{}:3-9`", "{}(3,1)"])
def test_a_file_that_is_not_here_is_told_and_what_comes_nearest_is_no_answer(company, file, written):
    result = search([company], written.format(file))
    assert (result.found, result.missing) == (False, (file,))
    assert result.note == f"No file “{file}” is among those that were read here."


@pytest.mark.parametrize(
    "question", ["localhost:8080", "redis:7", "https://shop.example/gone.py:3", "and/or", "shop.App"]
)
def test_what_only_looks_like_a_file_is_not_missed(company, question):
    assert "No file" not in search([company], question).note


@pytest.mark.parametrize(
    "question", ["app", "how does the app pay?", "pay", "e.g. and/or a context", "node.js", "router"]
)
def test_words_that_look_like_stems_are_words(given, question):
    assert given(question) == []
