import json
import os
import random
import zlib
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from repoask.context.pack.contents import Contents
from repoask.context.pack.format import FORMAT
from repoask.context.pack.loading import load_pack
from repoask.context.pack.manifest import PACK_VERSION
from repoask.context.pack.pack import Pack, manifest_beside
from repoask.context.pack.pack_store import PackStore
from repoask.context.pack.packer import pack_snapshot
from repoask.context.pack.parts import parts_content, parts_text
from repoask.context.pack.places import Place
from repoask.context.pack.reader import read_pack
from repoask.errors import PackError, RepoaskError
from repoask.ingest.types import Selection


def text_of(pack):
    return b"".join(pack.text()).decode()


def ids_of(pack):
    return np.concatenate(list(pack.ids()))


def saved(pack, path):
    np.save(path, ids_of(pack))
    pack.write(path, num_bytes=path.stat().st_size)
    return path


def with_checksum(document):
    """A manifest that nobody would call edited."""
    body = {name: value for name, value in document.items() if name not in ("repoask pack", "crc")}
    data = json.dumps(body, separators=(",", ":")).encode()[1:]
    return b'{"repoask pack":%d,"crc":%d,' % (PACK_VERSION, zlib.crc32(data)) + data


class Parts:
    """All of a snapshot, with one file in parts."""

    def __init__(self, whole, path, spans):
        self._whole, self._path, self._spans = whole, path, spans
        self.omissions = whole.omissions
        self.files = tuple(
            file._replace(content=parts_content(file.content, spans)) if file.path == path else file
            for file in whole.files
        )

    def text(self, file):
        (original,) = (each for each in self._whole.files if each.path == file.path)
        text = self._whole.text(original)
        return parts_text(text, self._spans) if file.path == self._path else text


@pytest.fixture
def twice(repo, store):
    """A pack of two sections: lines 3 and 20 of a/one.py changed, one was put in, b.md is gone."""
    before = repo.pack(store)
    lines = (repo.path / "a/one.py").read_text().split("\n")
    lines[2] = "# third"
    lines[19:20] = ["# twentieth", "# put in"]
    repo.write("a/one.py", "\n".join(lines))
    (repo.path / "b.md").unlink()
    repo.commit()
    return repo.pack(store, onto=before)


def test_every_current_line_is_found_and_leads_back(repo, twice, triples):
    for path, text in read_pack(text_of(twice)).items():
        for number, line in enumerate(text.split("\n")[:-1], start=1):
            offset = twice.offset(path, number)
            assert line.encode()[:1] in triples.decode(ids_of(twice)[offset : offset + 1])
            if len(line) > 2:  # the first token of the line may begin with the end of another
                assert twice.place(offset + 1) == Place(path, number, is_current=True)


def test_lines_of_a_file_in_parts_are_those_of_the_file(repo, store, triples):
    def packed(spans, onto=None):
        whole = Contents(repo.snapshot(), selection=Selection())
        material = Parts(whole, "a/one.py", spans)
        return pack_snapshot(
            repo.snapshot(), selection=Selection(), tokenizer=triples, store=store, material=material, onto=onto
        )

    lines = (repo.path / "a/one.py").read_text().split("\n")
    first = packed(((3, 6), (20, 30)))
    for pack, shown in ((first, {*range(3, 7), *range(20, 31)}), (packed(((5, 8), (20, 31)), first), {*range(5, 9)})):
        for number in sorted(number for number in shown if lines[number - 1]):
            offset = pack.offset("a/one.py", number)
            assert pack.place(offset + 1) == Place("a/one.py", number, is_current=True)
            assert lines[number - 1][3:6].encode() in triples.decode(ids_of(pack)[offset : offset + 4])
    with pytest.raises(IndexError, match="line 10 is not among"):
        first.offset("a/one.py", 10)


def test_a_file_in_parts_stands_whole_in_a_pack_of_all_that_goes_on(repo, store, triples):
    whole = Contents(repo.snapshot(), selection=Selection())
    parts = pack_snapshot(
        repo.snapshot(),
        selection=Selection(),
        tokenizer=triples,
        store=store,
        material=Parts(whole, "a/one.py", ((3, 6),)),
    )
    pack = repo.pack(store, onto=parts)
    assert read_pack(b"".join(pack.text()).decode())["a/one.py"] == (repo.path / "a/one.py").read_text()


