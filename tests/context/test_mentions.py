"""What counts as a citation, what it quotes, and which sentences have none."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repoask.context.mentions import parse_citations, uncited_sentences


def _found(text: str, *paths: str) -> list[tuple[str, int, int]]:
    return [(m.path, m.start, m.end) for m in parse_citations(text, paths=paths)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In [src/app.py:10-14].", [("src/app.py", 10, 14)]),
        ("In [src/app.py:10].", [("src/app.py", 10, 10)]),
        ("In [`src/app.py:10-14`].", [("src/app.py", 10, 14)]),
        ("In `[src/app.py:10-14]`.", [("src/app.py", 10, 14)]),
        ("In [./src/app.py:L10-L14].", [("src/app.py", 10, 14)]),
        ("In [src/app.py:10\u201314].", [("src/app.py", 10, 14)]),
        ("In [a.py:1-2, b.py:3-4; c.py:5].", [("a.py", 1, 2), ("b.py", 3, 4), ("c.py", 5, 5)]),
        ("In [a.py:1-2][b.py:3-4].", [("a.py", 1, 2), ("b.py", 3, 4)]),
        ("In [app/[id]/page.tsx:1-9].", [("app/[id]/page.tsx", 1, 9)]),
        ("In [docs/my file, old.md:3-4].", [("docs/my file, old.md", 3, 4)]),
        ("In [made/up:1-2].", [("made/up", 1, 2)]),
        ("In [nonsense:7-9].", [("nonsense", 7, 9)]),
        ("In [a.py:9-3].", [("a.py", 9, 3)]),
        ("In [a.py:1-2, 14-15; 20].", [("a.py", 1, 2), ("a.py", 14, 15), ("a.py", 20, 20)]),
        ("In [a.py:1-2, L7, b.py:3].", [("a.py", 1, 2), ("a.py", 7, 7), ("b.py", 3, 3)]),
        ("In [a.py#L10-L12] and [b.py#L3].", [("a.py", 10, 12), ("b.py", 3, 3)]),
    ],
)
def test_citations_are_found(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert _found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "At [12:30] or [12:30-40].",
        "See [note:3].",
        "A [link](http://a.b/c) and [http://localhost:80-90].",
        "`x[i:1-2]` is a slice.",
        "```\nx = y[a.b:1-2]\n```",
        "[a.py]",
        "[note:3, 4-5]",
        "[a.py:]",
        "[:1-2]",
        "a.py:1-2",
        "[a\n.py:1-2]",
    ],
)
def test_what_is_no_citation(text: str) -> None:
    assert _found(text) == []


def test_known_path_needs_no_dot() -> None:
    assert _found("In [Makefile:3].", "Makefile") == [("Makefile", 3, 3)]
    assert _found("In [a, b.py:3-4].", "a, b.py") == [("a, b.py", 3, 4)]


def test_revision_is_kept() -> None:
    assert parse_citations("In [a.py:1-2@abc1234].")[0].revision == "abc1234"


def test_quotes_belong_to_the_citation_after_them() -> None:
    one, two = parse_citations("It calls `first()` [a.py:1-2], then `second()` [b.py:3-4].")
    assert (one.quotes, two.quotes) == (("first()",), ("second()",))


@pytest.mark.parametrize(
    "text",
    [
        "[a.py:1-2]: `x = 1`.",
        "See [a.py:1-2] (`x = 1`).",
        "In [a.py:1-2] it says `x = 1` and ends. It does `y = 2`.",
        "It is so [b.py:1-2]. In [a.py:1-2] it says `x = 1`.",
    ],
)
def test_a_quote_behind_its_citation_belongs_to_it(text: str) -> None:
    assert [mention.quotes for mention in parse_citations(text) if mention.path == "a.py"] == [("x = 1",)]


def test_a_sentence_after_the_citation_is_another_claim() -> None:
    (mention,) = parse_citations("It does. [a.py:1-2] Next it is `x = 1`.")
    assert mention.quotes == ()
    one, two = parse_citations("`[a/long/path/to.py:1-2]` and then `x = 1` [b.py:3-4].")
    assert (one.quotes, two.quotes) == ((), ("x = 1",))


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ('It "opens and saves the sessions." [a.py:1-2]', "opens and saves the sessions"),
        ("It \u201copens and saves the sessions\u201d [a.py:1-2]", "opens and saves the sessions"),
        ('It "opens ... and saves them all" [a.py:1-2]', "opens\n...\nand saves them all"),
        ("> It opens and saves.\n\nSo it is [a.py:1-2].", "It opens and saves."),
        ("So it is [a.py:1-2]:\n\n> It opens\n> and saves.", "It opens\nand saves."),
        ("> It opens\n> and saves.\n> [a.py:1-2]", "It opens\nand saves."),
    ],
)
def test_quotation_marks_and_quoted_blocks_hold_quotes(text: str, quote: str) -> None:
    (mention,) = parse_citations(text)
    assert mention.quotes == (quote,)


def test_quotes_do_not_cross_paragraphs_and_list_items() -> None:
    text = "- It calls `first()`.\n- Then it ends [a.py:1-2].\n\nAnd [b.py:1-2]."
    assert [mention.quotes for mention in parse_citations(text)] == [(), ()]


def test_fenced_block_belongs_to_the_paragraph_after_it() -> None:
    (mention,) = parse_citations("Look:\n\n```python\nx = 1\n```\n\nThis is it [a.py:1-2].")
    assert mention.quotes == ("x = 1",)


def test_fenced_block_belongs_to_a_cited_lead_in() -> None:
    one, two = parse_citations("As in [a.py:1-2]:\n\n```\nx = 1\n```\n\nElse [b.py:1-2].")
    assert (one.quotes, two.quotes) == (("x = 1",), ())


def test_citations_side_by_side_share_their_quotes() -> None:
    one, two, three = parse_citations("It does `x = 1` [a.py:1-2] and [b.py:3-4]. More [c.py:1-2].")
    assert one.group == two.group != three.group
    assert one.quotes == two.quotes == ("x = 1",)


def _uncited(text: str) -> list[str]:
    return [text[start:end] for start, end in uncited_sentences(text, parse_citations(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is made here [a.py:1-2]. Nobody knows why.", ["Nobody knows why."]),
        ("It is made here. [a.py:1-2] It ends there. [b.py:1-2]", []),
        ("It is made here. [a.py:1-2] It ends some day.", ["It ends some day."]),
        ("[a.py:1-2] makes the thing. It ends some day.", ["It ends some day."]),
        (
            "The steps are as follows:\n\n1. It opens the file [a.py:1-2].\n2. It closes the file.",
            ["It closes the file."],
        ),
        ("# The heading of it all\n\n**In short**\n\n1.", []),
        ("Yes. It is made here [a.py:1-2]. It crashes.", ["Yes.", "It crashes."]),
        ("```\nSome code. With dots. And words.\n```", []),
        ("Uses e.g. the cache [a.py:1-2].", []),
    ],
)
def test_sentences_without_a_citation(text: str, expected: list[str]) -> None:
    assert _uncited(text) == expected


@given(st.text(alphabet="ab.:;,-[]()`~ \n#|1290@/!", max_size=200))
def test_any_text_is_read(text: str) -> None:
    mentions = parse_citations(text)
    for mention in mentions:
        start, end = mention.span
        assert 0 <= start < end <= len(text)
        assert (text[start], text[end - 1]) == ("[", "]")
    for start, end in uncited_sentences(text, mentions):
        assert 0 <= start < end <= len(text)
        assert text[start:end].strip() == text[start:end]


@pytest.mark.parametrize(
    "piece",
    [
        "[a.py:1-2] ",
        "`a` [a.py:1-2]",
        "` `` ",
        "[",
        "[a",
        "a. ",
        "`[a.py:1-2]`, ",
        "```\n",
        '"',
        '"abc ',
        "> a [a.py:1-2]\n",
    ],
)
def test_long_hostile_text_is_read_at_once(piece: str) -> None:
    text = piece * (50_000 // len(piece))
    begin = time.perf_counter()
    uncited_sentences(text, parse_citations(text))
    assert time.perf_counter() - begin < 5
