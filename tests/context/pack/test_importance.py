from collections.abc import Callable, Mapping

import pytest
from repoask.context.index.segment import LiveSegment
from repoask.context.pack.importance import Importance, importance_of
from repoask.context.retrieval.corpus import Corpus

Index = Callable[[Mapping[str, str]], LiveSegment]

FILES = {
    "README.md": "# Shop\n",
    "src/price.py": "def net_price(item):\n    return item.price\n",
    "src/lonely.py": "def lonely_helper(item):\n    return item.price\n",
    **{f"src/page{n}.py": f"def page{n}(item):\n    return net_price(item)\n" for n in range(6)},
    **{f"tests/test_{n}.py": f"def test_{n}():\n    assert lonely_helper({n})\n" for n in range(6)},
    "web/app.js": "function net_price() { return 1 }\n",
    "docs/index.md": "# Documentation\n",
    "docs/other.md": "# Other\n",
}


@pytest.fixture(scope="module")
def importance(index: Index) -> dict[str, Importance]:
    return importance_of(Corpus([index(FILES)]))


def test_every_file_has_its_importance(importance: Mapping[str, Importance]) -> None:
    assert set(importance) == set(FILES)


def test_what_others_use_matters_more(importance: Mapping[str, Importance]) -> None:
    assert importance["src/price.py"].points > importance["src/page0.py"].points
    assert "about 8 files use what it defines" in importance["src/price.py"].reasons


def test_tests_are_no_users_and_matter_less(importance: Mapping[str, Importance]) -> None:
    assert importance["src/lonely.py"].points == importance["src/page0.py"].points
    assert importance["tests/test_0.py"].points < importance["src/lonely.py"].points
    assert "a test" in importance["tests/test_0.py"].reasons


def test_a_file_of_another_language_is_not_used_by_its_name(importance: Mapping[str, Importance]) -> None:
    assert not any("use" in reason for reason in importance["web/app.js"].reasons)


def test_the_readme_and_entry_pages_come_before_other_documents(importance: Mapping[str, Importance]) -> None:
    points = {path: importance[path].points for path in ("README.md", "docs/index.md", "docs/other.md")}
    assert points["README.md"] > points["docs/index.md"] > points["docs/other.md"]


def test_one_more_user_of_many_changes_nothing(index: Index, importance: Mapping[str, Importance]) -> None:
    more = FILES | {"src/page9.py": "def page9(item):\n    return net_price(item)\n"}
    assert importance_of(Corpus([index(more)]))["src/price.py"] == importance["src/price.py"]


def test_an_empty_corpus_has_none(index: Index) -> None:
    assert importance_of(Corpus([index({})])) == {}
    assert importance_of(Corpus([])) == {}
