"""Names of models' servers, and what they stand for."""

from urllib.parse import urlsplit

import pytest
from repoask.servers import SERVERS, short_name, url_of
from repoask.settings import checked_value


@pytest.mark.parametrize("name", SERVERS)
def test_a_name_stands_for_an_endpoint_in_a_setting(name: str) -> None:
    url = checked_value("base_url", name)
    assert url == SERVERS[name]
    assert short_name(url) == name
    parts = urlsplit(url)
    # what leaves this machine is encrypted
    assert parts.scheme == "https" or parts.hostname == "127.0.0.1"


def test_bedrock_is_named_with_its_region() -> None:
    assert url_of("bedrock:eu-central-1") == "https://bedrock-runtime.eu-central-1.amazonaws.com/openai/v1"
    assert url_of("bedrock:us-gov-west-1") == "https://bedrock-runtime.us-gov-west-1.amazonaws.com/openai/v1"


@pytest.mark.parametrize("value", ["bedrock", "bedrock:", "bedrock:host.example/", "bedrock:us-west-2.evil.example"])
def test_bedrock_without_a_region_is_told_how_to_write_it(value: str) -> None:
    with pytest.raises(ValueError, match="bedrock:us-west-2"):
        checked_value("base_url", value)


@pytest.mark.parametrize("value", ["olama", "localhost:8000", "ftp://host"])
def test_whatever_is_neither_url_nor_name_is_refused_with_the_names(value: str) -> None:
    with pytest.raises(ValueError, match=r"not an http:// or https:// URL, nor one of ollama, .*bedrock:REGION"):
        checked_value("base_url", value)


def test_a_url_stays_as_it_is() -> None:
    assert checked_value("base_url", "http://10.0.0.1:8000/v1/") == "http://10.0.0.1:8000/v1"
    assert checked_value("base_url", "") == ""
    assert short_name("http://10.0.0.1:8000/v1") == "http://10.0.0.1:8000/v1"
