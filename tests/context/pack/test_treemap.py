"""The treemap: areas, hostile names, sizes at the edges."""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repoask.context.pack.squarified import Rectangle, squarified
from repoask.context.pack.token_tree import token_tree
from repoask.context.pack.treemap import treemap

SVG = "{http://www.w3.org/2000/svg}"
WHOLE = Rectangle(10, 20, 600, 400)

sizes = st.lists(st.integers(min_value=1, max_value=10**7), min_size=1, max_size=200)


def drawn(files: list[tuple[str, int]], name: str = "repo") -> ET.Element:
    return ET.fromstring(treemap(token_tree(files, name=name), exact=True))


def titles(root: ET.Element) -> list[str]:
    return [title.text or "" for title in root.iter(f"{SVG}title")]


@given(sizes)
def test_every_area_is_its_share_and_all_lie_inside_without_overlap(amounts: list[int]) -> None:
    amounts.sort(reverse=True)
    rectangles = list(squarified(amounts, WHOLE))
    assert len(rectangles) == len(amounts)
    whole = WHOLE.width * WHOLE.height
    for amount, each in zip(amounts, rectangles, strict=True):
        assert each.width * each.height == pytest.approx(whole * amount / sum(amounts), rel=1e-6, abs=1e-6)
        assert each.x >= WHOLE.x - 1e-6
        assert each.y >= WHOLE.y - 1e-6
        assert each.x + each.width <= WHOLE.x + WHOLE.width + 1e-6
        assert each.y + each.height <= WHOLE.y + WHOLE.height + 1e-6
    # inside, and as large together as the whole: a common part of any two would leave a gap elsewhere
    for one, other in pairwise(rectangles):
        wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
        high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
        assert min(wide, high) <= 1e-6


def test_the_example_of_the_paper_is_laid_out_as_in_the_paper() -> None:
    rows = list(squarified([6, 6, 4, 3, 2, 2, 1], Rectangle(0, 0, 6, 4)))
    assert [tuple(round(value, 2) for value in each) for each in rows] == [
        (0, 0, 3, 2),
        (0, 2, 3, 2),
        (3, 0, 1.71, 2.33),
        (4.71, 0, 1.29, 2.33),
        (3, 2.33, 1.2, 1.67),
        (4.2, 2.33, 1.2, 1.67),
        (5.4, 2.33, 0.6, 1.67),
    ]


def test_a_rectangle_without_area_gives_rectangles_without_area() -> None:
    assert [each.width * each.height for each in squarified([3, 2, 1], Rectangle(0, 0, 0, 5))] == [0, 0, 0]


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        "a&b\"c'd.py",
        "]]>.txt",
        "bell\x07\x1b[2J.md",
        "\udcff.bin",
        "\u202egpj.exe",
        "\ufffe\uffff.txt",
        "--><rect onload='x'/>",
    ],
)
def test_a_hostile_name_is_text_and_nothing_else(name: str) -> None:
    root = drawn([(name, 500), (f"{name}/{name}", 400)], name=name)
    allowed = {"svg", "title", "desc", "style", "rect", "text", "g"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    assert not any(attribute.startswith("on") for element in root.iter() for attribute in element.attrib)
    shown = "".join(root.itertext())
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e]", shown)


def test_the_picture_is_told_in_words_and_needs_nothing_from_outside() -> None:
    drawing = treemap(token_tree([("src/a.py", 300), ("README.md", 100)], name="repo"), exact=False)
    root = ET.fromstring(drawing)
    assert root.get("role") == "img"
    described = {element.get("id"): element.text for element in root if element.get("id")}
    assert root.get("aria-labelledby", "").split() == list(described)
    assert described["title"] == "repo: about 400 tokens in 2 files"
    assert "src/: about 300 tokens in 1 file, 75.0%" in (described["description"] or "")
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)|url\(|href|<script", drawing) == []


def test_every_folder_and_file_tells_its_path_and_share() -> None:
    found = titles(drawn([("src/app/a.py", 600), ("src/app/b.py", 300), ("README.md", 100)]))
    assert found[1:] == [
        "src/app/: 900 tokens in 2 files, 90.0%",
        "src/app/a.py: 600 tokens, 60.0%",
        "src/app/b.py: 300 tokens, 30.0%",
        "README.md: 100 tokens, 10.0%",
    ]


def test_a_hundred_thousand_files_are_drawn_in_a_small_picture_with_the_small_ones_together() -> None:
    files = [(f"d{number % 50}/f{number}.py", 1 + number % 7) for number in range(100_000)] + [("big.py", 10**6)]
    drawing = treemap(token_tree(files, name="repo"), exact=True)
    assert len(drawing) < 1_000_000
    root = ET.fromstring(drawing)
    assert "100,001 files" in titles(root)[0]
    assert any("files, each too small to draw: " in title for title in titles(root))


@pytest.mark.parametrize("files", [[], [("empty.py", 0)], [("a/b/c", 0), ("d", 0)]])
def test_a_snapshot_without_tokens_has_a_picture_without_files(files: list[tuple[str, int]]) -> None:
    assert "The largest: none." in (drawn(files).findtext(f"{SVG}desc") or "")


def test_the_same_files_in_any_order_give_the_same_picture() -> None:
    files = [(f"d{number % 3}/f{number}", 100) for number in range(40)]
    assert treemap(token_tree(files, name="r"), exact=True) == treemap(token_tree(files[::-1], name="r"), exact=True)


def test_a_path_a_thousand_folders_deep_is_drawn() -> None:
    deep = "/".join(["d"] * 1_500)
    assert titles(drawn([(f"{deep}/a", 10), ("b", 10)]))
    branching = [(f"{'/'.join(['d'] * depth)}/f", 10_000_000 >> min(depth, 20)) for depth in range(1, 1_500)]
    assert titles(drawn(branching))
