"""The way from a snapshot to a view, over real repositories and a real LanceDB."""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from repoask.context.index import indexer
from repoask.context.index.flat_records import Embedded, flatten
from repoask.context.index.index import View, open_view
from repoask.context.index.keys import content_key
from repoask.context.index.layout import LAYOUT_VERSION
from repoask.context.index.spool import Spool
from repoask.context.index.store import Store
from repoask.context.index.variant import Variant
from repoask.errors import IndexStoreError
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Selection

_IDENTITY = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *_IDENTITY, *words], cwd=folder, check=True, capture_output=True)


def write(repository: Path, path: str, text: str) -> None:
    target = repository / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def module(number: int) -> str:
    return (
        f"import os\n\n\ndef load_{number}(path):\n    '''Reads item {number}.'''\n    return os.stat(path)\n\n\n"
        f"class Keeper{number}:\n    def keep(self, item):\n        return load_{number}(item)\n"
    )


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for number in range(12):
        write(folder, f"src/part{number}.py", module(number))
    write(folder, "README.md", "# Keepers\n\nWhat keeps things.\n")
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


@pytest.fixture
def folder(tmp_path):
    """Of the index. Its tables have a folder, so that LanceDB runs in this process: a new store takes 2 s a test."""
    folder = tmp_path / "index"
    (folder / "lance" / "none").mkdir(parents=True)
    (folder / "layout.json").write_text(json.dumps({"layout": LAYOUT_VERSION}))
    return folder


def ask_view(repository: Path, folder: Path, *, selection: Selection | None = None, **options) -> View:
    selection = selection or Selection()
    source = open_source(repository, clones=folder.parent / "clones")
    return open_view(take_snapshot(source, selection=selection), folder=folder, selection=selection, **options)


def live_texts(view: View) -> dict[str, str]:
    paths = [
        path
        for part in view.segments
        for path, live in zip(part.segment.paths, part.live.tolist(), strict=True)
        if live
    ]
    assert len(paths) == len(set(paths))
    return {path: view.text(path) or "" for path in paths}


def on_disk(repository: Path) -> dict[str, str]:
    files = [path for path in repository.rglob("*") if path.is_file() and ".git" not in path.parts]
    texts = {path: path.read_bytes() for path in files if path.suffix != ".png"}
    return {path.relative_to(repository).as_posix(): data.decode().removesuffix("\n") for path, data in texts.items()}


def test_a_view_holds_every_text_file_as_it_lies(repository, folder):
    view = ask_view(repository, folder)
    assert live_texts(view) == on_disk(repository)
    assert view.text("logo.png") is None
    assert view.report.route == "built"
    assert view.report.files == view.report.files_read - 1 == 13
    assert view.report.omitted == {"binary": 1}


def test_the_second_question_reads_nothing_and_loads_no_lancedb(repository, folder):
    ask_view(repository, folder)
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from repoask.context.index.index import open_view\nfrom repoask.ingest.snapshot import take_snapshot\n"
        "from repoask.ingest.sources import open_source\nfrom repoask.ingest.types import Selection\n"
        "source = open_source(sys.argv[1], clones=Path('clones'))\n"
        "view = open_view(take_snapshot(source), folder=Path(sys.argv[2]), selection=Selection())\n"
        "heavy = {'lancedb', 'pyarrow', 'openai', 'multiprocessing'} & set(sys.modules)\n"
        "print(view.report.route, view.report.files_read, sorted(heavy))\n"
    )
    command = [sys.executable, "-c", program, str(repository), str(folder)]
    output = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder.parent).stdout
    assert output == "warm 0 []\n"


def test_an_edited_a_new_and_a_deleted_file_are_laid_over(repository, folder):
    ask_view(repository, folder)
    write(repository, "src/part1.py", "def changed():\n    return 'zebra'\n")
    write(repository, "src/new.py", "def brand_new():\n    pass\n")
    (repository / "src/part2.py").unlink()
    view = ask_view(repository, folder)
    assert live_texts(view) == on_disk(repository)
    assert view.report.route == "overlay"
    assert view.report.files_read == 2
    assert view.report.files == 13
    again = ask_view(repository, folder)
    assert live_texts(again) == on_disk(repository)
    assert again.report.files_read == 0


def test_an_overlay_and_a_new_image_hold_the_same(repository, folder, tmp_path):
    ask_view(repository, folder)
    write(repository, "src/part1.py", "def changed():\n    return 'zebra'\n")
    overlay = ask_view(repository, folder)
    shutil.rmtree(folder / "images")
    built = ask_view(repository, folder)
    assert (overlay.report.route, built.report.route) == ("overlay", "built")
    assert built.report.files_read == 0, "the log was moved into the store"
    assert live_texts(overlay) == live_texts(built)


