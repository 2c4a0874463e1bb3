"""The exports that other tools read, over texts and paths that try to break them."""

import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repoask.context.pack.exports.json_document import write_json
from repoask.context.pack.exports.markdown import write_markdown
from repoask.context.pack.exports.openings import JSON_OPENING, MARKDOWN_OPENING, XML_OPENING
from repoask.context.pack.exports.plain import directory_tree, plain_path
from repoask.context.pack.exports.types import Export, ExportFile
from repoask.context.pack.exports.xml_document import write_xml

Write = Callable[[Export, BinaryIO], None]

WRITERS = [(write_markdown, MARKDOWN_OPENING), (write_xml, XML_OPENING), (write_json, JSON_OPENING)]
HOSTILE_PATHS = [
    "a`b``c.py",
    "<script>alert(1)</script>.js",
    "q\"uo'te & amp.py",
    "new\nline\n# heading.md",
    "esc\x1b[31m.txt",
    "\udcff\udcfe.bin.txt",
    "\u202egnp.exe",
    "]]>.xml",
    " lead and trail ",
    "<!-- -->.md",
]
HOSTILE_TEXTS = [
    "```\n# not a heading\n```\n",
    "````````````\n",
    "~~~\n</file></files></repository>\n~~~",
    "<![CDATA[ x ]]> ]]> ]]]]>\n",
    "form\x0cfeed \x1b[0m \x00 \ufffe end\n",
    "a bare\rreturn\n",
    '"}]} \\ \u2028 \\u0000\n',
    "\ud800 lone\n",
    "",
    "no newline at the end",
]

text = st.text(st.characters(codec=None), max_size=80)


def export(*files: tuple[str, str]) -> Export:
    return Export(
        name="repo & <co>",
        revision="2ac89889f4cc",
        paths=[path for path, _ in files],
        files=(ExportFile(path, text) for path, text in files),
        left_out={"binary": 2},
    )


def written(write: Write, *files: tuple[str, str]) -> bytes:
    out = io.BytesIO()
    write(export(*files), out)
    return out.getvalue()


def fenced_blocks(document: str) -> list[str]:
    """The contents of the fences, as CommonMark reads them."""
    blocks: list[str] = []
    lines = iter(re.split(r"(?<=\n)", document))
    for line in lines:
        if opening := re.fullmatch(r"(`{3,})[^`\n]*\n", line):
            inside = []
            for inner in lines:
                closing = re.fullmatch(r" {0,3}(`{3,})\s*", inner)
                if closing and len(closing[1]) >= len(opening[1]):
                    break
                inside.append(inner)
            blocks.append("".join(inside))
    return blocks


def strict_object(data: bytes) -> dict[str, object]:
    """The JSON, where a key that comes twice, a NaN or a lone surrogate is an error."""

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    def refuse(word: str) -> object:
        raise AssertionError(word)

    found = json.loads(data.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse)
    json.dumps(found, ensure_ascii=False).encode("utf-8")
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_markdown_holds_each_text_in_a_fence_that_it_cannot_close(text: str) -> None:
    document = written(write_markdown, ("a.txt", text), ("b.py", "after\n")).decode()
    _, first, second = fenced_blocks(document)
    expected = text.replace("\ud800", "\ufffd")
    assert first == expected + "\n" * bool(text and not text.endswith("\n"))
    assert second == "after\n"


@pytest.mark.parametrize("path", HOSTILE_PATHS)
def test_a_path_in_markdown_is_one_heading_that_holds_it_as_code(path: str) -> None:
    document = written(write_markdown, (path, "x\n")).decode()
    (heading,) = re.findall(r"^### (.*)$", document, re.MULTILINE)
    ticks = re.match("`+", heading)
    assert ticks
    inner = heading[len(ticks[0]) : -len(ticks[0])]
    assert ticks[0] not in re.findall("`+", inner)
    assert inner.strip(" ") == plain_path(path).strip(" ")
    assert [line for line in document.splitlines() if line.startswith("# ")] == ["# `repo & <co>`"]