def test_superseded_lines_are_told_from_current_ones(repo, twice):
    assert _place_of(twice, "ein W") == Place("b.md", 3, is_current=False)
    assert _place_of(twice, "return 6\n") == Place("a/one.py", 20, is_current=False)
    assert _place_of(twice, "# put in") == Place("a/one.py", 21, is_current=True)
    assert _place_of(twice, "return 7\n") == Place("a/one.py", 24, is_current=True)  # one more than it was


def _place_of(pack, words):
    """Where the words stand for the last time."""
    text = text_of(pack)
    return pack.place(_token_at(pack, len(text[: text.rindex(words)].encode()) + 3))


def _token_at(pack, position):
    end = 0
    for number, ids in enumerate(ids_of(pack).tolist()):
        end += ids >> 24
        if end > position:
            return number
    raise AssertionError


def test_what_the_pack_says_of_itself_is_of_no_file(twice):
    assert twice.place(0) == Place("", 0, is_current=False)
    assert twice.place(twice.num_tokens - 1).path == ""


def test_offsets_and_lines_out_of_bounds_are_refused(twice):
    with pytest.raises(IndexError):
        twice.place(twice.num_tokens)
    with pytest.raises(IndexError):
        twice.offset("a/one.py", 10_000)
    with pytest.raises(KeyError):
        twice.offset("b.md", 1)


def test_tokens_that_two_packs_share_are_counted_one_by_one(repo, store):
    before = repo.pack(store)
    repo.write("z.txt", (repo.path / "z.txt").read_text().replace("99 words", "100 words"))
    for pack in (repo.pack(store, onto=before), repo.pack(store)):
        same = [ours == theirs for ours, theirs in zip(ids_of(pack), ids_of(before), strict=False)]
        assert pack.num_shared_tokens(before) == same.index(False)
    assert before.num_shared_tokens(before) == before.num_tokens


def test_tokens_of_files_add_up_with_those_that_are_of_none(repo, store):
    pack = repo.pack(store)
    table = pack.manifest.state["columns"]
    of_none = sum(size for size, path in zip(table["sizes"], table["paths"], strict=True) if not path)
    assert list(pack.file_tokens) == ["a/one.py", "b.md", "empty.txt", "tags.html", "z.txt"]
    assert sum(pack.file_tokens.values()) + of_none == pack.num_tokens


def test_ids_in_an_array_file_are_the_same_pack(twice, tmp_path, triples):
    loaded = Pack.load(saved(twice, tmp_path / "pack.npy"), tokenizer=triples)
    assert loaded == twice
    assert text_of(loaded) == text_of(twice)
    assert ids_of(loaded).tobytes() == ids_of(twice).tobytes()
    assert loaded.file_tokens == twice.file_tokens
    assert loaded.omissions == twice.omissions


def test_a_pack_goes_on_from_an_array_file(repo, twice, tmp_path, triples):
    path = saved(twice, tmp_path / "pack.npy")
    repo.write("b.md", "back\n")
    elsewhere = PackStore(tmp_path / "elsewhere")
    loaded = load_pack(path, tokenizer=triples, store=elsewhere)
    after = repo.pack(elsewhere, onto=loaded)
    path.unlink()
    assert after == repo.pack(PackStore(tmp_path / "cache"), onto=twice)
    assert read_pack(text_of(after))["b.md"] == "back\n"


def test_a_pack_goes_on_from_its_text_alone(repo, twice, tmp_path, triples):
    (tmp_path / "pack.txt").write_bytes(text_of(twice).encode())
    elsewhere = PackStore(tmp_path / "elsewhere")
    loaded = load_pack(tmp_path / "pack.txt", tokenizer=triples, store=elsewhere)
    assert ids_of(loaded).tobytes() == ids_of(twice).tobytes()
    assert loaded.file_tokens == twice.file_tokens
    repo.write("b.md", "back\n")
    after = repo.pack(elsewhere, onto=loaded)
    expected = repo.pack(PackStore(tmp_path / "cache"), onto=twice)
    assert text_of(after) == text_of(expected)
    assert after.manifest.state["columns"]["lives"] == expected.manifest.state["columns"]["lives"]


