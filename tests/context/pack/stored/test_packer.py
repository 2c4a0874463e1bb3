import random
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from repoask.context.pack.contents import Contents
from repoask.context.pack.format import FORMAT
from repoask.context.pack.manifest import PACK_VERSION
from repoask.context.pack.pack_store import PackStore
from repoask.context.pack.packer import pack_snapshot
from repoask.context.pack.reader import read_pack
from repoask.errors import PackError, SourceError
from repoask.ingest.types import Reason, Selection


def text_of(pack):
    return b"".join(pack.text()).decode()


def ids_of(pack):
    return np.concatenate(list(pack.ids()))


def files_of(repo):
    contents = Contents(repo.snapshot(), selection=Selection())
    return {file.path: contents.text(file) for file in contents.files}


def test_a_reader_finds_every_file_in_the_text(repo, store):
    pack = repo.pack(store)
    assert read_pack(text_of(pack)) == files_of(repo)
    assert [omission.reason for omission in pack.omissions] == [Reason.BINARY]


def test_the_ids_are_those_of_the_text(repo, store, triples):
    pack = repo.pack(store)
    assert triples.decode(ids_of(pack)).decode() == text_of(pack)
    assert pack.exact
    assert pack.num_tokens == len(ids_of(pack))
    assert pack.num_bytes == len(text_of(pack).encode())


def test_without_a_vocabulary_there_is_a_text_and_an_estimate(repo, store, estimate):
    pack = repo.pack(store, tokenizer=estimate)
    assert read_pack(text_of(pack)) == files_of(repo)
    assert not pack.exact
    assert pack.num_tokens > 0
    with pytest.raises(PackError, match="--tokenizer"):
        pack.ids()


