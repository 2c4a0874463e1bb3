from repoask.context.pack.renames import find_renames


def _find(gone: dict[str, str], come: dict[str, str]) -> dict[str, str]:
    return find_renames(
        gone, come, gone_lines=lambda path: gone[path].split("\n"), come_lines=lambda path: come[path].split("\n")
    )


_TEXT = "\n".join(f"line {number}" for number in range(20))


def test_an_equal_file_is_the_same_one() -> None:
    assert _find({"a": _TEXT, "b": "other"}, {"c": _TEXT}) == {"c": "a"}


def test_half_of_the_lines_make_the_same_file() -> None:
    assert _find({"a": _TEXT}, {"b": _TEXT.replace("line 3", "changed")}) == {"b": "a"}
    assert _find({"a": _TEXT}, {"b": "\n".join(_TEXT.split("\n")[:9] + ["x"] * 11)}) == {}


def test_no_path_is_taken_twice() -> None:
    assert _find({"a": _TEXT}, {"b": _TEXT, "c": _TEXT}) == {"b": "a"}
    assert _find({"a": _TEXT, "b": _TEXT}, {"c": _TEXT}) == {"c": "a"}


def test_the_most_similar_pair_comes_first() -> None:
    near, far = _TEXT.replace("line 3", "x"), _TEXT.replace("line", "row", 8)
    assert _find({"a": _TEXT}, {"b": far, "c": near}) == {"c": "a"}


def test_lines_that_every_file_has_make_no_rename() -> None:
    gone = {f"old{number}": f"licence\nbody {number}" for number in range(30)}
    assert _find(gone, {"new": "licence\nanother"}) == {}
