import math

import pytest
from measures import Scored, Shown, estimate, line_measures, mean_over_languages, mean_over_questions, ndcg
from questions import Target

ANSWER = Target("a.py", 10, 20)


def test_ndcg_counts_each_file_once_and_discounts_by_rank() -> None:
    ideal = 1 + 1 / math.log2(3)

    assert ndcg(["x.py", "x.py", "a.py", "b.py"], ["a.py", "b.py"]) == pytest.approx(
        (1 / math.log2(3) + 1 / math.log2(4)) / ideal
    )
    assert ndcg([f"{number}.py" for number in range(10)] + ["a.py"], ["a.py"]) == 0.0


def test_ndcg_takes_a_label_written_from_a_folder_as_the_same_file() -> None:
    assert ndcg(["src/a.py"], ["a.py"]) == 1.0
    assert ndcg(["src/ba.py"], ["a.py"]) == 0.0


def test_a_helpful_place_counts_for_recall_but_is_no_hit() -> None:
    helpful = Target("b.py", 1, 5, grade=1)

    measures = line_measures([Shown("b.py", 5, 9), Shown("a.py", 20, 30)], [ANSWER, helpful], found=True)

    assert (measures["hit@1"], measures["hit@5"], measures["mrr"]) == (0.0, 1.0, 0.5)
    assert measures["recall@10"] == 1.0
    assert measures["lines a span"] == 8.0


def test_a_span_over_150_lines_hits_nothing() -> None:
    assert line_measures([Shown("a.py", 1, 150)], [ANSWER], found=True)["hit@1"] == 1.0
    assert line_measures([Shown("a.py", 1, 151)], [ANSWER], found=True)["hit@1"] == 0.0


def test_an_answer_below_the_lines_that_are_read_is_not_seen() -> None:
    results = [Shown("x.py", 1, 95), Shown("a.py", 1, 40)]

    measures = line_measures(results, [ANSWER], found=True)

    assert (measures["answer in 100 lines"], measures["answer in 200 lines"]) == (0.0, 1.0)


def test_of_an_absent_question_only_the_verdict_counts() -> None:
    assert line_measures([Shown("a.py", 1, 9)], [], found=False) == {"absent found out": 1.0}
    assert line_measures([], [ANSWER], found=False)["answerable refused"] == 1.0


def _scored(repository: str, language: str, *values: float) -> list[Scored]:
    return [Scored(repository, language, "where", {"m": value}) for value in values]


def test_a_language_with_many_repositories_weighs_no_more() -> None:
    scored = [*_scored("a", "go", 1, 1), *_scored("b", "go", 0), *_scored("c", "c", 0, 0, 0, 1)]

    by_language = estimate(scored, "m", mean=mean_over_languages)
    plain = estimate(scored, "m", mean=mean_over_questions)

    assert by_language is not None
    assert plain is not None
    assert by_language.value == (0.5 + 0.25) / 2
    assert (plain.value, plain.count) == (3 / 7, 7)


def test_the_interval_holds_the_mean_narrows_with_questions_and_depends_on_the_seed_alone() -> None:
    few = estimate(_scored("a", "go", 0, 1, 0, 1), "m", mean=mean_over_questions)
    many = estimate(_scored("a", "go", *[0, 1] * 200), "m", mean=mean_over_questions)

    assert few is not None
    assert many is not None
    assert few.low < many.low < 0.5 < many.high < few.high
    # the normal approximation of 400 draws: 1.96 * sqrt(0.25 / 400)
    assert many.high - many.low == pytest.approx(2 * 0.049, abs=0.01)
    assert estimate(_scored("a", "go", 0, 1, 0, 1), "m", mean=mean_over_questions) == few


def test_a_measure_that_no_question_has_gives_nothing() -> None:
    assert estimate(_scored("a", "go", 1), "other", mean=mean_over_questions) is None
