from pathlib import Path

import git
from budgets import Budgeted, churn_order, in_order


def test_a_plain_order_takes_what_still_fits() -> None:
    tokens = {"a.py": 50, "b.py": 60, "c.py": 40}

    assert in_order(tokens, ["a.py", "b.py", "c.py", "gone.py"], 100).full == {"a.py", "c.py"}


def test_lines_stand_where_one_span_or_the_whole_file_holds_them() -> None:
    kept = Budgeted(frozenset({"a.py"}), {"b.py": ((1, 10), (20, 30))})

    assert kept.has_lines("a.py", [(100, 200)])
    assert kept.has_lines("b.py", [(2, 3), (20, 30)])
    assert not kept.has_lines("b.py", [(2, 3), (9, 21)])
    assert not kept.has_lines("c.py", [(1, 1)])


def test_what_changes_most_comes_first_and_ties_by_path(tmp_path: Path) -> None:
    repository = git.Repo.init(tmp_path)
    for text in ("1", "2"):
        (tmp_path / "src").mkdir(exist_ok=True)
        (tmp_path / "src" / "often.py").write_text(text)
        (tmp_path / "src" / "once.py").write_text("same")
        repository.git.add(all=True)
        repository.git.execute(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", text], with_extended_output=True
        )

    paths = ["never.py", "again.py", "once.py", "often.py"]
    assert churn_order(paths, tmp_path, above="src/") == ["often.py", "once.py", "again.py", "never.py"]
