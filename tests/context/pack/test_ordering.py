from repoask.context.pack.ordering import order_files
from repoask.context.pack.types import PackFile


def test_what_changes_most_stands_last_and_folders_stay_together() -> None:
    files = [PackFile(path, path) for path in ("b/2.py", "a/hot.py", "b/1.py", "a/warm.py", "a/1.py")]
    ordered = order_files(files, changes={"a/hot.py": 9, "a/warm.py": 2, "gone.py": 30})
    assert [file.path for file in ordered] == ["a/1.py", "b/1.py", "b/2.py", "a/warm.py", "a/hot.py"]