def test_a_branch_costs_its_difference_only(repository, folder):
    ask_view(repository, folder)
    git(repository, "checkout", "-q", "-b", "wide")
    for number in range(70):
        write(repository, f"wide/part{number}.py", module(100 + number))
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "wide")
    wide = ask_view(repository, folder)
    assert (wide.report.route, wide.report.files_read) == ("built", 70)
    assert live_texts(wide) == on_disk(repository)
    git(repository, "checkout", "-q", "main")
    assert ask_view(repository, folder).report.route == "warm"


def test_a_narrower_selection_masks_the_image_that_is_there(repository, folder):
    ask_view(repository, folder)
    view = ask_view(repository, folder, selection=Selection(include=("*.md",)))
    assert list(live_texts(view)) == ["README.md"]
    assert (view.report.route, view.report.files, view.report.files_read) == ("overlay", 1, 0)


def test_secrets_are_in_no_file_of_the_index(repository, folder):
    key = "AKIA" + "Z7QJ3M5XK2WV4T6B"
    write(
        repository,
        "src/keys.py",
        f"AWS_ID = '{key}'\nAWS_KEY = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzR8sT2vQ9u'\nplain = 1\n",
    )
    view = ask_view(repository, folder)
    assert view.report.withheld_lines >= 1
    assert "plain = 1" in (view.text("src/keys.py") or "")
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert key.encode() not in stored
    open_view_with = ask_view(repository, folder, selection=Selection(allow_secrets=True))
    assert key in (open_view_with.text("src/keys.py") or "")


def test_two_paths_with_the_same_bytes_are_both_there(repository, folder):
    write(repository, "copy/part0.py", module(0))
    view = ask_view(repository, folder)
    assert view.text("copy/part0.py") == view.text("src/part0.py") == module(0).removesuffix("\n")
    assert view.report.files == 14


def test_a_file_that_vanishes_after_the_listing_is_counted(repository, folder):
    write(repository, "src/late.py", "x = 1\n")
    source = open_source(repository, clones=folder.parent / "clones")
    snapshot = take_snapshot(source)
    (repository / "src/late.py").unlink()
    view = open_view(snapshot, folder=folder, selection=Selection())
    assert view.text("src/late.py") is None
    assert view.report.omitted == {"binary": 1, "unreadable": 1}


def test_an_empty_repository_gives_an_empty_view(tmp_path, folder):
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    view = ask_view(empty, folder)
    assert (live_texts(view), view.report.files) == ({}, 0)
    assert ask_view(empty, folder).report.route == "warm"


def test_a_newer_layout_is_refused_untouched(repository, folder):
    ask_view(repository, folder)
    (folder / "layout.json").write_text(json.dumps({"layout": LAYOUT_VERSION + 1}))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(IndexStoreError, match="newer repoask"):
        ask_view(repository, folder)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("stamp", [json.dumps({"layout": LAYOUT_VERSION - 1}), "not json", "[]", None])
def test_an_older_or_damaged_layout_is_built_anew(repository, folder, stamp, caplog):
    ask_view(repository, folder)
    if stamp is None:
        (folder / "layout.json").unlink()
    else:
        (folder / "layout.json").write_text(stamp)
    (folder / "images" / "left.over").write_text("of the old layout")
    caplog.clear()
    view = ask_view(repository, folder)
    assert (view.report.route, view.report.files_read) == ("built", 14)
    assert live_texts(view) == on_disk(repository)
    assert not (folder / "images" / "left.over").exists()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


@pytest.mark.parametrize("damage", ["images", "lance", "everything"])
def test_damaged_files_are_made_anew(repository, folder, damage):
    ask_view(repository, folder)
    for path in folder.rglob("*"):
        if path.is_file() and (damage in path.parts or damage == "everything") and path.suffix != ".lock":
            path.write_bytes(b"damaged")
    if damage == "lance":
        shutil.rmtree(folder / "images")
    view = ask_view(repository, folder)
    assert live_texts(view) == on_disk(repository)
    assert ask_view(repository, folder).report.route == "warm"


@pytest.mark.parametrize("part", ["images", "log", "lance"])
def test_a_file_in_a_folders_place_gives_way(repository, folder, part):
    ask_view(repository, folder)
    shutil.rmtree(folder / part, ignore_errors=True)
    (folder / part).write_text("not ours")
    assert live_texts(ask_view(repository, folder)) == on_disk(repository)
    assert ask_view(repository, folder).report.route == "warm"


@pytest.mark.parametrize("name", ["layout.json", "images/*.img"])
def test_a_folder_in_a_files_place_gives_way(repository, folder, name):
    ask_view(repository, folder)
    for path in list(folder.glob(name)):
        path.unlink()
        path.mkdir()
    assert live_texts(ask_view(repository, folder)) == on_disk(repository)
    assert ask_view(repository, folder).report.route == "warm"