def test_a_text_of_another_kind_or_that_was_edited_is_refused(twice, tmp_path, triples, store):
    path = tmp_path / "pack.txt"
    text = text_of(twice)
    for wrong, complaint in (
        (b"hello\n", "not a pack"),
        (text.encode() + b"\xff", "not UTF-8"),
        (text.rpartition("<current")[0].encode(), "cut off"),
        (text[:-400].encode(), "pack"),
        (text.replace('path="empty.txt"', "path='empty.txt'").encode(), "not a pack"),
        (text.replace(f'format="{FORMAT}"', f'format="{FORMAT + 1}"', 1).encode(), "newer"),
        (text.replace(f'format="{FORMAT}"', f'format="{FORMAT - 1}"', 1).encode(), "older"),
        (text.replace("the LAST section wins", "the FIRST section wins").encode(), "at its rules section"),
        (text.replace('<deleted path="b.md"/>', '<deleted path="b.md" by="me"/>').encode(), r"at b\.md"),
        ((text + text[text.rindex("<current") :]).encode(), "more than once"),
    ):
        path.write_bytes(wrong)
        with pytest.raises(PackError, match=complaint):
            load_pack(path, tokenizer=triples, store=store)


def test_a_name_may_end_in_capitals(twice, tmp_path, triples, store):
    (tmp_path / "PACK.TXT").write_bytes(text_of(twice).encode())
    assert text_of(load_pack(tmp_path / "PACK.TXT", tokenizer=triples, store=store)) == text_of(twice)


def test_what_does_not_begin_as_a_pack_is_not_read(tmp_path, triples, store):
    with (tmp_path / "large.txt").open("wb") as file:
        file.truncate(2**40)  # more than there is memory
    with pytest.raises(PackError, match=r"large\.txt: not a pack"):
        load_pack(tmp_path / "large.txt", tokenizer=triples, store=store)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path, triples, store):
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(PackError, match=r"pipe\.txt: no file"):
        load_pack(tmp_path / "pipe.txt", tokenizer=triples, store=store)


def test_only_packs_can_be_loaded(tmp_path, triples, store):
    with pytest.raises(PackError, match=r"pack\.md: only \.txt and \.npy"):
        load_pack(tmp_path / "pack.md", tokenizer=triples, store=store)
    with pytest.raises(PackError, match=r"pack\.npy\.manifest\.json"):
        load_pack(tmp_path / "pack.npy", tokenizer=triples, store=store)


@pytest.mark.parametrize(("version", "complaint"), [(PACK_VERSION + 1, "a newer repoask"), (1, "an older repoask")])
def test_another_version_is_told_apart(repo, store, tmp_path, triples, version, complaint):
    path = saved(repo.pack(store), tmp_path / "pack.npy")
    document = json.loads(manifest_beside(path).read_bytes())
    manifest_beside(path).write_text(json.dumps({**document, "repoask pack": version}))
    with pytest.raises(PackError, match=complaint):
        load_pack(path, tokenizer=triples, store=store)


@pytest.mark.parametrize(
    "damage",
    [
        lambda document: document.pop("state"),
        lambda document: document["sizes"].pop(),
        lambda document: document["segments"]["digest"].reverse(),
        lambda document: document["extents"]["ids"]["files"].__setitem__(0, "../pack.npy"),
    ],
)
def test_a_damaged_manifest_is_refused(repo, store, tmp_path, triples, damage):
    for number in range(20):
        repo.write(f"large/{number:02}.txt", f"{number} words of a file\n" * 900)
    path = saved(repo.pack(store), tmp_path / "pack.npy")
    document = json.loads(manifest_beside(path).read_bytes())
    damage(document)
    manifest_beside(path).write_bytes(with_checksum(document))
    with pytest.raises(PackError, match="damaged"):
        load_pack(path, tokenizer=triples, store=store)


