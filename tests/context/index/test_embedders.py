import json
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler

import numpy as np
import pytest
from repoask.context.index.embedders import embedder_for
from repoask.context.index.index import open_view
from repoask.context.index.layout import LAYOUT_VERSION
from repoask.context.types import Chunk
from repoask.errors import ConfigError, EngineReplyError, EngineUnreachableError, MissingExtraError, OfflineError
from repoask.ingest.snapshot import take_snapshot
from repoask.ingest.sources import open_source
from repoask.ingest.types import Selection


@pytest.fixture
def server(loopback):
    """A real server: the vector of a text is its length and how many "e" it has. `reply` replaces its answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.requests.append((self.path, self.headers.get("Authorization"), request))
            vectors = [[float(len(text)), float(text.count("e")), 1.0] for text in request["input"]]
            data = [{"index": n, "object": "embedding", "embedding": vector} for n, vector in enumerate(vectors)]
            status, body = self.server.reply or (200, {"object": "list", "model": "m", "data": data[::-1]})
            payload = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

    return loopback(Handler, requests=[], reply=None)


def _named(server, **options):
    return embedder_for(f"http://127.0.0.1:{server.server_port}/v1#m", **options)


def test_a_server_embeds_chunks_in_order_as_unit_rows(server):
    embedder = _named(server)
    chunks = [Chunk(1, 1, "e" * number) for number in range(1, 101)]
    rows = embedder.embed(chunks)
    assert rows.shape == (100, embedder.dimensions)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)
    assert np.allclose(rows[4] * 5 / rows[4][0], [5, 5, 1])
    assert {path for path, *_ in server.requests} == {"/v1/embeddings"}


def test_a_key_is_sent_only_when_there_is_one(server):
    _named(server).embed_question("one")
    _named(server, api_key="k").embed_question("two")
    assert [key for _, key, _ in server.requests] == [None, "Bearer k"]


def test_nothing_is_sent_before_something_is_embedded(server):
    assert _named(server).id.startswith("endpoint-")
    assert server.requests == []


def test_the_page_itself_may_be_named(server):
    url = f"http://127.0.0.1:{server.server_port}/v1"
    page = embedder_for(f"{url}/embeddings/#m")
    page.embed_question("one")
    assert [path for path, *_ in server.requests] == ["/v1/embeddings"]
    assert page.id == embedder_for(f"{url}#m").id


def test_a_server_elsewhere_is_told_with_its_bytes_once_and_before_anything_is_sent():
    told = []

    def refuse(endpoint, num_bytes):
        told.append((endpoint, num_bytes))
        raise OfflineError("no")

    embedder = embedder_for("https://vectors.example.org/v1#m", on_first_use=refuse)
    with pytest.raises(OfflineError):
        embedder.embed([Chunk(1, 1, "abc"), Chunk(2, 2, "dé")])
    assert told == [("https://vectors.example.org/v1", 6)]


def test_a_server_on_this_machine_is_not_told(server):
    told = []
    _named(server, on_first_use=lambda *call: nullcontext(told.append(call))).embed_question("one")
    assert told == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/v1", "http://[::1/v1", "http://u:secret@h/v1", "http://"])
def test_a_url_that_is_no_endpoint_is_a_setting_that_is_wrong(url):
    with pytest.raises(ConfigError) as raised:
        embedder_for(f"{url}#m")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "reply",
    [
        (404, {"error": "no such model"}),
        (200, "<html>hello</html>"),
        (200, {"object": "list", "model": "m", "data": []}),
        (200, {"object": "list", "model": "m", "data": [{"index": 0, "object": "embedding", "embedding": ["x"]}]}),
        (200, {"object": "list", "model": "m", "data": [{"index": 0, "object": "embedding", "embedding": [1e200]}]}),
    ],
)
@pytest.mark.filterwarnings("error")
def test_an_answer_that_is_no_vectors_is_one_clear_line(server, reply):
    server.reply = reply
    with pytest.raises(EngineReplyError, match=f"127.0.0.1:{server.server_port}") as raised:
        _named(server).embed_question("one")
    assert "\n" not in str(raised.value)


def test_a_server_that_is_not_there_is_unreachable():
    with pytest.raises(EngineUnreachableError, match="no connection"):
        embedder_for("http://127.0.0.1:9/v1#m").embed_question("one")


def test_an_index_is_kept_for_a_named_server_too(server, tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Title\n\nBody of the text.\n")
    (tmp_path / "index" / "lance" / _named(server).id).mkdir(parents=True)
    (tmp_path / "index" / "layout.json").write_text(json.dumps({"layout": LAYOUT_VERSION}))
    source = open_source(tmp_path / "docs", clones=tmp_path / "clones")

    def view():
        snapshot = take_snapshot(source)
        return open_view(snapshot, folder=tmp_path / "index", selection=Selection(), embedder=_named(server))

    built = view()
    assert built.segments[0].segment.vectors.shape == (1, 3)
    server.requests.clear()
    assert view().report.route == "warm"
    assert server.requests == []


def test_a_folder_without_a_model_is_a_setting_that_is_wrong(tmp_path):
    with pytest.raises(ConfigError, match=r"modules\.json"):
        embedder_for(str(tmp_path))


def test_a_missing_library_names_its_install_line(tmp_path):
    (tmp_path / "modules.json").write_text("[]")
    with pytest.raises(MissingExtraError, match=r"pip install 'repoask\[embeddings\]'"):
        embedder_for(str(tmp_path)).embed_question("one")


def test_a_server_without_a_model_is_a_setting_that_is_wrong():
    with pytest.raises(ConfigError, match="URL#MODEL"):
        embedder_for("http://127.0.0.1:1/v1")


def test_none_is_no_embedder():
    assert embedder_for("none") is None
