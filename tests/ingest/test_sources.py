"""What a user may name: paths of every kind, and URLs."""

import os

import pytest
from repoask.errors import InputError, SourceError
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import is_url, open_source, update_clone
from repoask.ingest.types import SourceKind


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("https://example.org/x/y.git", True),
        ("http://user:word@example.org/x", True),
        ("ssh://git@example.org/x/y", True),
        ("git://example.org/x", True),
        ("file:///srv/x", True),
        ("git@example.org:x/y", True),
        ("git@example.org:x/y.git", True),
        ("svn://example.org/x", True),
        ("http://", True),
        ("C:\\repo", False),
        ("C:/repo", False),
        ("c:", False),
        ("./x", False),
        ("x", False),
        ("/srv/x:y", False),
        (".", False),
        ("ext::sh -c x", False),
        ("https://example.org/x what is it", False),
        ("where is a@b: c defined?", False),
        ("", False),
    ],
)
def test_urls_are_told_from_paths_and_questions(spec, expected):
    assert is_url(spec) is expected


def test_work_tree(repo):
    source = repo.open()
    assert (source.kind, source.root, source.prefix) == (SourceKind.WORKTREE, repo.path, "")


def test_git_directory_of_a_work_tree_means_the_work_tree(repo):
    assert repo.open(".git") == repo.open()


def test_sub_folder_keeps_the_root_and_its_paths(repo):
    repo.write("a/b/c.txt")
    repo.write("a/d.txt")
    repo.write("ab.txt")
    repo.commit()
    repo.write("a/b/new.txt")
    source = repo.open("a/b")
    assert (source.root, source.prefix) == (repo.path, "a/b")
    assert source.identity == repo.open().identity
    assert repo.paths(under="a/b") == ["a/b/c.txt", "a/b/new.txt"]
    assert repo.paths(under="a/b", revision="HEAD") == ["a/b/c.txt"]


def test_sub_folder_with_pattern_characters_is_taken_literally(repo):
    repo.write("[a]*/x.txt")
    repo.write("a/y.txt")
    repo.commit()
    assert repo.paths(under="[a]*") == ["[a]*/x.txt"]
    assert repo.paths(under="[a]*", revision="HEAD") == ["[a]*/x.txt"]


def test_ignored_sub_folder_is_a_plain_folder(repo):
    repo.write(".gitignore", "out/\n")
    repo.write("out/report.txt")
    repo.commit()
    source = repo.open("out")
    assert (source.kind, source.root) == (SourceKind.FOLDER, repo.path / "out")
    assert repo.paths(under="out") == ["report.txt"]


def test_bare_repository_is_read_at_head(repo, tmp_path):
    repo.write("a.txt")
    commit = repo.commit()
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    source = open_source(tmp_path / "bare.git", clones=tmp_path)
    snapshot = take_snapshot(source)
    assert source.kind is SourceKind.BARE
    assert [entry.path for entry in snapshot.entries] == ["a.txt"]
    assert snapshot.label(snapshot.entries[0]) == commit


def test_linked_work_tree_shares_the_index_of_its_repository(repo, tmp_path):
    repo.write("a.txt")
    repo.commit()
    repo.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    (tmp_path / "linked/b.txt").write_text("new\n")
    source = open_source(tmp_path / "linked", clones=tmp_path)
    assert source.identity == repo.open().identity
    assert [entry.path for entry in take_snapshot(source).entries] == ["a.txt", "b.txt"]
    assert repo.paths() == ["a.txt"]


def test_folder_reached_through_a_symlink_is_opened_where_it_lies(repo, tmp_path):
    (tmp_path / "link").symlink_to(repo.path)
    assert open_source(tmp_path / "link", clones=tmp_path).root == repo.path


def test_file_is_refused_with_the_way_out(repo):
    repo.write("a.txt")
    with pytest.raises(InputError, match=r"a file; name its folder, and the file with --include a\.txt"):
        repo.open("a.txt")


@pytest.mark.parametrize("name", ["nowhere", "a\0b", "x" * 5000])
def test_path_that_cannot_exist_is_one_clear_line(tmp_path, name):
    with pytest.raises(SourceError) as caught:
        open_source(f"{tmp_path}/{name}", clones=tmp_path)
    assert "\n" not in str(caught.value)
    assert "\0" not in str(caught.value)


def test_symlink_loop_is_one_clear_line(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(SourceError, match="loop"):
        open_source(tmp_path / "loop", clones=tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_folder_without_permission_is_one_clear_line(tmp_path):
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(SourceError, match="no permission"):
        open_source(tmp_path / "closed", clones=tmp_path)


@pytest.mark.parametrize("damage", ["HEAD", "index", "objects", "config", "refs"])
def test_damaged_repository_is_one_clear_line(repo, damage):
    repo.write("a.txt")
    repo.commit()
    repo.git("pack-refs", "--all")
    target = repo.path / ".git" / damage
    if target.is_dir():
        target.rename(target.with_name("gone"))
    else:
        target.write_bytes(b"\xff\xfe garbage \0 [[[\n")
    for revision in (None, "HEAD") if damage != "index" else (None,):
        with pytest.raises(SourceError) as caught:
            take_snapshot(repo.open(), revision=revision)
        assert str(repo.path) in str(caught.value)
        assert str(caught.value).isprintable()


def test_gitfile_that_leads_nowhere_is_one_clear_line(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x/.git").write_text("gitdir: ../nowhere\n")
    with pytest.raises(SourceError, match="leads to no git directory"):
        open_source(tmp_path / "x", clones=tmp_path)


def test_local_source_is_not_ours_to_update(repo):
    with pytest.raises(SourceError, match="update it with git itself"):
        update_clone(repo.open())
