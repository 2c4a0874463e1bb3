"""Why a server ended, as lines of vLLM 0.32's own logs tell it."""

from pathlib import Path

import pytest
from repoask.service.engine.vllm.failure import cause_of

_TOO_LONG = """\
(APIServer pid=7) INFO 11-26 11:57:17 [api_utils.py:286] non-default args: {'port': 8123}
(EngineCore pid=8) ERROR 11-26 11:58:07 [core.py:1201] EngineCore failed to start.
(EngineCore pid=8) ERROR 11-26 11:58:07 [core.py:1201] Traceback (most recent call last):
(EngineCore pid=8) ERROR 11-26 11:58:07 [core.py:1201] ValueError: To serve one request, 9 GiB KV cache is needed.
(APIServer pid=7) Traceback (most recent call last):
(APIServer pid=7) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}
"""
_USAGE = "usage: api_server.py [-h]\napi_server.py: error: unrecognized arguments: --no-such-flag\n"


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        (_TOO_LONG, "ValueError: To serve one request, 9 GiB KV cache is needed."),
        (_USAGE, "api_server.py: error: unrecognized arguments: --no-such-flag"),
        ("RuntimeError: Engine core initialization failed.\n", "RuntimeError: Engine core initialization failed."),
        ("starting\nSegmentation fault\n\n", "Segmentation fault"),
        (
            "huggingface_hub.errors.GatedRepoError: 401\tUnauthorized\n",
            "huggingface_hub.errors.GatedRepoError: 401 Unauthorized",
        ),
        ("", ""),
    ],
)
def test_the_cause_is_the_last_error_that_is_told_first_hand(tmp_path: Path, log: str, cause: str) -> None:
    file = tmp_path / "server.log"
    file.write_text(log)
    assert cause_of(file) == cause


def test_a_cause_is_one_line_of_bounded_length_however_large_the_log(tmp_path: Path) -> None:
    file = tmp_path / "server.log"
    file.write_text("x" * 1_000_000 + "\nOSError: " + "y" * 10_000)
    assert cause_of(file) == "OSError: " + "y" * 391


def test_a_log_that_is_not_there_has_no_cause(tmp_path: Path) -> None:
    assert cause_of(tmp_path / "server.log") == ""
