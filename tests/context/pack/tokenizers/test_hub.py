from http.server import BaseHTTPRequestHandler

import pytest
from repoask.context.pack.tokenizers.hub import fetch_tokenizer
from repoask.errors import ConfigError, OfflineError


@pytest.fixture
def hub(loopback):
    """A hub that holds one file of one model."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.server.asked.append(self.path)
            if self.path != "/org/model/resolve/main/tokenizer.json":
                self.send_response(404)
                self.send_header("X-Error-Code", "RepoNotFound" if "model" not in self.path else "RevisionNotFound")
                self.end_headers()
                return
            self.send_response(200)
            for name, value in {"ETag": '"1"', "X-Repo-Commit": "0" * 40, "Content-Length": "2"}.items():
                self.send_header(name, value)
            self.end_headers()

        def do_GET(self):
            self.do_HEAD()
            self.wfile.write(b"{}")

    return loopback(Handler, asked=[])


def test_a_model_named_on_the_hub_is_fetched_once_and_found_offline(hub, tmp_path):
    path = fetch_tokenizer("org/model", endpoint=hub.url, cache=tmp_path)
    assert path.read_bytes() == b"{}"
    asked = len(hub.asked)
    assert fetch_tokenizer("org/model", offline=True, endpoint=hub.url, cache=tmp_path) == path
    assert len(hub.asked) == asked


def test_offline_asks_nobody(hub, tmp_path):
    with pytest.raises(OfflineError, match="--offline forbids fetching it"):
        fetch_tokenizer("org/model", offline=True, endpoint=hub.url, cache=tmp_path)
    assert not hub.asked


@pytest.mark.parametrize(
    ("name", "message"),
    [("org/other", "cannot be fetched"), ("org/model@v9", "cannot be fetched"), ("a/b/c", "no name of a model")],
)
def test_a_name_the_hub_does_not_know_is_one_clear_line(hub, tmp_path, name, message):
    with pytest.raises(ConfigError, match=message) as caught:
        fetch_tokenizer(name, endpoint=hub.url, cache=tmp_path)
    assert "\n" not in str(caught.value)