@pytest.mark.parametrize("content", [b"", b"garbage"])
def test_damaged_manifests_are_made_anew_at_once(repository, folder, content):
    ask_view(repository, folder)
    shutil.rmtree(folder / "images")
    manifests = list((folder / "lance").rglob("*.manifest"))
    assert manifests
    for path in manifests:
        path.write_bytes(content)
    assert live_texts(ask_view(repository, folder)) == on_disk(repository)


def test_a_folder_that_cannot_be_made_is_one_clear_line(repository, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(IndexStoreError, match="--index-dir") as raised:
        ask_view(repository, tmp_path / "taken" / "index")
    assert "\n" not in str(raised.value)


_INDEX = (
    "import sys\nfrom pathlib import Path\n"
    "from repoask.context.index.index import open_view\nfrom repoask.ingest.snapshot import take_snapshot\n"
    "from repoask.ingest.sources import open_source\nfrom repoask.ingest.types import Selection\n"
    "def main():\n"
    "    source = open_source(sys.argv[1], clones=Path(sys.argv[2]).parent / 'clones')\n"
    "    told = []\n"
    "    view = open_view(take_snapshot(source), folder=Path(sys.argv[2]), selection=Selection(),\n"
    "                     progress=lambda stage, done, total: told.append(stage))\n"
    "    print(view.report.route, view.report.files, 'another' in ' '.join(told))\n"
    "if __name__ == '__main__':\n"
    "    main()\n"
)


@pytest.fixture
def start(tmp_path):
    """Starts a process that indexes."""
    program = tmp_path / "index_it.py"
    program.write_text(_INDEX)

    def begin(repository: Path, folder: Path) -> subprocess.Popen[str]:
        command = [sys.executable, str(program), str(repository), str(folder)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return begin


def children_of(process: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True).stdout
    return [int(line) for line in listed.split()]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_run_leaves_no_process_and_the_next_one_completes_it(repository, tmp_path, start):
    for number in range(200):
        write(repository, f"many/part{number}.py", "\n".join(module(number) for _ in range(5)))
    folder = tmp_path / "fresh"
    process = start(repository, folder)
    while not list(folder.glob("lance/none/*/data/*")):  # the first write is under way
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    workers = children_of(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert workers
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    view = ask_view(repository, folder)
    assert live_texts(view) == on_disk(repository)
    assert ask_view(repository, folder).report.route == "warm"


def test_what_a_killed_run_had_read_is_not_read_again(repository, tmp_path):
    folder = tmp_path / "fresh"
    ask_view(repository, folder)
    variant = Variant.of(folder, selection=Selection(), embedder=None)
    entries = take_snapshot(open_source(repository, clones=tmp_path)).entries
    keys = [content_key(entry, transform=variant.transform) for entry in entries]
    stored = list(Store(variant.store_folder, dimensions=0).read(keys))
    for part in ("lance", "images"):
        shutil.rmtree(folder / part)
    # as it is when the process dies before the tables are made, or while they are filled
    for file in stored[:5]:
        Spool(variant.spool_folder).add([Embedded([file.key], flatten([file.record]), file.vectors)])
    view = ask_view(repository, folder)
    assert (view.report.files_read, live_texts(view)) == (len(entries) - 5, on_disk(repository))
    assert not variant.spool_folder.exists()


def test_a_large_source_is_stored_as_it_lies(repository, tmp_path):
    for number in range(60):
        write(repository, f"notes/n{number}.txt", f"note {number} keeps its words together\n" * 3_000)
    folder = tmp_path / "fresh"
    assert sum(map(len, on_disk(repository).values())) > indexer._SMALL_BYTES
    view = ask_view(repository, folder)
    assert live_texts(view) == on_disk(repository)
    assert not list(folder.glob("spool/*"))
    # the image came from what was read; one made from the tables says the same
    shutil.rmtree(folder / "images")
    rebuilt = ask_view(repository, folder)
    assert (rebuilt.report.files_read, live_texts(rebuilt)) == (0, on_disk(repository))
    for name, array in vars(view.segments[0].segment).items():
        other = getattr(rebuilt.segments[0].segment, name)
        assert np.array_equal(array, other) if isinstance(array, np.ndarray) else True, name


def test_two_processes_at_once_make_one_index(repository, tmp_path, start):
    folder = tmp_path / "fresh"
    processes = [start(repository, folder) for _ in range(2)]
    outputs = []
    for process in processes:
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        outputs.append(output.split())
    routes = sorted(route for route, *_ in outputs)
    assert routes == ["built", "warm"], outputs
    assert {files for _, files, _ in outputs} == {"13"}
    shutil.rmtree(folder / "images")
    rebuilt = ask_view(repository, folder)
    assert (rebuilt.report.files_read, live_texts(rebuilt)) == (0, on_disk(repository))


def test_ctrl_c_leaves_an_index_that_the_next_run_completes(repository, tmp_path, start):
    folder = tmp_path / "fresh"
    process = start(repository, folder)
    while not (folder / "layout.json").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in errors
    assert live_texts(ask_view(repository, folder)) == on_disk(repository)
