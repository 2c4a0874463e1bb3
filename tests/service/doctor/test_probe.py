"""When a reply is no text."""

import pytest
from repoask.service.doctor.probe import is_garbled


@pytest.mark.parametrize("text", ["!" * 200, "a\ufffdb", "so \x00 it is", "the " * 40, "1 2 " + "ggggg" * 20, "\ue000"])
def test_no_text_is_recognised(text: str) -> None:
    assert is_garbled(text)


@pytest.mark.parametrize(
    "text",
    [
        "482913 102938 471100",
        "Paris.\n\tSo be it \U0001f468\u200d\U0001f469 ---------------",
        "",
        "né café",
        "1 2 3 " * 30,
    ],
)
def test_odd_text_is_text(text: str) -> None:
    assert not is_garbled(text)
