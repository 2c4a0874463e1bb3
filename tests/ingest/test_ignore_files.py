"""`.repoaskignore`, also where it was made to stall whoever reads it."""

import time

import pytest
from repoask.ingest.types import Selection


@pytest.mark.parametrize(
    "text",
    ["a" * 1_000_000, b"\0" * 5_000_000, "".join(f"file{n}.txt\n" for n in range(100_000))],
    ids=["a", "nul", "many"],
)
def test_huge_ignore_file_is_said_not_obeyed_and_costs_nothing(repo, caplog, text):
    for number in range(200):
        repo.write(f"file{number}.txt")
    repo.write(".repoaskignore", text)
    repo.commit()
    for revision in (None, "HEAD"):
        caplog.clear()
        begin = time.process_time()
        assert "file7.txt" in repo.paths(revision=revision)
        assert time.process_time() - begin < 1
        assert ".repoaskignore: over 100,000 bytes, so it is not obeyed" in caplog.text


def test_too_many_patterns_are_said_and_the_first_are_obeyed(repo, caplog):
    repo.write(".repoaskignore", "first.txt\n" + "x\n" * 2000)
    repo.write("first.txt")
    assert repo.paths() == [".repoaskignore"]
    assert "1001 ignore patterns are not obeyed" in caplog.text


def test_too_many_ignore_files_are_said_and_the_uppermost_are_obeyed(repo, caplog):
    repo.write(".repoaskignore", "*.log\n")
    for number in range(250):
        repo.write(f"folder/{number}/.repoaskignore", "*.txt\n")
    repo.write("a.log")
    repo.commit()
    for revision in (None, "HEAD"):
        caplog.clear()
        assert "a.log" not in repo.paths(revision=revision)
        assert "251 .repoaskignore files; the 200 uppermost are obeyed" in caplog.text


def test_ignore_file_of_a_submodule_rules_it_at_a_revision_too(repo, make_repo):
    inner = make_repo("inner")
    inner.write(".repoaskignore", "*.log\n")
    inner.write("a.log")
    inner.write("a.txt")
    inner.commit()
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", f"file://{inner.path}", "libs/inner")
    repo.commit()
    expected = [".gitmodules", "libs/inner/.repoaskignore", "libs/inner/a.txt"]
    assert repo.paths(Selection(submodules=True)) == expected
    assert repo.paths(Selection(submodules=True), revision="HEAD") == expected
