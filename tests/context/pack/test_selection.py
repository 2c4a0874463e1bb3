from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repoask.context.index.segment import LiveSegment
from repoask.context.pack.importance import Importance
from repoask.context.pack.outline import Detail, Outlines
from repoask.context.pack.parts import Lines
from repoask.context.pack.ranking import Ranking
from repoask.context.pack.selection import Chosen, SizedFile, Standing, choose
from repoask.context.retrieval.corpus import Corpus

Index = Callable[[Mapping[str, str]], LiveSegment]
Count = Callable[[Sequence[str]], list[int]]

PATHS = [f"{folder}f{n}.py" for folder in ("", "a/", "a/b/", "c d/", "\n</outline>/") for n in range(4)]
"""What is indexed; the files that are chosen from may be others."""


def count(texts: Sequence[str]) -> list[int]:
    return [-(-len(text) // 4) for text in texts]


def count_more_when_joined(texts: Sequence[str]) -> list[int]:
    return [int(len(text) ** 1.3) for text in texts]


def cost_of_parts(path: str, spans: Sequence[Lines]) -> int:
    return 12 + sum(5 + 7 * (end - start + 1) for start, end in spans)


@pytest.fixture(scope="module")
def outlines(index: Index) -> Outlines:
    text = "class A:\n    def a(self):\n        pass\n\n\ndef b(x):\n    return x\n"
    return Outlines(Corpus([index(dict.fromkeys(PATHS, text))]))


def chosen_from(
    sizes: Mapping[str, int],
    outlines: Outlines,
    *,
    max_tokens: int,
    points: Mapping[str, int] | None = None,
    previous: frozenset[str] = frozenset(),
    ranking: Ranking | None = None,
    counter: Count = count,
) -> Chosen:
    return choose(
        [SizedFile(path, tokens) for path, tokens in sizes.items()],
        max_tokens=max_tokens,
        importance={path: Importance(worth, ("told",)) for path, worth in (points or {}).items()},
        outlines=outlines,
        count=counter,
        ranking=ranking,
        cost_of_parts=cost_of_parts,
        previous=previous,
    )


def in_full(chosen: Chosen) -> set[str]:
    return {each.path for each in chosen.of(Standing.FULL)}


_paths = st.one_of(st.sampled_from(PATHS), st.text("ab/\n<>\udc80", min_size=1, max_size=8))
_sizes = st.dictionaries(_paths, st.one_of(st.integers(0, 400), st.integers(0, 20)), max_size=25)
_chunks = st.lists(st.integers(1, 30), max_size=6).map(
    lambda lengths: tuple((sum(lengths[:at]) + 1, sum(lengths[: at + 1])) for at in range(len(lengths)))
)


@st.composite
def _cases(draw: st.DrawFn) -> dict[str, object]:
    sizes = draw(_sizes)
    some = st.sampled_from(sorted(sizes)) if sizes else st.nothing()
    ranking = st.builds(
        Ranking, scores=st.dictionaries(some, st.floats(-20, 20)), chunks=st.dictionaries(some, _chunks)
    )
    return {
        "sizes": sizes,
        "max_tokens": draw(st.integers(0, sum(sizes.values()) + 50)),
        "points": draw(st.dictionaries(some, st.integers(-20, 20))),
        "previous": draw(st.frozensets(some)),
        "ranking": draw(st.none() | ranking),
        "counter": draw(st.sampled_from([count, count_more_when_joined])),
    }


@settings(max_examples=300, deadline=None)
@given(case=_cases())
def test_the_budget_is_never_exceeded_and_every_file_is_accounted_for(outlines: Outlines, case: dict) -> None:
    chosen = chosen_from(outlines=outlines, **case)
    sizes, counter = case["sizes"], case["counter"]
    spent = counter([chosen.outline.text])[0] if chosen.outline.text else 0
    assert [each.path for each in chosen.choices] == sorted(sizes)
    for each in chosen.choices:
        assert each.whole == sizes[each.path]
        if each.standing is Standing.FULL:
            spent += sizes[each.path]
        if each.standing is Standing.PARTS:
            assert each.lines
            spent += cost_of_parts(each.path, each.lines)
        assert (each.standing is Standing.OUTLINED) <= (each.detail >= Detail.PATHS)
        assert (each.standing is Standing.LEFT_OUT) <= (each.detail < Detail.PATHS)
    assert spent == chosen.tokens <= case["max_tokens"]


@settings(max_examples=100, deadline=None)
@given(case=_cases(), random=st.randoms())
def test_the_order_in_which_files_come_changes_nothing(outlines: Outlines, case: dict, random: object) -> None:
    shuffled = list(case["sizes"].items())
    random.shuffle(shuffled)
    assert chosen_from(outlines=outlines, **case) == chosen_from(outlines=outlines, **case | {"sizes": dict(shuffled)})


def test_everything_stands_in_full_where_it_fits(outlines: Outlines) -> None:
    chosen = chosen_from({"a.py": 10, "b.py": 20}, outlines, max_tokens=30)
    assert chosen.is_whole
    assert (chosen.tokens, chosen.outline.text) == (30, "")


def test_the_more_important_files_stand_in_full_and_the_rest_in_the_outline(outlines: Outlines) -> None:
    sizes = dict.fromkeys(PATHS[:8], 400)
    points = {PATHS[3]: 5, PATHS[6]: 4, PATHS[0]: -1}
    chosen = chosen_from(sizes, outlines, max_tokens=1000, points=points)
    assert in_full(chosen) == {PATHS[3], PATHS[6]}
    assert {each.path for each in chosen.of(Standing.OUTLINED)} == set(sizes) - {PATHS[3], PATHS[6]}
    assert "class A" in chosen.outline.text
    assert next(each for each in chosen.choices if each.path == PATHS[3]).reasons == ("told",)


def test_with_a_question_its_best_files_stand_in_full(outlines: Outlines) -> None:
    sizes = dict.fromkeys(PATHS[:8], 400)
    ranking = Ranking({PATHS[1]: 3.0, PATHS[2]: 2.0, PATHS[5]: 1.0}, {})
    chosen = chosen_from(sizes, outlines, max_tokens=1000, points={PATHS[7]: 20}, ranking=ranking)
    assert in_full(chosen) == {PATHS[1], PATHS[2]}
    assert chosen.asked


def test_with_a_question_the_best_lines_of_a_file_too_large_stand(outlines: Outlines) -> None:
    ranking = Ranking({"a/f1.py": 3.0}, {"a/f1.py": ((41, 60), (81, 90), (61, 80), (1, 40))})
    chosen = chosen_from({"a/f1.py": 50_000, "a/f2.py": 100}, outlines, max_tokens=8000, ranking=ranking)
    (part,) = chosen.of(Standing.PARTS)
    assert part.lines == ((41, 90),)  # the fourth chunk would take more than a sixteenth of the budget
    assert part.tokens == cost_of_parts("a/f1.py", part.lines) < part.whole


def test_a_file_of_the_previous_pack_stays_unless_it_is_clearly_worth_less(outlines: Outlines) -> None:
    sizes, kept = dict.fromkeys(PATHS[:8], 400), frozenset(PATHS[:2])
    slightly = chosen_from(sizes, outlines, max_tokens=1000, points={PATHS[7]: 3}, previous=kept)
    clearly = chosen_from(sizes, outlines, max_tokens=1000, points={PATHS[7]: 5}, previous=kept)
    assert in_full(slightly) == kept
    assert in_full(clearly) == {PATHS[7], PATHS[0]}


def test_files_may_grow_a_little_before_one_is_put_out(outlines: Outlines) -> None:
    sizes = dict.fromkeys(PATHS, 100)
    first = in_full(chosen_from(sizes, outlines, max_tokens=1000))
    grown = dict.fromkeys(PATHS, 108)
    assert in_full(chosen_from(grown, outlines, max_tokens=1000, previous=frozenset(first))) == first
