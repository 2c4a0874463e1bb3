from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from repoask.context.index.segment import LiveSegment
from repoask.context.pack.outline import Detail, Outlines, fit_outline
from repoask.context.retrieval.corpus import Corpus

Index = Callable[[Mapping[str, str]], LiveSegment]

FILES = {
    "src/cart.py": '''"""The basket."""

LIMIT = 10


class Basket:
    """Items."""

    def add(
        self,
        item: str,
        quantity: int = 1,
    ) -> None:
        def check(it):
            return it
        self.items[item] = check(quantity)


def discount(basket, percentage):
    return basket.total() * percentage
''',
    "src/deep/er/shape.rs": "pub struct Circle;\n\nimpl Circle {\n pub fn area(&self) -> f64 {\n 3.0\n    }\n}\n",
    "README.md": "# Shop\n\nText.\n\n## Usage\n\nMore.\n\n### Details\n\nEven more.\n",
    "package.json": '{"name": "shop"}\n',
    "include/shop.h": "#ifndef SHOP\n#define SHOP\n#define MOST(a, b) ((a) > (b) ? a : b)\nint sum(int a);\n#endif\n",
    "CHANGELOG.md": "# 1.2\n\nFixed.\n",
    "a\nb/<c>.txt": "text\n",
}


def count(texts: Sequence[str]) -> list[int]:
    return [-(-len(text) // 4) for text in texts]


def count_more_when_joined(texts: Sequence[str]) -> list[int]:
    return [int(len(text) ** 1.2) for text in texts]


@pytest.fixture(scope="module")
def outlines(index: Index) -> Outlines:
    return Outlines(Corpus([index(FILES)]))


def test_tells_signatures_by_folder_and_nested_as_they_stand(outlines: Outlines) -> None:
    assert outlines.text(dict.fromkeys(FILES, Detail.MEMBERS)) == (
        "./\n"
        "  CHANGELOG.md\n"
        "  README.md\n"
        "    # Shop\n"
        "      ## Usage\n"
        "  package.json\n"
        "a%0Ab/\n"
        "  %3Cc%3E.txt\n"
        "include/\n"
        "  shop.h\n"
        "    #define MOST(a, b) ((a) > (b) ? a : b)\n"
        "    int sum(int a);\n"
        "src/\n"
        "  cart.py\n"
        "    class Basket\n"
        "      def add(self, item: str, quantity: int = 1,) -> None\n"
        "    def discount(basket, percentage)\n"
        "src/deep/er/\n"
        "  shape.rs\n"
        "    pub struct Circle;\n"
        "    Circle\n"
        "      pub fn area(&self) -> f64\n"
    )


def test_one_level_less_tells_no_members(outlines: Outlines) -> None:
    body = outlines.body("src/cart.py", Detail.TOP)
    assert body == "    class Basket\n    def discount(basket, percentage)\n"


def test_an_edit_inside_a_body_changes_nothing(index: Index, outlines: Outlines) -> None:
    edited = FILES | {
        "src/cart.py": FILES["src/cart.py"].replace("check(quantity)", "check(quantity)\n        self.n += 1")
    }
    details = dict.fromkeys(FILES, Detail.MEMBERS)
    assert Outlines(Corpus([index(edited)])).text(details) == outlines.text(details)


def test_a_file_that_the_index_does_not_have_is_told_by_its_path(outlines: Outlines) -> None:
    assert outlines.text({"src/new.py": Detail.MEMBERS}) == "src/\n  new.py\n"


def test_tells_more_of_the_first_files_where_room_is_short(outlines: Outlines) -> None:
    paths = ["src/cart.py", *sorted(set(FILES) - {"src/cart.py"})]
    (least,) = count([outlines.text(dict.fromkeys(paths, Detail.PATHS))])
    told = fit_outline(paths, outlines, max_tokens=least + 20, count=count)
    assert told.details["src/cart.py"] is Detail.TOP
    assert told.details["src/deep/er/shape.rs"] is Detail.PATHS


def test_counts_folders_where_not_even_paths_fit(outlines: Outlines) -> None:
    told = fit_outline(sorted(FILES), outlines, max_tokens=18, count=count)
    assert told.text == "./ 3 files\na%0Ab/ 1 file\ninclude/ 1 file\nsrc/ 1 file\nsrc/deep/ 1 file\n"
    assert set(told.details.values()) == {Detail.FOLDERS}


def test_tells_nothing_rather_than_too_much(outlines: Outlines) -> None:
    told = fit_outline(sorted(FILES), outlines, max_tokens=2, count=count)
    assert (told.text, told.tokens) == ("", 0)
    assert set(told.details.values()) == {Detail.NOTHING}


def test_an_outline_of_no_files_is_empty(outlines: Outlines) -> None:
    assert fit_outline([], outlines, max_tokens=10, count=count).text == ""


@given(max_tokens=st.integers(0, 4000), counter=st.sampled_from([count, count_more_when_joined]))
def test_never_takes_more_than_it_may(outlines: Outlines, max_tokens: int, counter: Callable[..., list[int]]) -> None:
    told = fit_outline(sorted(FILES), outlines, max_tokens=max_tokens, count=counter)
    assert counter([told.text]) == [told.tokens] or not told.text
    assert told.tokens <= max_tokens
    assert set(told.details) == set(FILES)
