"""The table of where the tokens go."""

from repoask.context.pack.token_tree import token_tree
from repoask.service.terminal.token_table import render_token_table

FILES = [("src/app/a.py", 600), ("src/app/b.py", 300), ("README.md", 90), ("docs/x.md", 10)]


def test_folders_and_files_stand_beneath_each_other_the_largest_first() -> None:
    assert render_token_table(token_tree(FILES, name="repo"), exact=True) == (
        "tokens   share  files\n"
        " 1,000  100.0%      4  repo\n"
        "   900   90.0%      2    src/app/\n"
        "   600   60.0%      1      a.py\n"
        "   300   30.0%      1      b.py\n"
        "    90    9.0%      1    README.md\n"
        "    10    1.0%      1    docs/\n"
        "    10    1.0%      1      x.md\n"
    )


def test_an_estimate_is_called_one() -> None:
    assert render_token_table(token_tree(FILES, name="repo"), exact=False).startswith(
        "about tokens   share  files\n       1,000  100.0%      4  repo\n"
    )


def test_only_the_largest_are_shown_and_never_without_their_folder() -> None:
    lines = render_token_table(token_tree(FILES, name="repo"), exact=True, num_rows=3).splitlines()
    assert [line.split()[-1] for line in lines[1:]] == ["repo", "src/app/", "a.py"]


def test_a_name_cannot_move_the_cursor() -> None:
    table = render_token_table(token_tree([("\x1b[2J\n.py", 1)], name="r"), exact=True)
    assert "\x1b" not in table
    assert table.count("\n") == 3


def test_nothing_is_told_of_a_pack_without_tokens() -> None:
    assert render_token_table(token_tree([("a", 0)], name="r"), exact=True) == ""
