import os

import numpy as np
import pytest
from repoask.context.index.image import FileNotes, Images
from repoask.context.index.segment import SegmentBuilder
from repoask.context.types import FileRecord
from repoask.ingest.types import FileEntry, Reason


def _entry(path, blob):
    return FileEntry(path, blob * 40, 1, True)


@pytest.fixture
def images(tmp_path):
    return Images(tmp_path, embedder_id="none", transform="t")


@pytest.fixture
def save(make_record):
    def put(images, entries):
        builder, notes = SegmentBuilder(), FileNotes()
        for entry in entries:
            record = make_record("name")
            notes.add(entry.path, record)
            builder.add(entry.path, record, np.zeros((2, 4), np.float32))
        images.save(entries, builder.finish(), notes=notes)

    return put


def test_an_image_is_found_by_exactly_its_files(images, save):
    entries = [_entry("a.py", "1"), _entry("caf\udce9.py", "2")]
    save(images, entries)
    image = images.exact(entries)
    assert image is not None
    assert image.blobs == {"a.py": "1" * 40, "caf\udce9.py": "2" * 40}
    assert list(image.segment.paths) == ["a.py", "caf\udce9.py"]
    assert image.notes.withheld == {"a.py": 3, "caf\udce9.py": 3}
    assert images.exact(entries[:1]) is None
    assert images.exact([_entry("a.py", "9"), entries[1]]) is None


def test_another_transform_or_embedder_sees_no_image(images, save, tmp_path):
    entries = [_entry("a.py", "1")]
    save(images, entries)
    assert Images(tmp_path, embedder_id="none", transform="u").nearest(entries) is None
    assert Images(tmp_path, embedder_id="endpoint-1", transform="t").nearest(entries) is None


def test_the_nearest_image_shares_the_most_files(images, save):
    old = [_entry(f"{name}.py", "1") for name in "abcd"]
    new = [_entry(f"{name}.py", "2") for name in "abcd"]
    save(images, old)
    save(images, new)
    image = images.nearest([*old[:3], new[3]])
    assert image is not None
    assert image.blobs["a.py"] == "1" * 40


def test_the_images_used_longest_ago_are_dropped(images, save, tmp_path):
    sets = [[_entry("a.py", str(number))] for number in range(6)]
    for number, entries in enumerate(sets):
        save(images, entries)
        for path in (tmp_path / "images").iterdir():
            if path.stat().st_mtime > 1_000:
                os.utime(path, (number + 1, number + 1))
        images.exact(sets[0])  # in use all the time
    assert images.exact(sets[0]) is not None
    assert images.exact(sets[1]) is None
    assert images.exact(sets[5]) is not None
    assert len(list((tmp_path / "images").iterdir())) == 4


def test_a_damaged_image_is_dropped(images, save, tmp_path, caplog):
    entries = [_entry("a.py", "1")]
    save(images, entries)
    (path,) = (tmp_path / "images").iterdir()
    path.write_bytes(path.read_bytes()[:100])
    assert images.exact(entries) is None
    assert not path.exists()
    assert "made anew" in caplog.text


def test_notes_can_be_narrowed_to_paths(make_record):
    notes = FileNotes()
    notes.add("a.py", make_record("alpha"))
    notes.add("b.bin", FileRecord("b" * 40, "", Reason.BINARY, 1))
    narrowed = notes.of({"b.bin"})
    assert (narrowed.omitted, narrowed.unparsed, narrowed.withheld) == ({"b.bin": "binary"}, set(), {})
