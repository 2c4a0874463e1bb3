"""Which files are packs: by their ending and how they begin."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from repoask.context.pack.exports.forms import Form, check_output, form_of, without_exports
from repoask.errors import InputError
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Omission, Reason, Snapshot

OPENINGS = {
    "old.txt": '<rules format="1">\n',
    "old.md": "<!-- Packed by repoask. -->\n",
    "old.xml": '<?xml version="1.0" encoding="UTF-8"?>\n<!-- Packed by repoask. -->\n',
    "old.json": '{"packed_by": "repoask", ',
    "old.npy.manifest.json": '{"repoask pack":1',
    "old.svg": "<!-- Drawn by repoask. -->\n",
}
OTHERS = {"mine.txt": "<rules>", "mine.md": "# Mine\n", "mine.json": "{}", "mine.svg": "<svg/>", "mine.py": ""}


@pytest.fixture
def snapshot(tmp_path: Path) -> Callable[..., Snapshot]:
    def take(files: dict[str, str], *, committed: bool = False) -> Snapshot:
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        if committed:
            for words in (
                ["init", "-q"],
                ["add", "-A"],
                ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm1"],
            ):
                subprocess.run(["git", *words], cwd=tmp_path, check=True)
        return take_snapshot(open_source(tmp_path, clones=tmp_path / "clones"))

    return take


def test_packs_of_before_are_left_out_and_told(snapshot: Callable[..., Snapshot]) -> None:
    left = without_exports(snapshot(OPENINGS | OTHERS))
    assert {entry.path for entry in left.entries} == OTHERS.keys()
    assert set(left.omissions) == {Omission(name, Reason.GENERATED) for name in OPENINGS}


def test_what_is_to_be_written_is_no_part_of_the_snapshot(snapshot: Callable[..., Snapshot], tmp_path: Path) -> None:
    taken = snapshot(OTHERS)
    left = without_exports(taken, [tmp_path / "mine.md", tmp_path.parent / "elsewhere.md"])
    assert {entry.path for entry in left.entries} == OTHERS.keys() - {"mine.md"}
    assert left.omissions == taken.omissions


def test_what_a_killed_run_left_half_written_is_left_out(snapshot: Callable[..., Snapshot], tmp_path: Path) -> None:
    half = {f".{name}.0123abcd.tmp": text for name, text in OPENINGS.items()} | {".new.txt.89abcdef.tmp": ""}
    others = {".notes.txt.0123abcd.tmp": "mine", ".old.txt.tmp": OPENINGS["old.txt"], ".a.py.0123abcd.tmp": ""}
    left = without_exports(snapshot(half | others), [tmp_path / "new.txt"])
    assert {entry.path for entry in left.entries} == others.keys()
    assert {omission.path for omission in left.omissions} == half.keys() - {".new.txt.89abcdef.tmp"}


def test_a_pack_that_git_has_committed_stays(snapshot: Callable[..., Snapshot], tmp_path: Path) -> None:
    taken = snapshot(OPENINGS, committed=True)
    assert without_exports(taken) is taken
    (tmp_path / "new.md").write_text(OPENINGS["old.md"])
    changed = without_exports(take_snapshot(taken.source))
    assert changed.entries == taken.entries
    assert changed.dirty == ()


@pytest.mark.parametrize(
    ("name", "form"), [("a.txt", Form.TEXT), ("b.c/a.MD", Form.MARKDOWN), ("a.b.npy", Form.IDS), ("x.xml", Form.XML)]
)
def test_the_ending_tells_the_form(name: str, form: Form) -> None:
    assert form_of(Path(name)) is form


@pytest.mark.parametrize("name", ["a", "a.", ".txt", "a.svg", "a.txt.gz", "a.\udcff"])
def test_any_other_ending_is_refused_with_those_that_are_known(name: str) -> None:
    with pytest.raises(InputError, match=r"end it in \.txt, \.md, \.xml, \.json or \.npy"):
        form_of(Path(name))


def test_ids_without_their_manifest_may_be_anybodys_and_stay(tmp_path: Path) -> None:
    file = tmp_path / "data.npy"
    file.write_bytes(b"\x93NUMPY\x01\x00")
    with pytest.raises(InputError, match="no pack of repoask"):
        check_output(file, Form.IDS)
    (tmp_path / "data.npy.manifest.json").write_text(OPENINGS["old.npy.manifest.json"])
    assert check_output(file, Form.IDS) == file