def values_in(document, at=()):
    """The way to each value of a JSON document."""
    inside = {dict: dict.items, list: enumerate}.get(type(document))
    for key, value in inside(document) if inside else ():
        yield (*at, key)
        yield from values_in(value, (*at, key))


def put(document, at, value):
    *way, last = at
    for key in way:
        document = document[key]
    document[last] = value


def test_a_manifest_that_was_crafted_is_told_or_does_no_harm(twice, repo, tmp_path, triples):
    path = saved(twice, tmp_path / "pack.npy")
    whole = manifest_beside(path).read_bytes()
    repo.write("a/one.py", (repo.path / "a/one.py").read_text().replace("return 5", "return five"))
    (repo.path / "z.txt").rename(repo.path / "renamed.txt")
    places = [at for at in values_in(json.loads(whole)) if at[0] not in ("repoask pack", "crc")]
    values = [None, -1, 3, 10**9, 10**25, 1.5, True, "x", "a\0b\0", [], {}, [[1, 2, 3, 4]]]
    told = 0
    for number, (at, value) in enumerate(random.Random(4).sample(list(product(places, values)), 300)):
        document = json.loads(whole)
        put(document, at, value)
        manifest_beside(path).write_bytes(with_checksum(document))
        store = PackStore(tmp_path / str(number))
        try:
            text_of(repo.pack(store, onto=load_pack(path, tokenizer=triples, store=store)))
        except RepoaskError:
            told += 1
    assert told > 200


def test_a_manifest_with_its_right_checksum_is_read(repo, store, tmp_path, triples):
    path = saved(repo.pack(store), tmp_path / "pack.npy")
    document = json.loads(manifest_beside(path).read_bytes())
    assert with_checksum(document) == manifest_beside(path).read_bytes()
    load_pack(path, tokenizer=triples, store=store)


def test_a_manifest_that_was_edited_is_refused(twice, store, tmp_path, triples):
    # each number alone would lead to text that is not there
    path = saved(twice, tmp_path / "pack.npy")
    whole = manifest_beside(path).read_bytes()
    for name in ("lives", "num_lines", "sizes", "hunks", "unpackable", "exact"):
        at = whole.index(f'"{name}":'.encode()) + len(name) + 5
        manifest_beside(path).write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(PackError, match="damaged"):
            load_pack(path, tokenizer=triples, store=store)


def test_ids_that_are_not_those_of_the_manifest_are_refused(repo, store, tmp_path, triples):
    path = saved(repo.pack(store), tmp_path / "pack.npy")
    data = path.read_bytes()
    path.write_bytes(data[:-4])
    with pytest.raises(PackError, match="not the ids"):
        load_pack(path, tokenizer=triples, store=store)
    path.write_bytes(data[:-4] + b"abcd")
    with pytest.raises(PackError, match="damaged"):
        ids_of(load_pack(path, tokenizer=triples, store=store))


def test_ids_of_another_tokenizer_are_not_read(twice, tmp_path, other_tokenizer):
    loaded = Pack.load(saved(twice, tmp_path / "pack.npy"), tokenizer=other_tokenizer)
    with pytest.raises(PackError, match="its ids are of triples"):
        text_of(loaded)


def test_a_pack_without_ids_has_no_array_file(repo, store, tmp_path, estimate):
    pack = repo.pack(store, tokenizer=estimate)
    with pytest.raises(PackError, match="--tokenizer"):
        pack.write(tmp_path / "pack.npy", num_bytes=0)


def test_places_of_an_estimate_are_near(repo, store, estimate):
    pack = repo.pack(store, tokenizer=estimate)
    assert pack.place(pack.offset("a/one.py", 60)).path == "a/one.py"
    assert abs(pack.place(pack.offset("a/one.py", 60)).line - 60) <= 2


def test_manifests_come_back_as_they_were(twice):
    from repoask.context.pack.manifest import read_manifest

    manifest = read_manifest(twice.folder / f"{twice.manifest.key}.json")
    assert replace(manifest, state={}) == replace(twice.manifest, state={})
    assert manifest.state["columns"] == twice.manifest.state["columns"]
