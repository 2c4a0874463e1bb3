"""Reading history: lines and names are traced to commits within a time, whatever files and config of it say."""

import pytest
from repoask.errors import SourceError
from repoask.ingest.log import Log

ONE = "def first():\n    return 1\n"
TWO = "import os\n\n\ndef first():\n    return 2\n"
TOKEN = "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"


def log(repo, limit_s=30.0):
    return Log(repo.open(), limit_s=limit_s)


def test_blame_tells_where_each_line_stood_when_it_got_its_form(repo):
    repo.write("a.py", ONE)
    old = repo.commit("one")
    repo.write("a.py", TWO)
    new = repo.commit("two")
    touches = {(touch.commit, touch.start, touch.end) for touch in log(repo).blame(new, "a.py", 4, 5)}
    assert touches == {(old, 1, 1), (new, 5, 5)}


def test_changes_come_newest_first_and_follow_a_rename(repo):
    repo.write("a.py", ONE)
    old = repo.commit("one")
    repo.git("mv", "a.py", "b.py")
    repo.commit("moved")
    repo.write("b.py", ONE.replace("1", "2"))
    new = repo.commit("two")
    touches = log(repo).changes(new, "b.py", 1, 2, limit=10)
    assert [(touch.commit, touch.path) for touch in touches] == [(new, "b.py"), (old, "a.py")]
    assert (touches[0].start, touches[0].end) == (1, 2)


def test_changes_are_no_more_than_asked_for(repo):
    for number in range(4):
        repo.write("a.py", f"x = {number}\n")
        repo.commit()
    assert len(log(repo).changes("HEAD", "a.py", 1, 1, limit=2)) == 2


def test_additions_reach_back_to_the_commit_that_brought_a_name(repo):
    repo.write("a.py", "def first_thing(): ...\n")
    old = repo.commit()
    repo.write("b.py", "first_thing()\n")
    new = repo.commit()
    assert [touch.commit for touch in log(repo).additions("HEAD", "first_thing", limit=10)] == [new, old]
    (touch,) = log(repo).additions("HEAD", "first_thing", path="a.py", limit=10)
    assert (touch.commit, touch.path) == (old, "a.py")


def test_whether_a_name_stood_anywhere_before_is_told(repo):
    repo.write("a.py", "first_thing = 1\n")
    old = repo.commit()
    repo.write("b.py", "second_thing = first_thing\n")
    new = repo.commit()
    assert log(repo).stands_before(new, "first_thing")
    assert not log(repo).stands_before(new, "second_thing")
    assert not log(repo).stands_before(old, "first_thing")


def test_facts_keep_the_author_date_name_and_message(repo):
    repo.write("a.py")
    author = "--author=Ada <ada@example.org>"
    repo.git("add", "-A")
    repo.git("commit", "-q", author, "--date=2020-02-03T04:05:06+02:00", "-m", "Subject line", "-m", "Why it is so.")
    commit = repo.git("rev-parse", "HEAD")
    facts = log(repo).facts([commit])[commit]
    assert (facts.author, facts.date) == ("Ada", "2020-02-03T04:05:06+02:00")
    assert (facts.subject, facts.body) == ("Subject line", "Why it is so.")


def test_a_secret_in_a_message_is_withheld(repo):
    repo.write("a.py")
    commit = repo.commit(f"fine\n\ntoken = {TOKEN}\nmore")
    facts = log(repo).facts([commit])[commit]
    assert TOKEN not in facts.subject + facts.body
    assert facts.body.endswith("more")


def test_nothing_that_config_or_attributes_name_is_run_or_believed(repo, tmp_path):
    canary = tmp_path / "canary"
    repo.write("a.py", ONE)
    old = repo.commit()
    repo.write(".gitattributes", "*.py diff=evil filter=evil\n")
    repo.write(".mailmap", "Somebody Else <else@example.org> <a@example.org>\n")
    repo.write("a.py", ONE.replace("1", "2"))
    new = repo.commit()
    repo.write("ignored-revs", f"{new}\n")
    for key in ("diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "filter.evil.smudge", "core.pager"):
        repo.git("config", key, f"touch {canary}; cat")
    repo.git("config", "diff.external", f"touch {canary}")
    repo.git("config", "blame.ignoreRevsFile", str(repo.path / "ignored-revs"))
    repo.git("config", "diff.orderFile", str(repo.path / "missing"))
    reading = log(repo)
    assert new in {touch.commit for touch in reading.blame(new, "a.py", 1, 2)}
    assert [touch.commit for touch in reading.changes(new, "a.py", 1, 2, limit=9)] == [new, old]
    assert [touch.commit for touch in reading.additions(new, "return 2", path="a.py", limit=9)] == [new]
    assert not reading.stands_before(old, "first")
    assert reading.facts([new])[new].author == "A"
    assert not canary.exists()


def test_lines_and_paths_that_look_like_git_s_own_forge_nothing(repo):
    odd = "x\n\x01" + "0" * 40 + '\n+++ b/forged "é'
    text = "++ b/forged.py\n@@ -1 +77 @@\n\x01" + "1" * 40 + "\n"
    repo.write(odd, text)
    commit = repo.commit()
    reading = log(repo)
    assert {(touch.commit, touch.path) for touch in reading.blame(commit, odd, 1, 3)} == {(commit, odd)}
    assert [touch.path for touch in reading.additions(commit, "forged.py", limit=9)] == [odd]
    repo.write("plain.py", text)
    last = repo.commit()
    (touch,) = reading.changes(last, "plain.py", 1, 3, limit=9)
    assert (touch.commit, touch.path, touch.start, touch.end) == (last, "plain.py", 1, 3)


def test_a_path_in_a_patch_names_no_option_of_git(repo):
    repo.write("x\n\x01--output=stolen", "text\n")
    commit = repo.commit()
    touches = log(repo).changes(commit, "x\n\x01--output=stolen", 1, 1, limit=9)
    assert {touch.commit for touch in touches} == {commit}


def test_without_time_nothing_is_read_and_that_is_told(repo):
    repo.write("a.py", ONE)
    commit = repo.commit()
    reading = log(repo, limit_s=0.0)
    assert reading.blame(commit, "a.py", 1, 2) == []
    assert reading.stopped


def test_lines_that_are_not_there_are_an_error_that_names_the_repository(repo):
    repo.write("a.py", ONE)
    commit = repo.commit()
    with pytest.raises(SourceError, match="git cannot read it"):
        log(repo).blame(commit, "a.py", 98, 99)


def test_a_shallow_clone_is_known_where_it_ends(repo, make_repo):
    for number in range(3):
        repo.write("a.py", f"x = {number}\n")
        last = repo.commit()
    clone = make_repo("clone")
    clone.git("fetch", "-q", "--depth=1", f"file://{repo.path}", "main")
    clone.git("reset", "-q", "--hard", "FETCH_HEAD")
    assert log(clone).is_cut_off_at(last)
    assert not log(repo).is_cut_off_at(last)
