"""Patterns mean what they mean to git: git itself is the judge."""

import time

import pytest
from repoask.errors import InputError
from repoask.ingest.patterns import IgnoreFiles, Patterns

PATHS = [
    "a.txt",
    "b.log",
    "dir/a.txt",
    "dir/b.log",
    "dir/sub/c.log",
    "dir/sub/keep.log",
    "other/dir/a.txt",
    "build/x",
    "src/build/y",
    "foo/bar/baz",
    "foo/x/baz",
    "!bang",
    "#hash",
    "trailing ",
    "[x].txt",
    "ünï.txt",
]


@pytest.mark.parametrize(
    "files",
    [
        {"": "*.log\n"},
        {"": "/dir\n"},
        {"": "dir/\n!dir/a.txt\n"},
        {"": "*.log\n!keep.log\n"},
        {"": "/build/\n"},
        {"": "foo/**/baz\n"},
        {"": "**/sub\n"},
        {"": "foo/*\n!foo/bar\n"},
        {"": "\\!bang\n\\#hash\n# comment\n\n"},
        {"": "trailing\\ \n"},
        {"": "[[]x].txt\n?.txt\n"},
        {"": "*.log\n", "dir": "!b.log\n"},
        {"": "dir/\n", "dir": "!a.txt\n"},
        {"": "", "dir/sub": "*\n!keep.log\n"},
        {"": "*.txt\r\n"},
        {"": "ünï*\n"},
        {"": "!\n[z-a]\na\\\n*.log\n"},
    ],
)
def test_ignore_files_agree_with_git(repo, files):
    for path in PATHS:
        repo.write(path)
    for folder, text in files.items():
        repo.write(f"{folder}/.gitignore".lstrip("/"), text)
    listed = repo.git("ls-files", "-z", "--others", "--exclude-per-directory=.gitignore").split("\0")
    rules = IgnoreFiles(files)
    assert [path for path in PATHS if not rules.match(path)] == [path for path in PATHS if path in listed]


def test_a_folder_is_matched_with_all_that_is_in_it():
    patterns = Patterns(["docs"])
    assert patterns.match("docs/deep/a.md")
    assert not patterns.match("docs.md")


def test_a_pattern_made_to_match_forever_is_passed_over():
    assert not IgnoreFiles({"": "*a" * 40 + "b\n"}).match("a" * 200)
    assert not IgnoreFiles({"": "**/a/" * 40 + "b\n"}).match("a/" * 200 + "c")


@pytest.mark.parametrize("pattern", ["!", "a\\", "[z-a]"])
def test_a_malformed_pattern_of_the_user_is_refused(pattern):
    with pytest.raises(InputError, match="not a pattern"):
        Patterns([pattern])


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 40 + "b", "a" * 4000),
        ("**/a/" * 40 + "b", "a/" * 2000 + "c"),
        ("a" * 40 + "*" * 400 + "[!a]", "a" * 4000),
        ("**/*a*a*a/**/*a*a*a/b", "a" * 200 + "/" + "aa/" * 200),
    ],
)
def test_no_pattern_takes_forever(pattern, path):
    begin = time.process_time()
    assert not Patterns([pattern]).match(path)
    assert time.process_time() - begin < 2


def test_the_first_place_for_a_star_is_not_the_only_one():
    assert Patterns(["a*bc*c"]).match("abbcbcc")
    assert Patterns(["**/a/b/**/c"]).match("a/a/b/x/c")
    assert not Patterns(["*a*a"]).match("a")


@pytest.mark.parametrize(
    "lines",
    [["a" * 501], ["a"] * 1001, ["nope["], ["#comment"], [""], ["[[:nonsense:]]"]],
    ids=lambda lines: lines[0][:9],
)
def test_pattern_of_the_user_that_would_not_be_obeyed_is_refused(lines):
    with pytest.raises(InputError) as caught:
        Patterns(lines)
    assert len(str(caught.value)) < 200


def test_patterns_over_the_limits_are_counted():
    rules = IgnoreFiles({"": "a" * 501 + "\n*.log\n", "deep": "x\n" * 1500})
    assert rules.num_passed_over == 1 + 501
    assert rules.match("b.log")


def test_deep_folders_are_matched():
    assert IgnoreFiles({"": "last\n"}).match("a/" * 3000 + "last/x")
