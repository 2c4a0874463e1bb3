import pytest
from repoask.context.pack.format import Hunk, current, deleted, file, patch, renamed, rules, update
from repoask.context.pack.reader import parse, read_pack
from repoask.context.pack.types import Piece
from repoask.errors import InputError


def _text(*entries: tuple[Piece, ...]) -> str:
    return "".join(piece.text for entry in entries for piece in entry)


def test_the_last_section_of_a_path_wins() -> None:
    text = _text(
        rules(),
        file("a.py", "one\ntwo\nthree\n", ""),
        file("b.py", "b", ""),
        file("c.py", "", ""),
        update("r1"),
        patch("a.py", [Hunk(1, 2, 1, 3)], ["one", "2", "2.5", "three"], True),
        renamed("b.py", "d.py"),
        deleted("c.py"),
        update("r2"),
        patch("a.py", [Hunk(0, 0, 0, 1), Hunk(3, 4, 4, 4)], ["zero", "one", "2", "2.5"], False),
        current("r2", 2, {"a.py": 3}),
    )
    assert read_pack(text) == {"a.py": "zero\none\n2\n2.5", "d.py": "b"}


def test_the_end_lists_the_files_that_more_than_one_section_shows() -> None:
    (end,) = current("r2", 3, {"b/odd name": 2, "a<.py": 3})
    assert end.text == '<current revision="r2" files="3">\n3 a%3C.py\n2 b/odd name\n</current>\n'
    (section,) = parse(end.text)
    assert section.patched == {"a<.py": 3, "b/odd name": 2}


def test_a_pack_reads_as_its_rules_say() -> None:
    text = _text(
        rules(), file("src/a.py", "x = 1\n", ""), update("r1"), patch("src/a.py", [Hunk(0, 1, 0, 1)], ["x = 2"], True)
    )
    assert text.endswith(
        '<file path="src/a.py">\nx = 1\n</file>\n<update revision="r1"/>\n'
        '<patch path="src/a.py">\n<lines old="1-1">\nx = 2\n</lines>\n</patch>\n'
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "does not begin with its rules"),
        ("# notes\n", "does not begin with its rules"),
        ('<rules format="9">\n</rules>\n', "newer than"),
        ('<rules format="1">\n</rules>\n', "older than"),
        (_text(rules()) + "stray", "no section at character"),
        (_text(rules()) + '<file path="a">\n', "no section at character"),
        (_text(rules()) + '<other path="a">\n</other>\n', "no section at character"),
        (_text(rules(), deleted("a")), "of a, which there is no file of"),
        (_text(rules(), renamed("a", "b")), "of a, which there is no file of"),
        (_text(rules(), patch("a", [], [], True)), "of a, which there is no file of"),
        (_text(rules(), file("a", "x\n", ""), patch("a", [Hunk(4, 5, 0, 0)], [], True)), "lines that are not there"),
        (_text(rules(), file("a", "x\n", "")) + '<patch path="a">\nx\n</patch>\n', "no section at character"),
        ("<rules>\n</rules>\n" + _text(file("a", "x\n", "")), "does not begin with its rules"),
        (_text(rules()) + "<current/>\n", "no section at character"),
        (_text(rules()) + "<current>\n</current>\n", "no section at character"),
        (_text(rules(), file("a", "x\n", ""), current("r", 2, {})), "belies its sections"),
        (_text(rules(), file("a", "x\n", ""), current("r", 1, {"a": 2})), "belies its sections"),
        (_text(rules(), current("r", 0, {})).replace("0", "x"), "no section at character"),
    ],
)
def test_what_is_no_pack_is_refused_in_one_line(text: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as refused:
        read_pack(text)
    assert "\n" not in str(refused.value)
