"""A choice as the material of a pack."""

from collections.abc import Mapping

from repoask.context.pack.chosen_contents import OUTLINE_PATH, ChosenContents
from repoask.context.pack.outline import Detail, Outline
from repoask.context.pack.selection import Choice, Chosen, Standing
from repoask.context.pack.types import PackFile
from repoask.ingest.types import Omission, Reason

TEXTS = {"a.py": "a = 1\n", "b.py": "b1\nb2\nb3\nb4", "c.py": "c = 3\n"}


class Whole:
    """The material of all files."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self.files = [PackFile(path, f"{path}.content") for path in sorted(texts)]
        self.omissions = [Omission("logo.png", Reason.BINARY)]

    def text(self, file: PackFile, /) -> str:
        return self._texts[file.path]


def chosen(outline: str = "c.py\n", *, parts: tuple[tuple[int, int], ...] = ((1, 2), (4, 4))) -> Chosen:
    choices = (
        Choice("a.py", Standing.FULL, 5, 5),
        Choice("b.py", Standing.PARTS, 5, 9, lines=parts),
        Choice("c.py", Standing.OUTLINED, 0, 5, detail=Detail.PATHS),
    )
    return Chosen(choices, Outline(outline, 3, {"c.py": Detail.PATHS}), 13, 20, asked=True)


def held(material: ChosenContents) -> dict[str, str]:
    return {file.path: material.text(file) for file in material.files}


def test_whole_files_parts_and_the_outline_stand_there_by_path() -> None:
    material = ChosenContents(Whole(TEXTS), chosen())
    assert [file.path for file in material.files] == [OUTLINE_PATH, "a.py", "b.py"]
    texts = held(material)
    assert texts["a.py"] == "a = 1\n"
    assert texts["b.py"] == "[lines 1-2 of 4]\nb1\nb2\n[lines 4-4 of 4]\nb4\n"
    assert texts[OUTLINE_PATH].endswith("\n\nc.py\n")
    assert list(material.omissions) == [Omission("logo.png", Reason.BINARY)]


def test_equal_contents_are_equal_texts_and_others_differ() -> None:
    whole = {file.path: file.content for file in Whole(TEXTS).files}
    one = {file.path: file.content for file in ChosenContents(Whole(TEXTS), chosen()).files}
    same = {file.path: file.content for file in ChosenContents(Whole(TEXTS), chosen()).files}
    other = {file.path: file.content for file in ChosenContents(Whole(TEXTS), chosen("d\n", parts=((1, 1),))).files}
    assert one == same
    assert one["a.py"] == whole["a.py"] == other["a.py"]
    assert len({one["b.py"], other["b.py"], whole["b.py"]}) == 3
    assert one[OUTLINE_PATH] != other[OUTLINE_PATH]


def test_there_is_no_outline_where_nothing_fits_in_one() -> None:
    assert OUTLINE_PATH not in held(ChosenContents(Whole(TEXTS), chosen("")))


def test_a_file_at_the_path_of_the_outline_keeps_its_place() -> None:
    texts = TEXTS | {OUTLINE_PATH: "mine\n"}
    choice = chosen()
    mine = Choice(OUTLINE_PATH, Standing.FULL, 1, 1)
    material = ChosenContents(Whole(texts), Chosen((mine, *choice.choices), choice.outline, 14, 20, asked=True))
    assert held(material)[OUTLINE_PATH] == "mine\n"
    assert held(material)[f"{OUTLINE_PATH}~"].endswith("c.py\n")
