import pytest
from repoask.service.engine.protocol import Forecast, Message, Prompt
from repoask.service.terminal.preview import preview_line

IDS = Prompt(token_ids=tuple(range(1234)))


@pytest.mark.parametrize(
    ("forecast", "line"),
    [
        (Forecast(1_203_441, 1_199_000, seconds=2.2), "1,203,441 tokens, 99.6% cached, about 2 s"),
        (Forecast(1_203_441, 1_203_440, seconds=0.3), "1,203,441 tokens, 99.9% cached, under 1 s"),
        (
            Forecast(1_000, 0, seconds=600.0, place=2),
            "1,000 tokens, 0.0% cached, about 10 min, 2 before it in the queue",
        ),
        (Forecast(1_000, 900, restored_tokens=800), "1,000 tokens, 90.0% cached, 800 of them to be read back"),
        (Forecast(0, 0), "0 tokens, 0.0% cached"),
        (None, "1,234 tokens"),
    ],
)
def test_what_a_prompt_will_cost_is_told_in_one_line(forecast: Forecast | None, line: str) -> None:
    assert preview_line(IDS, forecast) == line


def test_tokens_of_text_are_called_an_estimate() -> None:
    prompt = Prompt(messages=(Message("system", "x" * 7_000), Message("user", "y")))
    assert preview_line(prompt, None) == "about 2,000 tokens"
