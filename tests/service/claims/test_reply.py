"""A reply read as it streams: the joined pieces are the rendering of the whole, whatever a model writes."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repoask.service.claims.reply import Reply, ReplyReader

CITED = {"text": "It opens the file.", "citations": [{"path": "a.py", "start": 3, "end": 4, "quote": "open(path)"}]}
PLAIN = {"text": "It is short.", "citations": []}

_TEXTS = st.text(alphabet='abc.`"\\\n{[é\U0001f600', max_size=12)
_CITATIONS = st.fixed_dictionaries({
    "path": st.sampled_from(["a.py", "./b/c.py", "d]e.py"]),
    "start": st.integers(-1, 9),
    "end": st.integers(-1, 9),
    "quote": _TEXTS,
})  # fmt: skip
_CLAIMS = st.fixed_dictionaries({"text": _TEXTS, "citations": st.lists(_CITATIONS, max_size=2)})
_DOCUMENTS = st.fixed_dictionaries({
    "found": st.booleans(), "claims": st.lists(_CLAIMS, max_size=3), "missing": _TEXTS,
})  # fmt: skip


def read(*pieces: str, is_cut: bool = False) -> tuple[Reply, str]:
    """The reply, and what was handed on, joined; words before the JSON are dropped, as a gate drops them."""
    reader = ReplyReader()
    shown = ""
    for piece in pieces:
        was_json = reader.is_json
        parts = reader.feed(piece)
        shown = "" if reader.is_json and not was_json else shown
        shown += "".join(part.text for part in parts)
    reply = reader.finish(is_cut=is_cut)
    return reply, shown + reply.tail


def document(*claims: Any, found: Any = True, missing: Any = "") -> str:
    return json.dumps({"found": found, "claims": claims, "missing": missing})


@settings(deadline=None, max_examples=50)
@given(
    _DOCUMENTS,
    st.permutations(["found", "claims", "missing"]),
    st.sampled_from(["", "```json\n", "Here it is:\n\n", "A {set} of {\n", "{"]),
    st.sampled_from(["", "\n```\n", " Is that all?"]),
    st.booleans(),
)
def test_the_pieces_of_a_document_make_its_rendering_wherever_it_is_cut(
    written: dict[str, Any], order: list[str], before: str, after: str, ascii_alone: bool
) -> None:
    text = before + json.dumps({key: written[key] for key in order}, ensure_ascii=ascii_alone) + after
    whole, shown = read(text)
    assert shown == whole.text
    for pieces in (list(text), *((text[:cut], text[cut:]) for cut in range(len(text)))):
        reply, shown = read(*pieces)
        assert shown == reply.text == whole.text
        assert (reply.claims, reply.uncited, reply.problem) == (whole.claims, whole.uncited, whole.problem)


@settings(deadline=None)
@given(st.text(alphabet='{}[]",:\\ \nfoundclaims1`'), st.booleans())
def test_any_text_is_read_the_same_wherever_it_is_cut(text: str, is_cut: bool) -> None:
    reply, shown = read(text, is_cut=is_cut)
    assert shown == reply.text
    assert read(*text, is_cut=is_cut)[1] == shown


def test_a_claim_is_a_paragraph_with_what_it_quotes_and_where() -> None:
    reply, _ = read(document(CITED, PLAIN))
    assert reply.text == "It opens the file: `open(path)` [a.py:3-4].\n\nIt is short."
    assert [reply.text[start:end] for start, end in reply.uncited] == ["It is short."]
    assert (reply.found, reply.problem, reply.is_prose) == (True, "", False)


def test_a_claim_is_handed_on_as_soon_as_it_is_whole() -> None:
    reader = ReplyReader()
    text = document(CITED, PLAIN)
    first = text.index(', {"text": "It is short')
    assert reader.feed(text[: first - 1]) == ()
    (part,) = reader.feed(text[first - 1 : first])
    assert part.text == "It opens the file: `open(path)` [a.py:3-4]."


def test_only_sentences_are_told_as_uncited() -> None:
    reply, _ = read(document({"text": "It is this. Or that:\n```\nx = [0:3]\n```", "citations": []}, CITED))
    assert [reply.text[start:end] for start, end in reply.uncited] == ["It is this."]


def test_what_is_missing_stands_at_the_end() -> None:
    assert read(document(CITED, missing="Who calls it."))[0].text.endswith("].\n\nMissing: Who calls it.")


def test_what_is_not_found_is_told_with_its_reason() -> None:
    reply, _ = read(document(found=False, missing="No line opens a file."))
    assert (reply.found, reply.text, reply.problem) == (False, "NOT FOUND: No line opens a file.", "")


def test_a_claim_without_a_citation_does_not_make_it_found() -> None:
    reply, _ = read(document(PLAIN, found=False))
    assert (reply.found, reply.text, reply.claims) == (False, "NOT FOUND: It is short.", ())


def test_a_claim_that_cites_is_shown_although_the_model_says_that_nothing_was_found() -> None:
    reply, _ = read(document(CITED, found=False, missing="The rest."))
    assert (reply.found, reply.text) == (True, "It opens the file: `open(path)` [a.py:3-4].\n\nMissing: The rest.")


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{document(CITED)}\n```",
        f"<thinking>It is {{here}}.</thinking>\n{document(CITED)}",
        f"Sure! Here is the JSON:\n\n{document(CITED)}\n\nDoes that help?",
        f"\n\n  {document(CITED)}{document(PLAIN)}",
    ],
)
def test_what_stands_around_the_json_is_no_part_of_it(text: str) -> None:
    reply, _ = read(text)
    assert (reply.text, reply.problem) == ("It opens the file: `open(path)` [a.py:3-4].", "")


@pytest.mark.parametrize(
    "text",
    [
        "It opens the file [a.py:3-4].",
        'It reads [a.py:3-4] both {"found": 1} and {"claims": 2}.',
        'It reads both {"found": 1} and {"claims": 2} [a.py:3-4].',
        '```json\n{"name": "x"}\n```\n[package.json:1-3] holds the name.',
        "[a.py:3] does.",
        'Not found: {"found": true}',
        'In [app/[id]/page.tsx#L3] is {"found": true, "claims": []}',
        "   ",
    ],
)
def test_prose_stays_as_it_is(text: str) -> None:
    reply, shown = read(*text)
    assert (reply.is_prose, reply.text, shown) == (True, text, text)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ({"text": "It does", "citations": {"path": "a.py", "start": "3", "end": 4.0}}, "It does [a.py:3-4]"),
        ({"text": "It does.", "citations": ["a.py:3-4"]}, "It does [a.py:3-4]."),
        ({"text": "It does.", "citations": ["[a.py:3-4]"], "more": 1}, "It does [a.py:3-4]."),
        ({"text": "It does.", "citations": [{"path": "./a.py", "start": 3, "quote": None}]}, "It does [a.py:3-3]."),
        ({"text": "It does [a.py:3-4].", "citations": ["a.py:3-4"]}, "It does [a.py:3-4]."),
        ({"text": "It is `x  = 1`.", "citations": [{"path": "a.py", "start": 3, "quote": "x = 1"}]},
         "It is `x  = 1` [a.py:3-3]."),
        ({"text": "Is it?", "citations": ["a.py:3", "b.py:4"]}, "Is it? [a.py:3-3], [b.py:4-4]"),
        ({"text": "So:\n```\nx\n```", "citations": ["a.py:3"]}, "So:\n```\nx\n```\n[a.py:3-3]"),
        ({"text": "Ticks.", "citations": [{"path": "a\n.py", "start": 3, "quote": "a `b`\n  c"}]},
         "Ticks: `` a `b` c `` [a\\x0a.py:3-3]."),
    ],
)  # fmt: skip
def test_what_weak_models_get_wrong_without_harm_is_read(claim: dict[str, Any], text: str) -> None:
    reply, _ = read(document(claim))
    assert (reply.text, reply.problem) == (text, "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"answer": "x"}', "`found` or `claims` is missing"),
        ("{}", "`found` or `claims` is missing"),
        (document(found="yes"), "`found`: it is neither true nor false"),
        (document(), "`found` is true and there is no claim"),
        ('{"found": true, "claims": "x"}', "`claims`: it is no list"),
        (document("x"), "`claims[0]`: it is no object"),
        (document({"text": 3}), "`claims[0]`: `text` is no text"),
        (document({"text": "x", "citations": ["a.py:1"] * 51}), "`claims[0]`: it has over 50 citations"),
        (document({"text": "x", "citations": [3]}), "`claims[0]`: a citation is no object"),
        (document({"text": "x", "citations": ["x"]}), "`claims[0]`: a citation is no object"),
        (document({"text": "x", "citations": [{"start": 1}]}), "`claims[0]`: a citation has no `path`"),
        (document({"text": "x", "citations": [{"path": "a", "start": "x"}]}), "`start` of a citation"),
        (document({"text": "x", "citations": [{"path": "a", "start": True}]}), "`start`"),
        (document({"text": "x", "citations": [{"path": "a", "start": 10**9}]}), "`start`"),
        (document({"text": "x", "citations": [{"path": "a" * 2_000, "start": 1}]}), "over 1,000 characters"),
        (document({"text": "x", "citations": [{"path": "a", "start": 1, "quote": 3}]}), "`quote`"),
        (document(missing=3, found=False), "`missing`: it is no text"),
        ('{"found": true, "claims": [{"text": "x" "y"}]}', "`claims[0]`: it is no JSON"),
        ('{"found": true, "claims": [', "the JSON ends too soon"),
        ('{"x": 1 ; ', "`,` or `}`"),
        ('{"found": nope}', "`found`: it is no JSON"),
        ("It just works.", "it is no JSON"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_words_that_a_model_understands(text: str, problem: str) -> None:
    assert problem in read(text)[0].problem


def test_what_is_whole_stays_when_the_rest_is_garbled() -> None:
    reply, shown = read(document(CITED, {"text": 3}, PLAIN).replace('], "missing"', '] \x00 "missing"'))
    assert reply.text == shown == "It opens the file: `open(path)` [a.py:3-4].\n\nIt is short."
    assert reply.problem == "`claims[1]`: `text` is no text"


def test_of_a_reply_that_was_cut_off_the_whole_claims_are_shown() -> None:
    text = document(CITED, PLAIN)
    reply, _ = read(text[: text.index("short")], is_cut=True)
    assert (reply.text, reply.problem) == ("It opens the file: `open(path)` [a.py:3-4].", "")


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('{"text": "It op', "It op …"),
        ('{"text": "It \\"op\\u00', 'It "op …'),
        ('{"text": "It op", "citations": [{"pa', "It op …"),
        ('{"text": "', ""),
        ('{"te', ""),
        ("", ""),
    ],
)
def test_of_a_first_claim_that_was_cut_off_its_text_is_shown(written: str, text: str) -> None:
    reply, shown = read(f'{{"found": true, "claims": [{written}', is_cut=True)
    assert (reply.text, shown) == (text, text)


def test_half_of_a_surrogate_pair_is_replaced() -> None:
    claim = {"text": "a\ud83d", "citations": [{"path": "\ud83d.py", "start": 1, "quote": "\ud83d"}]}
    assert read(document(claim))[0].text.isprintable()


@pytest.mark.parametrize(
    "unit",
    ["{", '{"', '{ "found" ', " ", "\n", "[a", '{"claims": [', '{"text": "a", "citations": []},', '"', "\\", "`"],
)
@pytest.mark.parametrize("before", ["", "x", '{"claims": [', '{"found": false, "claims": ['])
def test_time_is_linear_in_the_reply_whatever_the_pieces(unit: str, before: str) -> None:
    def seconds(count: int) -> float:
        text = before + unit * count
        begin = time.perf_counter()
        read(*(text[start : start + 5] for start in range(0, len(text), 5)))
        return time.perf_counter() - begin

    # a hundred times the text in far less than ten thousand times the time
    assert seconds(30_000) < 1_000 * max(seconds(300), 0.002)
