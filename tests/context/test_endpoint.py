"""Which URLs name a server."""

import pytest
from repoask.context.endpoint import read_endpoint
from repoask.errors import ConfigError


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("http://localhost:11434/v1", ("localhost", 11434, True)),
        (" HTTPS://API.example.org/v1/ ", ("api.example.org", 443, False)),
        ("http://[::1]:8000/v1", ("::1", 8000, True)),
    ],
)
def test_host_port_and_loopback_are_read(url: str, read: tuple[str, int, bool]) -> None:
    endpoint = read_endpoint(url, setting="--base-url")
    assert (endpoint.host, endpoint.port, endpoint.is_loopback) == read
    assert endpoint.url == url.strip().rstrip("/")


@pytest.mark.parametrize(
    "url", ["", "host:1", "ftp://h", "http://", "http://h:0", "http://h:99999", "http://[::1/v1", "http://u:pw@h:x/v1"]
)
def test_what_is_no_endpoint_names_the_setting_and_no_password(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^'.*' is no endpoint; --base-url wants http") as caught:
        read_endpoint(url, setting="--base-url")
    assert "pw" not in str(caught.value)


def test_credentials_are_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError, match="REPOASK_API_KEY") as caught:
        read_endpoint("http://user:pw@host/v1", setting="--base-url")
    assert "pw" not in str(caught.value)
