"""Asking what uses a thing, or what a change to it would break: the thing first, then the places, with reasons."""

from itertools import pairwise

import pytest
from repoask.context.retrieval.retriever import search

FILES = {
    "src/money.py": '''"""Sums of money."""


def round_half_up(amount):
    """Rounds a sum to whole cents, the half cent upwards."""
    if amount < 0:
        return -round_half_up(-amount)
    return int(amount + 0.5)


class Rounder:
    """Rounds."""

    def apply(self, amount):
        return round_half_up(amount)
''',
    "src/invoice.py": """from .money import round_half_up


def total(lines):
    return sum(round_half_up(line.price) for line in lines)
""",
    "src/__init__.py": """from .money import round_half_up, Rounder
""",
    "src/strict.py": '''from .money import Rounder


class StrictRounder(Rounder):
    """Rounds nothing that is whole."""

    def apply(self, amount):
        return amount
''',
    "src/paint.py": """class Brush:
    def apply(self, colour):
        return colour


def draw(brush):
    brush.apply("red")
""",
    "tests/test_money.py": """from src.money import round_half_up


def test_rounding():
    assert round_half_up(1.5) == 2
""",
    "docs/rounding.md": """# Rounding

Every sum goes through `round_half_up` before it is shown.
""",
}


@pytest.fixture(scope="module")
def money(index):
    return index(FILES)


def places(result):
    return {(each.path, each.symbol): each.reasons[0] for each in result.evidence}


def order(result):
    return [(each.path, each.symbol) for each in result.evidence]


def test_the_definition_comes_first_then_its_callers_then_tests_and_documents(money):
    result = search([money], "who calls round_half_up?")
    assert result.found
    assert places(result)["src/money.py", "round_half_up"] == "defines `round_half_up`"
    found = order(result)
    assert found[0] == ("src/money.py", "round_half_up")
    assert set(found[1:3]) == {("src/money.py", "Rounder.apply"), ("src/invoice.py", "total")}
    assert found.index(("tests/test_money.py", "test_rounding")) > 2
    assert places(result)["src/invoice.py", "total"] == "calls `round_half_up`"
    assert places(result)["src/__init__.py", ""] == "re-exports `round_half_up`"
    assert places(result)["docs/rounding.md", "Rounding"] == "names `round_half_up`"


def test_recursion_is_no_use(money):
    reasons = [each for each in search([money], "who calls round_half_up?").evidence if each.path == "src/money.py"]
    assert [(each.symbol, each.reasons[0]) for each in reasons][:2] == [
        ("round_half_up", "defines `round_half_up`"),
        ("Rounder.apply", "calls `round_half_up`"),
    ]


def test_what_is_only_described_is_found_by_its_text(money):
    result = search([money], "If I change how a sum is rounded to whole cents, which functions are affected?")
    found = order(result)
    assert found[0] == ("src/money.py", "round_half_up")
    assert ("src/invoice.py", "total") in found[:5]


def test_subclasses_and_overrides_would_break_too(money):
    assert places(search([money], "what breaks if I rename Rounder?"))["src/strict.py", "StrictRounder"] == (
        "extends `Rounder`"
    )
    overridden = places(search([money], "what would break if I change Rounder.apply?"))
    assert overridden["src/strict.py", "StrictRounder.apply"] == "overrides `apply`"


def test_another_thing_of_the_name_stands_behind_and_is_called_so(money):
    result = search([money], "what would break if I change Rounder.apply?")
    assert places(result)["src/paint.py", "Brush.apply"] == "has its own `apply`"
    found = order(result)
    assert found[0] == ("src/money.py", "Rounder.apply")
    assert found.index(("src/paint.py", "draw")) > found.index(("src/strict.py", "StrictRounder.apply"))


def test_users_of_the_only_user_are_shown_as_such(index):
    files = {
        "a.py": "def inner_step(x):\n    return x\n",
        "b.py": "from a import inner_step\n\n\ndef middle_step(x):\n    return inner_step(x)\n",
        "c.py": "from b import middle_step\n\n\ndef outer_step(x):\n    return middle_step(x)\n",
    }
    found = places(search([index(files)], "who calls inner_step?"))
    assert found["b.py", "middle_step"] == "calls `inner_step`"
    assert found["c.py", "outer_step"] == "calls `middle_step`, which uses `inner_step`"


def test_a_use_inside_a_large_function_is_shown_with_the_lines_around_it(index):
    body = "".join(f"    step_{number} = {number}\n" for number in range(100))
    files = {
        "a.py": "def tiny_helper():\n    return 1\n",
        "b.py": f"from a import tiny_helper\n\n\ndef large():\n{body}    tiny_helper()\n{body}",
    }
    result = search([index(files)], "callers of tiny_helper")
    use = next(each for each in result.evidence if each.reasons[0] == "calls `tiny_helper`")
    assert (use.start, use.end) == (105 - 8, 105 + 8)


def test_the_uses_of_a_name_that_is_defined_elsewhere_are_found(index):
    files = {"a.py": "import numpy\n\n\ndef mean_of(x):\n    return numpy.nan_mean(x)\n", "b.py": "nothing = 1\n"}
    assert order(search([index(files)], "where is nan_mean used?"))[0] == ("a.py", "mean_of")


@pytest.mark.parametrize("question", ["who calls round_half_up?", "what would break if I change Rounder.apply?"])
def test_spans_share_no_line_and_scores_fall(money, question):
    evidence = search([money], question, limit=20).evidence
    assert all(left.score >= right.score for left, right in pairwise(evidence))
    lines = sorted((each.path, each.start, each.end) for each in evidence)
    assert all(left[0] != right[0] or left[2] < right[1] for left, right in pairwise(lines))


@pytest.mark.parametrize(
    "question", ["who calls round_half_up?", "which code is affected if rounding of sums changes?"]
)
def test_the_order_in_which_files_were_indexed_does_not_matter(index, money, question):
    turned = index(dict(reversed(FILES.items())))
    assert search([turned], question) == search([money], question)


@pytest.mark.parametrize(
    "question", ["who calls it?", "what uses ???", "where is `` used", "what breaks if I change ,"]
)
def test_a_question_without_a_subject_gets_an_answer_of_some_kind(money, question):
    assert isinstance(search([money], question).found, bool)


def test_a_purpose_is_answered_by_the_ranking_alone(money):
    reasons = [reason for each in search([money], "what is round_half_up used for").evidence for reason in each.reasons]
    assert not any(reason.startswith("calls") for reason in reasons)


def test_a_name_is_taken_as_it_is_spelled(index):
    files = {
        "request.py": 'class Request:\n    _max_size = 0\n\n    def size(self):\n        return limits["MAX_SIZE"]\n',
        "other.py": "from request import Request\n\n\ndef of(request):\n    return request._max_size\n",
    }
    found = order(search([index(files)], "what uses MAX_SIZE?"))
    assert found[0] == ("request.py", "Request.size")


def test_a_docstring_only_names_what_code_calls(index):
    files = {
        "url.py": "def url_for(name):\n    return name\n",
        "app.py": 'def told(app):\n    """Handed to `url_for`."""\n    return app\n',
        "view.py": "from url import url_for\n\n\ndef shown(view):\n    return url_for(view.name)\n",
    }
    result = search([index(files)], "which functions call url_for?")
    assert places(result)["app.py", "told"] == "names `url_for`"
    assert places(result)["view.py", "shown"] == "calls `url_for`"
    assert order(result).index(("view.py", "shown")) < order(result).index(("app.py", "told"))
