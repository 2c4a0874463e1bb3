import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from repoask.errors import InputError
from repoask.servers import url_of
from repoask.service.planning import prices
from repoask.service.planning.prices import read_prices

BUILT_IN = Path(prices.__file__).with_name("prices.json")
ROW = {
    "provider": "Mine",
    "model": "scout",
    "input_per_million": 1,
    "output_per_million": 2.5,
    "date": "2026-11",
    "source": "a quote",
}
HOUR = {"gpu": "H100", "low": 2, "high": 3, "date": "2026-11", "source": "a quote"}


def test_scouts_prices_are_those_of_mid_2026_each_with_its_date_and_source() -> None:
    hosted = read_prices().of_model("scout")
    assert [(each.provider, each.input_per_million, each.output_per_million) for each in hosted] == [
        ("Groq", 0.11, 0.34),
        ("Together", 0.18, 0.59),
        ("Fireworks", 0.20, 0.70),
        ("AWS Bedrock", 0.25, 0.85),
    ]
    assert all(re.fullmatch(r"2026-\d\d", each.date) and each.source for each in hosted)
    hour = read_prices().of_gpu("h100")
    assert hour is not None
    assert (hour.low, hour.high) == (2.5, 4.0)


@pytest.mark.parametrize(
    ("url", "name", "provider"),
    [
        (("api.together.xyz", None), "meta-llama/Llama-4-Scout-17B-16E-Instruct", "Together"),
        (("api.fireworks.ai", 443), "accounts/fireworks/models/llama4-scout-instruct-basic", "Fireworks"),
        (("api.groq.com", None), "meta-llama/Llama-4-scout-17b-16e-instruct", "Groq"),
        (("bedrock-runtime.us-west-2.amazonaws.com", None), "us.meta.llama4-scout-17b-instruct-v1:0", "AWS Bedrock"),
        (("api.groq.com", None), "llama-3.1-8b-instant", None),
        (("127.0.0.1", 8000), "meta-llama/Llama-4-Scout-17B-16E-Instruct", None),
        (("evil.example", None), "api.groq.com", None),
    ],
)
def test_a_question_is_priced_by_its_server_and_model(
    url: tuple[str, int | None], name: str, provider: str | None
) -> None:
    found = read_prices().of_endpoint(*url, name)
    assert (found.provider if found else None) == provider


def test_every_name_that_stands_for_a_provider_has_a_price() -> None:
    hosts = [urlsplit(url_of(name)).hostname or "" for name in ("together", "fireworks", "groq", "bedrock:us-west-2")]
    priced = read_prices().hosted
    assert all(any(fnmatchcase(host, pattern) for price in priced for pattern in price.hosts) for host in hosts)


def test_a_table_may_name_a_server_of_ones_own_by_its_port(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"hosted": [ROW | {"hosts": ["127.0.0.1:8000"], "names": ["*"]}]}))
    mine = read_prices(file)
    assert mine.of_endpoint("127.0.0.1", 8000, "anything")
    assert mine.of_endpoint("127.0.0.1", 8001, "anything") is None
    assert mine.of_endpoint("127.0.0.1", 8000) is None


def test_a_file_of_ones_own_takes_the_place_of_the_table(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"hosted": [ROW]}))
    (found,) = read_prices(file).of_model("scout")
    assert found.dollars(input_tokens=1_000_000, output_tokens=2_000_000) == 6.0
    assert found.takes(10**9)
    assert read_prices(file).of_gpu("H100") is None


def test_the_built_in_table_is_a_file_of_that_shape() -> None:
    assert read_prices(BUILT_IN) == read_prices()


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("{", "the file"),
        ("[]", "the file"),
        ({"hosted": [ROW | {"input_per_million": -1}]}, "hosted.0.input_per_million"),
        ({"hosted": [ROW | {"input_per_million": 0}]}, "hosted.0.input_per_million"),
        ({"gpu_hours": [HOUR | {"low": 3, "high": 2}]}, "gpu_hours.0.high"),
        ({"gpu_hours": [HOUR | {"low": 0}]}, "gpu_hours.0.low"),
        ({"hosted": [ROW | {"input_per_million": "free"}]}, "hosted.0.input_per_million"),
        ({"hosted": [{key: value for key, value in ROW.items() if key != "date"}]}, "hosted.0.date"),
        ({"hosted": [ROW | {"context_tokens": 0}]}, "hosted.0.context_tokens"),
        ({"hosted": [ROW | {"cached_input_per_million": 1.5}]}, "hosted.0.cached_input_per_million"),
        ({"hosted": [ROW | {"hosts": [""]}]}, "hosted.0.hosts.0"),
        ({"hosted": [ROW | {"currency": "EUR"}]}, "hosted.0.currency"),
        ({"prices": []}, "prices"),
        ('{"hosted": [], "gpu_hours": [{"gpu": "H100", "low": NaN}]}', "gpu_hours.0.low"),
    ],
)
def test_a_file_of_another_shape_is_told_by_its_key(tmp_path: Path, content: Any, key: str) -> None:
    file = tmp_path / "mine.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(InputError, match=r"\A[^\n]*\Z") as told:
        read_prices(file)
    assert str(told.value).startswith(f"{file}: {key}")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.json: cannot be read"):
        read_prices(tmp_path / "gone.json")
    (tmp_path / "large.json").write_text(" " * 1_000_001)
    with pytest.raises(InputError, match="over 1,000,000 bytes"):
        read_prices(tmp_path / "large.json")
