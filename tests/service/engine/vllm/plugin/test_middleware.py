"""The middleware around an application that is not vLLM's: what passes, what is guarded, what is off."""

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from repoask.service.engine.vllm.plugin.repoask_vllm.middleware import Repoask


async def _application(scope: Any, _: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


def ask(path: str, *, method: str = "GET", keys: list[str] | None = None, key: str = "") -> tuple[int, bytes]:
    app = SimpleNamespace(state=SimpleNamespace(args=SimpleNamespace(api_key=keys)))
    headers = [(b"authorization", f"Bearer {key}".encode())] if key else []
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "app": app}
    sent: list[Any] = []

    async def run() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.disconnect"}

        await Repoask(_application)(scope, receive, send)

    asyncio.run(run())
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize("path", ["/v1/models", "/health", "/repoasked", "/"])
def test_other_pages_pass_untouched(path: str) -> None:
    assert ask(path, keys=["k"]) == (200, path.encode())


@pytest.mark.parametrize("path", ["/repoask", "/repoask/v1", "/repoask/v1/completions", "/repoask/anything"])
@pytest.mark.parametrize("key", ["", "wrong", "ключ"])
def test_its_own_pages_want_the_servers_key(path: str, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(path, keys=["right"], key=key)[0] == 401
    monkeypatch.setenv("VLLM_API_KEY", "right")
    assert ask(path, key=key)[0] == 401


def test_where_vllm_is_not_as_expected_its_pages_are_off_and_say_so(caplog: pytest.LogCaptureFixture) -> None:
    status, body = ask("/repoask", keys=["other", "right"], key="right")
    assert status == 501
    assert "repoask's pages are off" in json.loads(body)["error"]["message"]
    assert "not as they expect it" in caplog.text
