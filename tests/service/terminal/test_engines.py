"""What of the settings becomes an engine or an embedder, and what is said before anything is sent."""

from pathlib import Path
from typing import Any

import pytest
from repoask.config import Configuration, Folders, load
from repoask.errors import ConfigError, EngineError, EngineReplyError, EngineUnreachableError
from repoask.service.terminal.engines import announcer, guard_connections, model_announcer, named_embedder, named_engine


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "config.toml", tmp_path / "cache", tmp_path / "state", tmp_path / "data")


def configured(folders: Folders, **flags: Any) -> Configuration:
    return load(flags=flags, environ={"REPOASK_API_KEY": "k"}, folders=folders)


def test_only_a_named_server_makes_an_engine(folders: Folders) -> None:
    assert named_engine(configured(folders)) is None
    engine = named_engine(configured(folders, base_url="http://127.0.0.1:8000/v1", model="llama"))
    assert engine is not None
    assert (engine.info.model, engine.info.base_url) == ("llama", "http://127.0.0.1:8000/v1")
    with pytest.raises(ConfigError, match="no server is named; add --base-url"):
        named_engine(configured(folders, model="llama"))


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/v1", "http://[::1/v1", "http://"])
def test_a_url_that_is_none_is_told(folders: Folders, url: str) -> None:
    with pytest.raises(ConfigError, match=r"--base-url wants http\(s\)://HOST"):
        guard_connections(configured(folders, base_url=url, offline=True))
    with pytest.raises(ConfigError, match=r"wants http\(s\)://HOST"):
        named_embedder(configured(folders, embedder=f"{url}#m"))


def test_the_learned_embedder_needs_no_server(folders: Folders) -> None:
    assert named_embedder(configured(folders)) is None


def test_each_use_of_an_endpoint_is_told_once(folders: Folders, capsys: pytest.CaptureFixture[str]) -> None:
    for what in ("lines", "files", "lines"):
        with announcer(configured(folders), what)("https://host.example/v1", 1234):
            pass
    assert capsys.readouterr().err.splitlines() == [
        "repoask: first use of host.example: it will be sent 1,234 bytes, lines",
        "repoask: first use of host.example: it will be sent 1,234 bytes, files",
    ]


def test_each_server_of_a_model_that_is_elsewhere_is_told(folders: Folders, capsys: pytest.CaptureFixture[str]) -> None:
    servers = {"base_url": "http://127.0.0.1:8000/v1", "replica": ("https://one.example/v1", "https://two.example/v1")}
    for _ in range(2):
        with model_announcer(configured(folders, **servers), "lines")("http://127.0.0.1:8000/v1", 7):
            pass
    assert capsys.readouterr().err.splitlines() == [
        "repoask: first use of one.example: it will be sent 7 bytes, lines",
        "repoask: first use of two.example: it will be sent 7 bytes, lines",
    ]


@pytest.mark.parametrize(("error", "times"), [(EngineUnreachableError, 2), (EngineReplyError, 1)])
def test_an_endpoint_that_was_not_reached_is_told_again(
    folders: Folders, capsys: pytest.CaptureFixture[str], error: type[EngineError], times: int
) -> None:
    for _ in range(2):
        with pytest.raises(error), announcer(configured(folders), "lines")("https://host.example/v1", 1234):
            raise error("no")
    assert capsys.readouterr().err.count("first use of host.example") == times
