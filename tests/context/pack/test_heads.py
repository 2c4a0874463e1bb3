from pathlib import Path

from repoask.context.pack.heads import Heads
from repoask.context.pack.tokenizers.estimate import EstimatingCounter

COUNTER = EstimatingCounter()
KEY, OTHER = "a" * 40, "b" * 40


def test_the_last_pack_of_a_snapshot_is_found(tmp_path: Path) -> None:
    heads = Heads(tmp_path / "heads")
    assert heads.find("one", tokenizer=COUNTER) is None
    heads.keep(KEY, "one", tokenizer=COUNTER)
    heads.keep(OTHER, "one", tokenizer=COUNTER, max_tokens=1000)
    assert heads.find("one", tokenizer=COUNTER) == KEY
    assert heads.find("one", tokenizer=COUNTER, max_tokens=1000) == OTHER
    assert heads.find("two", tokenizer=COUNTER) is None
    heads.keep(OTHER, "one", tokenizer=COUNTER)
    assert heads.find("one", tokenizer=COUNTER) == OTHER


def test_what_is_damaged_is_none(tmp_path: Path) -> None:
    heads = Heads(tmp_path)
    heads.keep(KEY, "one", tokenizer=COUNTER)
    (file,) = tmp_path.iterdir()
    for content in (b"", b"../../etc/passwd", b"\xff" * 40):
        file.write_bytes(content)
        assert heads.find("one", tokenizer=COUNTER) is None


def test_the_oldest_go_where_there_are_many(tmp_path: Path) -> None:
    heads = Heads(tmp_path)
    for number in range(300):
        heads.keep(KEY, str(number), tokenizer=COUNTER)
    assert len(list(tmp_path.iterdir())) == 256
    assert heads.find("299", tokenizer=COUNTER) == KEY


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    heads = Heads(tmp_path / "file" / "heads")
    heads.keep(KEY, "one", tokenizer=COUNTER)
    assert heads.find("one", tokenizer=COUNTER) is None
