import os
import subprocess
import threading

import pytest
from repoask.context.index.catalog import Catalog
from repoask.context.index.lock import folder_lock
from repoask.errors import IndexStoreError
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.types import Source, SourceKind


def _source(tmp_path, name):
    root = tmp_path / "work" / name
    root.mkdir(parents=True, exist_ok=True)
    return Source(SourceKind.FOLDER, root)


def _cloned(catalog, name):
    root = catalog.clones / name
    root.mkdir(parents=True)
    (root / "pack").write_bytes(b"x" * 1000)
    return Source(SourceKind.BARE, root, git_dir=root, common_dir=root, url=f"https://example.org/{name}")


def _fill(folder, num_bytes, *, used):
    (folder / "images").mkdir()
    (folder / "images" / "a.img").write_bytes(b"x" * num_bytes)
    os.utime(folder / "source.json", (used, used))


@pytest.fixture
def catalog(tmp_path):
    return Catalog(tmp_path / "cache", max_bytes=5_000)


def test_sources_are_listed_last_used_first_with_size_and_name(catalog, tmp_path):
    one, two = _source(tmp_path, "one"), _cloned(catalog, "two")
    _fill(catalog.folder(one), 100, used=10)
    _fill(catalog.folder(two), 100, used=20)
    entries = catalog.entries()
    assert [entry.location for entry in entries] == ["https://example.org/two", str(one.root)]
    assert [entry.last_used for entry in entries] == [20, 10]
    assert entries[0].clone == two.root
    assert 1_100 < entries[0].num_bytes < 1_300
    assert 100 < entries[1].num_bytes < 300


def test_asking_again_counts_as_use_and_gives_the_same_folder(catalog, tmp_path):
    one = _source(tmp_path, "one")
    folder = catalog.folder(one)
    _fill(folder, 1, used=10)
    assert catalog.folder(one) == folder
    assert catalog.entries()[0].last_used > 10


def test_a_source_is_found_by_identity_url_or_path(catalog, tmp_path):
    one, two = _source(tmp_path, "one"), _cloned(catalog, "two")
    catalog.folder(one)
    catalog.folder(two)
    for name in (one.identity, str(one.root)):
        found = catalog.find(name)
        assert found is not None
        assert found.identity == one.identity
    found = catalog.find("https://example.org/two")
    assert found is not None
    assert found.identity == two.identity
    assert catalog.find("nothing") is None


def test_what_was_used_longest_ago_goes_first_and_what_is_in_use_stays(catalog, tmp_path):
    sources = {name: _source(tmp_path, name) for name in ("old", "older", "new", "kept")}
    for name, used in (("old", 20), ("older", 10), ("new", 30), ("kept", 1)):
        _fill(catalog.folder(sources[name]), 2_000, used=used)
    removed = catalog.trim(keep=sources["kept"])
    assert [entry.location.rsplit("/", 1)[-1] for entry in removed] == ["older", "old"]
    assert len(catalog.entries()) == 2
    assert catalog.trim(keep=sources["kept"]) == []


def test_a_removed_source_leaves_no_trace_but_its_own_files(catalog, tmp_path):
    one, two = _source(tmp_path, "one"), _cloned(catalog, "two")
    (one.root / "mine.txt").write_text("mine")
    for source in (one, two):
        _fill(catalog.folder(source), 10, used=1)
    (catalog.clones / ".partial-xyz").mkdir()
    for entry in catalog.entries():
        catalog.remove(entry)
    assert (one.root / "mine.txt").read_text() == "mine"
    assert not two.root.exists()
    catalog.remove_all()
    assert not (tmp_path / "cache").exists()
    assert catalog.entries() == []


def test_removing_all_spares_what_is_not_ours(catalog, tmp_path):
    catalog.folder(_source(tmp_path, "one"))
    (tmp_path / "cache" / "notes.txt").write_text("mine")
    catalog.remove_all()
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["notes.txt"]


def test_a_source_that_is_being_indexed_is_not_removed(catalog, tmp_path):
    one, other = _source(tmp_path, "one"), _source(tmp_path, "other")
    _fill(catalog.folder(one), 9_000, used=1)
    held, release = threading.Event(), threading.Event()

    def hold():
        with folder_lock(catalog.folder(one)):
            held.set()
            release.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    try:
        with pytest.raises(IndexStoreError, match="another repoask"):
            catalog.remove(catalog.entries()[0], timeout_s=0)
        assert catalog.trim(keep=other) == []
    finally:
        release.set()
        holder.join()
    assert len(catalog.trim(keep=other)) == 1


def test_a_damaged_card_does_not_hide_the_folder(catalog, tmp_path, caplog):
    folder = catalog.folder(_source(tmp_path, "one"))
    (folder / "source.json").write_bytes(b"{")
    (entry,) = catalog.entries()
    assert (entry.location, entry.identity) == ("unknown", folder.name)
    catalog.remove(entry)
    assert catalog.entries() == []


def test_a_clone_outside_the_cache_is_never_touched(catalog, tmp_path):
    folder = catalog.folder(_source(tmp_path, "one"))
    victim = tmp_path / "victim"
    victim.mkdir()
    (folder / "source.json").write_text('{"location": "x", "clone": "../../victim"}')
    catalog.remove(catalog.entries()[0])
    assert victim.exists()


def test_the_folder_is_for_its_owner_alone(catalog, tmp_path):
    folder = catalog.folder(_source(tmp_path, "one"))
    assert subprocess.run(["stat", "-c", "%a", str(folder)], capture_output=True, text=True).stdout.strip() == "700"


def test_index_inside_a_folder_is_not_listed_with_it(tmp_path):
    source = Source(SourceKind.FOLDER, tmp_path / "work")
    source.root.mkdir()
    (source.root / "a.txt").write_text("text\n")
    catalog = Catalog(source.root / "cache", max_bytes=5_000)
    _fill(catalog.folder(source), 100, used=10)
    assert [entry.path for entry in take_snapshot(source).entries] == ["a.txt"]
    catalog.remove_all()
    assert not (source.root / "cache").exists()
