import os
import time

import pytest
from repoask.context.pack.manifest import read_manifest
from repoask.context.pack.pack_store import PackStore
from repoask.context.pack.reader import read_pack
from repoask.errors import PackError
from repoask.ingest.types import Selection


def text_of(pack):
    return b"".join(pack.text()).decode()


def files_in(tmp_path):
    return sorted((tmp_path / "cache" / "packs").glob("v*/*"))


def best(store, repo, tokenizer, revision=None):
    return store.best_parent(repo.snapshot(revision=revision), selection=Selection(), tokenizer=tokenizer)


def test_the_best_parent_is_that_of_the_own_branch(repo, store, triples):
    repo.pack(store)
    main = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "-q", "-b", "other")
    for number in range(10):
        repo.write(f"other/{number}.py", f"x = {number}\n" * 100)
    repo.commit()
    other = repo.pack(store)
    repo.write("a/one.py", "one = 1\n")
    repo.commit()
    assert best(store, repo, triples) == other
    repo.git("checkout", "-q", main)
    repo.write("b.md", "new\n")
    assert best(store, repo, triples).file_tokens.keys() == {"a/one.py", "b.md", "empty.txt", "tags.html", "z.txt"}


def test_nothing_in_common_has_no_parent(repo, make_repo, store, triples):
    repo.pack(store)
    stranger = make_repo("stranger")
    stranger.write("z.py", "z = 1\n" * 5000)
    assert best(store, stranger, triples) is None


def test_packs_of_another_tokenizer_or_other_rules_are_no_parents(repo, store, triples, other_tokenizer):
    repo.pack(store, tokenizer=other_tokenizer)
    repo.pack(store, selection=Selection(allow_secrets=True))
    assert best(store, repo, triples) is None


@pytest.mark.parametrize("suffix", [".json", ".text", ".ids"])
@pytest.mark.parametrize("cut", [0, 0.5], ids=["empty", "half"])
def test_a_pack_that_was_cut_off_is_made_again(repo, store, tmp_path, suffix, cut):
    text = text_of(repo.pack(store))
    for file in files_in(tmp_path):
        if file.suffix == suffix:
            data = file.read_bytes()
            file.write_bytes(data[: int(len(data) * cut)])
    assert text_of(repo.pack(store)) == text


def test_damage_within_is_found_when_it_is_read_and_then_the_pack_is_made_again(repo, store, tmp_path):
    text = text_of(repo.pack(store))
    for file in files_in(tmp_path):
        if file.suffix == ".text":
            file.write_bytes(file.read_bytes().replace(b"return 7", b"return 8"))
    with pytest.raises(PackError, match="cut off or damaged"):
        text_of(repo.pack(store))
    assert text_of(repo.pack(store)) == text


def test_packs_are_bounded_and_those_that_stay_are_whole(repo, store, tmp_path):
    pack = repo.pack(store)
    for number in range(40):
        repo.write("a/one.py", f"one = {number}\n" * 50)
        pack = repo.pack(store, onto=pack)
        for file in files_in(tmp_path):  # as if an hour had passed, in the order of their making
            status = file.stat()
            os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns - 3_700 * 10**9))
    manifests = [file for file in files_in(tmp_path) if file.suffix == ".json"]
    assert len(manifests) <= 12
    segments = [segment for path in manifests for segment in read_manifest(path).segments]
    named = {extent.file for segment in segments for extent in (segment.text, segment.ids) if extent}
    assert {file.name for file in files_in(tmp_path)} == named | {path.name for path in manifests}
    assert read_pack(text_of(pack))["a/one.py"] == "one = 39\n" * 50


def test_what_a_killed_run_left_goes_with_time(repo, store, tmp_path):
    pack = repo.pack(store)
    left = pack.folder / ".abc.text.1234.tmp"
    left.write_bytes(b"half")
    fresh = pack.folder / "fresh.text"
    fresh.write_bytes(b"of a run under way")
    long_ago = time.time() - 7200
    os.utime(left, (long_ago, long_ago))
    for number in range(20):
        repo.write("b.md", f"{number}\n")
        repo.pack(store)
    assert not left.exists()
    assert fresh.exists()


def test_a_folder_that_cannot_be_written_is_told(repo, tmp_path):
    (tmp_path / "cache").write_text("a file in its place")
    with pytest.raises(PackError, match="cannot be written"):
        repo.pack(PackStore(tmp_path / "cache"))