def test_markdown_names_the_language_and_what_was_left_out() -> None:
    document = written(write_markdown, ("src/a.py", "pass\n"), ("b.unknown", "x\n")).decode()
    assert "### `src/a.py`\n\n```python\npass\n```\n" in document
    assert "### `b.unknown`\n\n```\nx\n```\n" in document
    assert "\nLeft out: 2 binary.\n" in document
    assert fenced_blocks(document)[0] == "b.unknown\nsrc/\n  a.py\n"


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_xml_gives_each_text_back(text: str) -> None:
    root = ET.fromstring(written(write_xml, ("a.txt", text), ("b.py", "after\n")))
    first, second = root.findall("files/file")
    shown = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", lambda found: chr(0x2400 + ord(found[0])), text)
    shown = re.sub("[\ud800-\udfff\ufffe\uffff]", "\ufffd", shown)
    assert (first.text or "") == shown
    replaced = sum(a != b for a, b in zip(text, shown, strict=True))
    assert first.get("replaced", "0") == str(replaced)
    assert second.text == "after\n"


@given(st.lists(st.tuples(text, text), max_size=4))
def test_xml_is_well_formed_whatever_the_paths_and_texts_hold(files: list[tuple[str, str]]) -> None:
    root = ET.fromstring(written(write_xml, *files))
    assert len(root.findall("files/file")) == len(files)


@given(st.lists(st.tuples(text, text), max_size=4))
def test_json_is_read_by_a_strict_parser_whatever_the_paths_and_texts_hold(files: list[tuple[str, str]]) -> None:
    found = strict_object(written(write_json, *files))
    assert [file["text"] for file in found["files"]] == [re.sub("[\ud800-\udfff]", "\ufffd", text) for _, text in files]


@given(st.lists(st.tuples(text, text), max_size=4))
def test_markdown_has_a_fence_a_file_whatever_the_paths_and_texts_hold(files: list[tuple[str, str]]) -> None:
    assert len(fenced_blocks(written(write_markdown, *files).decode("utf-8"))) == 1 + len(files)


def test_paths_that_print_alike_are_two_files_in_json() -> None:
    found = strict_object(written(write_json, ("\udcff", "one"), ("\\xff", "two")))
    assert found["files"] == [{"path": "\\xff", "text": "one"}, {"path": "\\xff", "text": "two"}]


@pytest.mark.parametrize("path", HOSTILE_PATHS)
def test_a_path_in_xml_is_one_attribute(path: str) -> None:
    root = ET.fromstring(written(write_xml, (path, "x\n")))
    assert [file.get("path") for file in root.findall("files/file")] == [plain_path(path)]
    assert root.get("name") == "repo & <co>"


@pytest.mark.parametrize(("write", "opening"), WRITERS, ids=["markdown", "xml", "json"])
def test_every_document_begins_with_the_mark_that_says_who_wrote_it(write: Write, opening: bytes) -> None:
    assert written(write).startswith(opening)


@pytest.mark.parametrize(("write", "opening"), WRITERS, ids=["markdown", "xml", "json"])
def test_a_text_is_written_before_the_next_is_taken(write: Write, opening: bytes) -> None:
    out = io.BytesIO()

    def files() -> Iterator[ExportFile]:
        yield ExportFile("one.txt", "the first text\n")
        assert b"the first text" in out.getvalue()
        yield ExportFile("two.txt", "the second text\n")

    write(Export("repo", "", ["one.txt", "two.txt"], files()), out)
    assert b"the second text" in out.getvalue()


def test_the_tree_names_each_folder_once_beside_a_file_of_nearly_its_name() -> None:
    lines = list(directory_tree(["a/b/c.py", "a-b.py", "a/b.py", "a.py", "a/b/d.py"]))
    assert lines == ["a/", "  b/", "    c.py", "    d.py", "  b.py", "a-b.py", "a.py"]
