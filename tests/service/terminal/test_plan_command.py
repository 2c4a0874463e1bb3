"""`repoask plan` as a process, over real repositories."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from repoask.service.planning.plan import Plan
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

Repoask = Callable[..., subprocess.CompletedProcess[str]]
Terminal = Callable[..., tuple[int, str]]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    (folder / "app.py").write_text("def answer():\n    return 42\n" * 200)
    (folder / "notes.md").write_text("# Notes\n" * 100)
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    git = ("git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@t")
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)
    return folder


def read(result: subprocess.CompletedProcess[str]) -> Plan:
    return TypeAdapter(Plan).validate_json(result.stdout)


def one_line(result: subprocess.CompletedProcess[str]) -> str:
    assert result.stderr.count("\n") == 1, result.stderr
    return result.stderr.removeprefix("repoask: ").rstrip("\n")


def test_the_verdict_is_first_then_the_tables_then_the_command(repoask: Repoask, repo: Path) -> None:
    result = repoask("plan", str(repo), "--gpus", "8xH100", "--model", "scout")
    assert (result.returncode, result.stderr) == (0, "")
    verdict, *_ = blocks = result.stdout.split("\n\n")
    assert verdict.startswith("Fits: a pack of ")
    assert "KV a token" in blocks[2]
    assert "44 s" in blocks[3]
    assert blocks[-2].startswith("Recommended: ")
    assert (
        "\n  vllm serve meta-llama/Llama-4-Scout-17B-16E-Instruct \\\n    --tensor-parallel-size 8 \\\n" in blocks[-1]
    )
    assert "(estimate" in result.stdout
    assert ": about " in result.stdout


def test_the_command_may_be_pasted_into_a_shell(repoask: Repoask) -> None:
    pasted = repoask("plan", "--gpus", "8xH100").stdout.partition("yourself all the same:\n")[2]
    words = subprocess.run(
        ["sh", "-c", f'vllm() {{ printf "%s\\n" vllm "$@"; }}\n{pasted}'], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert tuple(words) == read(repoask("plan", "--gpus", "8xH100", "--json")).command


def test_json_is_the_documented_plan(repoask: Repoask, repo: Path) -> None:
    result = repoask("plan", str(repo), "--gpus", "2xH100", "--json", "--tokens-per-day", "1M")
    told = read(result)
    assert json.loads(result.stdout)["schema_version"] == 1
    assert result.stdout.isascii()
    assert told.pack is not None
    assert (told.pack.files, told.pack.exact) == (2, False)
    assert 1_000 < told.pack.tokens < 5_000
    assert told.choice.fits
    assert all(cost.dollars_per_day is not None for cost in told.hosted)


def test_a_tokenizer_counts_the_pack_that_repoask_pack_makes(repoask: Repoask, repo: Path, tmp_path: Path) -> None:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    each_byte = Tokenizer(models.BPE(vocab={sign: number for number, sign in enumerate(alphabet)}, merges=[]))
    each_byte.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    each_byte.decoder = decoders.ByteLevel()
    each_byte.save(str(tmp_path / "tokenizer.json"))
    named = ("--tokenizer", str(tmp_path / "tokenizer.json"))
    told = read(repoask("plan", str(repo), "--gpus", "H100", "--json", *named)).pack
    packed = repoask("pack", str(repo), *named)
    assert packed.returncode == 0
    assert told is not None
    assert (told.tokens, told.exact) == (len(packed.stdout.encode()), True)  # a token a byte


def test_a_table_of_ones_own_is_a_flag_or_a_setting(repoask: Repoask, repo: Path, tmp_path: Path) -> None:
    row = {"provider": "Mine", "model": "scout", "input_per_million": 1, "output_per_million": 1}
    table = tmp_path / "mine.json"
    table.write_text(json.dumps({"hosted": [row | {"date": "2026-11", "source": "a quote"}]}))
    set_to = {"REPOASK_PRICES": str(table)}
    for path in ([], [str(repo)]):
        words = ("plan", *path, "--gpus", "8xH100", "--json")
        flagged, configured = repoask(*words, "--prices", str(table)), repoask(*words, env=set_to)
        assert [cost.provider for cost in read(configured).hosted] == ["Mine"]
        assert configured.stdout == flagged.stdout
    gone = repoask("plan", "--gpus", "8xH100", "--prices", "gone.json", env=set_to)
    assert (gone.returncode, "gone.json" in one_line(gone)) == (2, True)


def test_what_does_not_fit_is_exit_1_with_the_arithmetic(repoask: Repoask) -> None:
    result = repoask("plan", "--gpus", "1xH100", "--weights", "bf16")
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.startswith("Does not fit: Llama 4 Scout with bf16 weights")
    assert "108.6B parameters x 2 bytes = 217 GB" in " ".join(result.stdout.split())
    assert "vllm serve" not in result.stdout


def test_the_pack_is_that_of_the_files_that_are_wanted(repoask: Repoask, repo: Path) -> None:
    whole = read(repoask("plan", str(repo), "--gpus", "H100", "--json")).pack
    part = read(repoask("plan", str(repo), "--gpus", "H100", "--json", "--include", "*.md")).pack
    old = read(repoask("plan", str(repo), "--gpus", "H100", "--json", "--rev", "HEAD")).pack
    assert whole is not None
    assert part is not None
    assert (part.files, part.tokens < whole.tokens) == (1, True)
    assert old == whole


def test_the_same_repository_gives_the_same_bytes(repoask: Repoask, repo: Path) -> None:
    words = ("plan", str(repo), "--gpus", "8xH100")
    assert repoask(*words).stdout == repoask(*words).stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--gpus", "8xH10O"], "H10O: no GPU that is known; did you mean H100?"),
        (["--gpus", ""], "no GPU that is known"),
        (["--gpus", "0xH100"], "from 1 to 1,024 GPUs"),
        (["--model", "behemoth"], "is not public"),
        (["--model", "scoot"], "did you mean scout?"),
        (["--model", "gone/config.json"], "gone/config.json: cannot be read"),
        (["--model", "bad"], "bad/config.json: hidden_size: "),
        (["--model", "\x1b[31m"], "no model that is known"),
        (["--weights", "fp4"], "--weights"),
        (["--tokens-per-day", "0"], "--tokens-per-day"),
        (["--tokens-per-day", "nan"], "--tokens-per-day"),
        (["--questions-per-day", "many"], "--questions-per-day"),
        (["--gpu-price", "nan"], "--gpu-price"),
        (["--gpu-price", "inf"], "--gpu-price"),
        (["--gpu-price", "-1"], "--gpu-price"),
        (["--tokens-per-day", "1", "--questions-per-day", "1"], "not both"),
        (["--prices", "gone.json"], "gone.json: cannot be read"),
        (["--prices", "bad/config.json"], "bad/config.json: model_type"),
        (["--rev", "HEAD"], "give its PATH"),
        (["repo", "--rev", "nope"], "nope"),
        (["repo", "--tokenizer", "gone"], "gone"),
        (["missing"], "missing"),
        (["repo", "more"], "more"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    repoask: Repoask, repo: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/config.json").write_text('{"model_type": "x"}')
    result = repoask("plan", *words)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in one_line(result)
    assert "\x1b" not in result.stderr


def test_a_model_s_folder_cannot_write_to_the_terminal(repoask: Repoask, tmp_path: Path) -> None:
    folder = tmp_path / "evil\x1b[2J\n$(touch gone)"
    folder.mkdir()
    sizes = {"hidden_size": 64, "intermediate_size": 64, "num_attention_heads": 4, "num_hidden_layers": 2}
    (folder / "config.json").write_text(json.dumps(sizes | {"vocab_size": 100, "max_position_embeddings": 4096}))
    result = repoask("plan", "--model", str(folder), "--gpus", "H100")
    assert result.returncode == 0
    assert "\x1b" not in result.stdout
    assert "␛" in result.stdout


def test_an_empty_folder_has_a_pack_too(repoask: Repoask, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    told = read(repoask("plan", "empty", "--gpus", "H100", "--json"))
    assert told.pack is not None
    assert told.pack.files == 0


def test_a_terminal_gets_colours_and_the_same_words(
    python_at_a_terminal: Terminal, home: dict[str, str], repoask: Repoask
) -> None:
    words = ("plan", "--gpus", "8xH100")
    code, seen = python_at_a_terminal(home, "-m", "repoask", *words)
    assert code == 0
    assert re.sub(r"\x1b\[[0-9;]*m", "", seen).replace("\r\n", "\n") == repoask(*words).stdout
    assert seen.startswith("\x1b[1m")