def test_clones_shuffled_listings_and_threads_give_the_same_bytes(repo, tmp_path, triples, make_repo):
    clone = make_repo("clone")
    clone.git("pull", "-q", str(repo.path))
    packs = [repo.pack(PackStore(tmp_path / "1")), clone.pack(PackStore(tmp_path / "2"))]

    def pack_shuffled(number):
        snapshot = repo.snapshot()
        entries = random.Random(number).sample(snapshot.entries, len(snapshot.entries))
        snapshot = replace(snapshot, entries=tuple(entries))
        store = PackStore(tmp_path / f"shuffled-{number}")
        packs.append(pack_snapshot(snapshot, selection=Selection(), tokenizer=triples, store=store))

    threads = [threading.Thread(target=pack_shuffled, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(packs) == 5
    assert len({pack.id for pack in packs}) == 1
    assert len({text_of(pack) for pack in packs}) == 1
    assert len({ids_of(pack).tobytes() for pack in packs}) == 1


def test_the_same_snapshot_again_is_found_and_no_file_is_read(repo, store):
    before = repo.pack(store)
    snapshot = repo.snapshot()
    for path in ("a/one.py", "b.md"):
        (repo.path / path).unlink()
    again = pack_snapshot(snapshot, selection=Selection(), tokenizer=_Mute(), store=store)
    assert text_of(again) == text_of(before)


_FIND = """
import sys
from pathlib import Path
from types import SimpleNamespace
from repoask.context.pack.pack_store import PackStore
from repoask.context.pack.packer import pack_snapshot
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Selection

repository, cache, name, id = sys.argv[1:]
snapshot = take_snapshot(open_source(repository, clones=Path(cache)))
tokenizer = SimpleNamespace(name=name, id=id, exact=True)
pack = pack_snapshot(snapshot, selection=Selection(), tokenizer=tokenizer, store=PackStore(Path(cache)))
sys.stdout.buffer.writelines(pack.text())
assert "numpy" not in sys.modules, "80 ms of a warm pack"
"""


def test_a_pack_that_is_found_loads_no_numpy(repo, store, tmp_path, triples):
    before = repo.pack(store)
    command = [sys.executable, "-c", _FIND, str(repo.path), str(tmp_path / "cache"), triples.name, triples.id]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode() == text_of(before)


class _Mute:
    """Named as the tokenizer of these tests, but encodes nothing."""

    exact = True

    def __init__(self):
        from hashlib import sha256

        self.name, self.id = "triples", sha256(b"triples").hexdigest()[:12]

    def encode(self, texts):
        raise AssertionError("encoded again")


def test_a_pack_goes_on_from_another_and_keeps_its_beginning(repo, store):
    before = repo.pack(store)
    repo.write("a/one.py", (repo.path / "a/one.py").read_text().replace("return 7\n", "return 7_000\n"))
    (repo.path / "b.md").unlink()
    repo.commit()
    after = repo.pack(store, onto=before)
    assert read_pack(text_of(after)) == files_of(repo)
    assert "b.md" not in files_of(repo)
    shared = len(before.manifest.chain) - 1  # all but the end, which names the revision
    assert after.manifest.chain[:shared] == before.manifest.chain[:shared]
    assert text_of(after).startswith(text_of(before).rpartition("<current")[0])
    assert len(ids_of(after)) == after.num_tokens


def test_a_long_history_is_read_back_at_each_commit(repo, store):
    random.seed(4)
    pack = repo.pack(store)
    for number in range(25):
        lines = (repo.path / "a/one.py").read_text().split("\n")
        lines[random.randrange(len(lines))] = f"x = {number}"
        repo.write("a/one.py", "\n".join(lines))
        repo.write(f"new/{number % 4}.py", f"y = {number}\n" * random.randrange(40))
        if number % 5 == 4:
            repo.git("add", "-A")
            repo.git("mv", "tags.html", "t.html") if number == 4 else repo.git(
                "rm", "-qf", "--ignore-unmatch", "t.html"
            )
        repo.commit()
        pack = repo.pack(store, onto=pack)
        assert read_pack(text_of(pack)) == files_of(repo)
        assert sum(segment.num_entries for segment in pack.manifest.segments) == len(pack.manifest.sizes)
        assert sum(pack.manifest.sizes) == pack.num_bytes


def test_a_snapshot_that_did_not_move_gives_the_pack_itself(repo, store):
    before = repo.pack(store)
    assert repo.pack(store, onto=before) == before


def test_large_repositories_are_cut_into_segments_and_a_change_makes_few_new_ones(repo, store):
    for number in range(60):
        repo.write(f"large/{number:02}.txt", f"{number} words of a file\n" * 400)
    repo.commit()
    before = repo.pack(store)
    assert len(before.manifest.segments) > 5
    assert max(segment.num_tokens for segment in before.manifest.segments) <= 32_768
    repo.write("b.md", "short\n")
    after = repo.pack(store, onto=before)
    assert len(set(after.manifest.chain) - set(before.manifest.chain)) <= 2


def test_another_tokenizer_cannot_go_on(repo, store, other_tokenizer):
    before = repo.pack(store)
    with pytest.raises(PackError, match="made with triples, not with other"):
        repo.pack(store, onto=before, tokenizer=other_tokenizer)


def test_other_rules_of_secrets_cannot_go_on(repo, store):
    before = repo.pack(store, selection=Selection(allow_secrets=True))
    with pytest.raises(PackError, match="other rules"):
        repo.pack(store, onto=before)


def test_a_file_that_vanishes_while_it_is_packed_leaves_nothing_behind(repo, store, triples, tmp_path):
    repo.write("untracked.py", "x = 1\n")
    snapshot = repo.snapshot()
    (repo.path / "untracked.py").unlink()
    with pytest.raises(SourceError, match=r"untracked\.py"):
        pack_snapshot(snapshot, selection=Selection(), tokenizer=triples, store=store)
    assert not list((tmp_path / "cache" / "packs").glob("v*/*"))


def test_an_empty_repository_is_a_pack_without_files(make_repo, store):
    repo = make_repo("empty")
    pack = repo.pack(store)
    assert read_pack(text_of(pack)) == {}
    assert pack.file_tokens == {}


def test_a_choice_from_a_snapshot_is_packed_as_it_is(repo, store, triples):
    class Outlines:
        def __init__(self, contents):
            self.files = tuple(file._replace(content=f"{file.content}.outline") for file in contents.files[:2])
            self.omissions = contents.omissions

        def text(self, file):
            return f"outline of {file.path}\n"

    contents = Contents(repo.snapshot(), selection=Selection())
    pack = pack_snapshot(
        repo.snapshot(), selection=Selection(), tokenizer=triples, store=store, material=Outlines(contents)
    )
    assert read_pack(text_of(pack)) == {"a/one.py": "outline of a/one.py\n", "b.md": "outline of b.md\n"}
    assert pack.id != repo.pack(store).id


def test_another_format_of_the_text_needs_another_version_of_the_pack():
    assert (PACK_VERSION, FORMAT) == (2, 2)
