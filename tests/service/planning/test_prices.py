import json
import re
from pathlib import Path
from typing import Any

import pytest
from repoask.errors import InputError
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
