"""What comments say, and the code that they are about."""

import pytest
from prose_pairs import pairs_of_text

_GO = """package cache

// Evict drops the oldest entries until the rest fits.
//
// It is called with the lock held.
func (c *Cache) shrinkTo(limit int) {
	for c.size > limit { // not about eviction
		c.removeOldest()
	}
}
"""
_PYTHON = '''"""A module's docstring belongs to no definition."""

def shrink_to(limit):
    """Evict the oldest entries until the rest fits.

    Args:
        limit: Nothing of this is prose.
    """
    remove_oldest()


TEXT = """
some text of three lines
"""

# evict the oldest entries once more
def evict_again(): ...
'''
_JAVASCRIPT = """/**
 * Evict the <b>oldest</b> entries until the rest fits, see https://example.org/eviction
 * @param {number} limit how many
 */
export function shrinkTo(limit) {
  this.removeOldest();
}
"""
_HASKELL = """-- | Evict the oldest entries until the rest fits.
shrinkTo :: Int -> Cache -> Cache
shrinkTo limit = removeOldest

{- | Evict the oldest entries once more. -}
evictAgain :: Cache
"""


@pytest.mark.parametrize(
    ("text", "language"),
    [(_GO, "go"), (_PYTHON, "python"), (_JAVASCRIPT, "javascript"), (_HASKELL, "haskell")],
)
def test_a_comment_is_paired_with_the_code_that_it_is_about(text: str, language: str) -> None:
    first = next(pairs_of_text(text, language))

    assert set(first.said) >= {"evict", "oldest", "entri", "fit"}
    assert not {"the", "until", "is"} & set(first.said), "stop words say nothing"
    assert {"shrinkto", "shrink", "removeoldest", "oldest"} <= set(first.code)


def test_what_refers_to_parameters_or_elsewhere_is_no_prose() -> None:
    for text, language in ((_PYTHON, "python"), (_JAVASCRIPT, "javascript")):
        assert not {"limit", "number", "noth", "http", "exampl"} & set(next(pairs_of_text(text, language)).said)


def test_quotes_that_end_a_text_start_no_docstring() -> None:
    said = [pair.said for pair in pairs_of_text(_PYTHON, "python")]

    assert said == [("evict", "oldest", "entri", "rest", "fit"), ("evict", "oldest", "entri")]


def test_comments_of_code_below_are_no_code() -> None:
    (pair,) = pairs_of_text(_GO, "go")

    assert "evict" not in pair.code


def test_a_license_says_nothing_of_the_code_below() -> None:
    assert not list(pairs_of_text("// Copyright of the authors of this file\nfunc main() {}\n", "go"))


def test_an_unknown_language_has_no_pairs() -> None:
    assert not list(pairs_of_text("# Evict the oldest entries\nshrinkTo\n", "markdown"))


@pytest.mark.parametrize("opening", ["/*", "//", "*", "/* <", "<"])
def test_a_comment_without_end_costs_nothing(opening: str) -> None:
    assert not list(pairs_of_text(f"{opening}\n" * 5_000, "go"))
    assert not list(pairs_of_text(opening * 100_000, "go"))
