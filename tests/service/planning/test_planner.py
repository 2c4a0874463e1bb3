"""Whole plans: what they choose, what they recommend, and the command that they end in."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from repoask.errors import InputError
from repoask.service.planning.gpus import read_machine
from repoask.service.planning.models import find_model
from repoask.service.planning.plan import Plan, PlannedPack
from repoask.service.planning.planner import make_plan
from repoask.service.planning.precision import KvPrecision, WeightPrecision
from repoask.service.planning.prices import read_prices
from repoask.service.planning.request import Request


def pack(tokens: int) -> PlannedPack:
    return PlannedPack(source="repo", files=1, tokens=tokens, counted_by="a test", exact=True)


def plan(model: str = "scout", gpus: str | None = None, tokens: int = 0, **more: Any) -> Plan:
    return make_plan(
        Request(
            model=find_model(model),
            machine=read_machine(gpus) if gpus else None,
            pack=pack(tokens) if tokens else None,
            prices=read_prices(),
            **more,
        )
    )


@pytest.mark.parametrize(
    ("model", "gpus", "weights", "arithmetic"),
    [
        (
            "scout",
            "1xH100",
            WeightPrecision.BF16,
            "108.6B parameters x 2 bytes = 217 GB of weights; of the 80 GB of 1 x H100, 70 GB",
        ),
        ("scout", "RTX4090", WeightPrecision.INT4, "= 60 GB of weights; of the 24 GB of 1 x RTX4090, 21 GB"),
        (
            "maverick",
            "4xA100",
            WeightPrecision.BF16,
            "401.5B parameters x 2 bytes = 803 GB of weights; of the 320 GB of 4 x A100, 278 GB",
        ),
    ],
)
def test_popular_claims_that_are_wrong_do_not_fit(
    model: str, gpus: str, weights: WeightPrecision, arithmetic: str
) -> None:
    told = plan(model, gpus, weights=weights)
    assert not told.fits
    assert told.verdict.startswith("Does not fit: ")
    assert arithmetic in told.verdict
    assert told.recommendation.choice == "does not fit"
    assert (told.command, told.times, told.tier) == ((), (), None)


def test_scout_in_4_bits_fits_one_h100() -> None:
    told = plan(gpus="H100")
    assert (told.fits, told.choice.weights, told.choice.kv) == (True, "int4", "bf16")
    assert [choice.fits for choice in told.choices] == [False, False, False, False, True, True]


def test_the_most_exact_precisions_that_hold_the_pack_are_taken() -> None:
    small = plan(gpus="8xH100", tokens=6_000_000)
    assert (small.fits, small.choice.weights, small.choice.kv) == (True, "bf16", "bf16")
    larger = plan(gpus="8xH100", tokens=10_000_000)
    assert (larger.fits, larger.choice.weights, larger.choice.kv) == (True, "bf16", "fp8")


def test_without_the_hybrid_manager_a_quarter_fits() -> None:
    hybrid, whole = plan(gpus="8xH100"), plan(gpus="8xH100", is_hybrid=False)
    assert whole.choices[0].kv_bytes_per_token == 4 * hybrid.choices[0].kv_bytes_per_token
    assert whole.choices[0].context == pytest.approx(hybrid.choices[0].context / 4, rel=0.02)
    assert "--disable-hybrid-kv-cache-manager" in whole.command
    assert "--no-disable-hybrid-kv-cache-manager" in hybrid.command


@pytest.mark.parametrize(("tokens", "count"), [(50_000, 1), (1_000_000, 2), (8_000_000, 4)])
def test_without_gpus_the_smallest_usual_machine_is_planned(tokens: int, count: int) -> None:
    told = plan(tokens=tokens)
    assert (told.fits, told.gpus.name, told.gpus.count) == (True, "H100", count)
    assert not plan(tokens=tokens, gpus=f"{count // 2}xH100").fits if count > 1 else True


def test_a_pack_that_is_too_large_gets_a_remedy_and_a_way_without() -> None:
    told = plan(gpus="1xH100", tokens=1_000_000)
    assert (told.fits, told.recommendation.choice) == (False, "retrieve")
    assert "It fits on 2 x H100." in told.recommendation.reason
    assert "retrieval needs about 13K" in told.recommendation.reason
    assert told.command


def test_a_pack_longer_than_the_models_context_fits_nowhere() -> None:
    told = plan("maverick", "8xB200", tokens=2_000_000)
    assert (told.fits, told.recommendation.choice) == (False, "retrieve")
    assert "is more than Llama 4 Maverick can read" in told.verdict
    assert "fits on" not in told.recommendation.reason


def test_no_large_machine_is_planned_for_a_pack_longer_than_the_models_context() -> None:
    told = plan(tokens=20_000_000)
    assert (told.gpus.name, told.gpus.count) == (plan().gpus.name, plan().gpus.count)
    assert told.recommendation.choice == "retrieve"


def test_other_precisions_are_said_where_those_named_do_not_fit() -> None:
    reason = plan(gpus="1xH100", weights=WeightPrecision.BF16).recommendation.reason
    assert "On 1 x H100 it fits with --weights int4 --kv bf16" in reason
    assert "With bf16 weights it fits on 4 x H100." in reason


def test_little_volume_is_hosted_and_much_is_served() -> None:
    small = plan(gpus="8xH100", tokens=100_000, tokens_per_day=1e6)
    large = plan(gpus="8xH100", tokens=100_000, tokens_per_day=1e10)
    assert (small.recommendation.choice, large.recommendation.choice) == ("hosted", "serve")
    meeting = small.self_hosting
    assert meeting is not None
    assert (meeting.dollars_per_day_low, meeting.dollars_per_day_high) == (480, 768)
    exactly = replace(Request(model=find_model("scout"), prices=read_prices(), machine=read_machine("8xH100")),
                      pack=pack(100_000), tokens_per_day=meeting.break_even_tokens_per_day * 1.01)  # fmt: skip
    assert make_plan(exactly).recommendation.choice == "serve"


def test_more_than_one_machine_answers_is_served_by_as_many_as_it_takes_where_all_of_them_pay() -> None:
    meeting = plan(gpus="2xH100", gpu_price=2.5).self_hosting
    assert meeting is not None
    assert meeting.is_reachable
    question = meeting.break_even_tokens_per_day / meeting.break_even_questions_per_day
    full = meeting.capacity_questions_per_day * question
    ten = plan(gpus="2xH100", gpu_price=2.5, tokens_per_day=full * 9.9).recommendation
    assert ten.choice == "serve"
    assert "for which it takes 10 such machines" in ten.reason
    # a second machine for a little more than one answers does not pay, where one of them pays only just
    just = plan(
        gpus="2xH100", gpu_price=2.5 * 0.9 * full / meeting.break_even_tokens_per_day, tokens_per_day=full * 1.1
    )
    assert just.self_hosting is not None
    assert just.self_hosting.is_reachable
    assert just.recommendation.choice == "hosted"


@pytest.mark.parametrize(("model", "gpu"), [("Llama-4-Scout", "H100-80GB"), ("llama4:scout", "h100-80gb")])
def test_prices_under_another_name_of_the_model_or_gpu_count(tmp_path: Path, model: str, gpu: str) -> None:
    row = {"provider": "Mine", "model": model, "input_per_million": 1, "output_per_million": 1}
    hour = {"gpu": gpu, "low": 2, "high": 2}
    dated = {"date": "2026-11", "source": "a quote"}
    (tmp_path / "mine.json").write_text(json.dumps({"hosted": [row | dated], "gpu_hours": [hour | dated]}))
    own = read_prices(tmp_path / "mine.json")
    told = make_plan(Request(model=find_model("scout"), prices=own, machine=read_machine("8xH100")))
    assert [cost.provider for cost in told.hosted] == ["Mine"]
    assert told.self_hosting is not None
    assert told.self_hosting.dollars_per_day_low == 8 * 24 * 2


def test_at_the_break_even_a_day_costs_the_same_on_both_sides() -> None:
    meeting = plan(gpus="8xH100", tokens=100_000).self_hosting
    assert meeting is not None
    costs = plan(gpus="8xH100", tokens=100_000, questions_per_day=meeting.break_even_questions_per_day).hosted
    cheapest = next(cost for cost in costs if cost.provider == meeting.provider)
    assert cheapest.dollars_per_day == pytest.approx(meeting.dollars_per_day_low)


def test_the_price_of_a_gpu_moves_the_break_even() -> None:
    cheap, dear = plan(gpus="8xH100", gpu_price=1.0).self_hosting, plan(gpus="8xH100", gpu_price=3.0).self_hosting
    assert cheap is not None
    assert dear is not None
    assert dear.break_even_tokens_per_day == pytest.approx(3 * cheap.break_even_tokens_per_day)
    assert dear.price_source == "--gpu-price (given)"


def test_what_is_private_is_served() -> None:
    assert plan(gpus="8xH100", tokens=1_000, tokens_per_day=1.0, is_private=True).recommendation.choice == "serve"


def test_a_pack_that_no_provider_takes_is_served_and_says_what_retrieval_costs() -> None:
    told = plan(gpus="8xH100", tokens=1_000_000)
    assert told.recommendation.choice == "serve"
    assert "No hosted provider in the table takes the pack (the longest: Together, 327,680)" in (
        told.recommendation.reason
    )
    assert all(cost.whole_pack_dollars is None for cost in told.hosted)


def test_a_gpu_without_a_price_is_not_compared() -> None:
    told = plan(gpus="8xB200")
    assert told.self_hosting is None
    assert "--gpu-price" in told.recommendation.reason


def test_a_pack_whose_tokens_are_an_estimate_is_called_about_so_large() -> None:
    request = Request(model=find_model("scout"), prices=read_prices(), machine=read_machine("8xH100"))
    told = [
        make_plan(request.over(replace(pack(tokens), exact=False))).verdict for tokens in (100_000, 9_000_000, 10**9)
    ]
    assert [verdict.partition(" tokens")[0] for verdict in told] == [
        "Fits: a pack of about 100K",
        "Fits: a pack of about 9.0M",
        "Does not fit: a pack of about 1.0B",
    ]


def test_volume_is_said_once() -> None:
    with pytest.raises(InputError, match="not both"):
        plan(tokens_per_day=1.0, questions_per_day=1.0)


def test_long_prompts_are_said_to_be_answered_poorly() -> None:
    assert any("trained on up to 262K tokens" in note for note in plan(gpus="8xH100", tokens=500_000).notes)
    assert not any("trained on" in note for note in plan(gpus="8xH100", tokens=100_000).notes)


def test_the_command_is_vllms_own_for_the_plan() -> None:
    command = plan(gpus="8xH100", tokens=10_000_000).command
    assert command[:3] == ("vllm", "serve", "meta-llama/Llama-4-Scout-17B-16E-Instruct")
    flags = dict(zip(command[3:], [*command[4:], ""], strict=True))
    assert flags["--tensor-parallel-size"] == "8"
    assert flags["--max-model-len"] == "10485760"
    assert flags["--kv-cache-dtype"] == "fp8"
    assert {"--enable-prefix-caching", "--enable-prompt-tokens-details", "--language-model-only"} <= set(command)
    tier = json.loads(flags["--kv-transfer-config"])
    assert (tier["kv_connector"], tier["kv_role"]) == ("OffloadingConnector", "kv_both")
    assert tier["kv_connector_extra_config"]["block_size"] % 8192 == 0
    assert tier["kv_connector_extra_config"]["cpu_bytes_to_use"] >= 10_000_000 * 24 * 1024


def test_the_command_leaves_room_for_turns_and_new_commits() -> None:
    command = plan(gpus="8xH100", tokens=400_000).command
    length = int(command[command.index("--max-model-len") + 1])
    assert 532_768 <= length < 560_000


def test_the_command_never_asks_for_more_than_fits() -> None:
    for gpus in ("1xH100", "2xH100", "4xH100", "8xH100", "8xH200"):
        told = plan(gpus=gpus)
        length = int(told.command[told.command.index("--max-model-len") + 1])
        assert 0 < length <= told.choice.context


CONFIG = {
    "model_type": "qwen3_moe",
    "hidden_size": 4096,
    "intermediate_size": 12288,
    "max_position_embeddings": 262144,
    "moe_intermediate_size": 1536,
    "num_attention_heads": 64,
    "head_dim": 128,
    "num_experts": 128,
    "num_experts_per_tok": 8,
    "num_hidden_layers": 94,
    "num_key_value_heads": 4,
    "vocab_size": 151936,
}


def test_any_model_with_a_configuration_is_planned(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    told = plan(str(tmp_path), "8xH100", weights=WeightPrecision.FP8, kv=KvPrecision.FP8)
    assert told.fits
    assert {"--enable-expert-parallel", "--quantization", "fp8_per_channel", str(tmp_path)} <= set(told.command)
    assert any("makes FP8 weights at start" in note for note in told.notes)
    assert any("Each KV lies on 2 GPUs" in note for note in told.notes)
    assert told.hosted == ()


def test_precisions_that_the_files_do_not_have_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG | {"quantization_config": {"quant_method": "fp8"}}))
    with pytest.raises(InputError, match="its files hold fp8 weights already"):
        plan(str(tmp_path), "8xH100", weights=WeightPrecision.BF16)
    assert {choice.weights for choice in plan(str(tmp_path), "8xH100").choices} == {"fp8"}


def test_the_same_request_gives_the_same_plan() -> None:
    assert plan(gpus="8xH100", tokens=5_000).line() == plan(gpus="8xH100", tokens=5_000).line()


def test_what_vllm_itself_published_for_8_h200_comes_out() -> None:
    """blog.vllm.ai, 2025-04-05: Scout in bf16 with up to 3.6M tokens, before there was a hybrid manager for it."""
    told = plan(gpus="8xH200", weights=WeightPrecision.BF16, kv=KvPrecision.BF16, is_hybrid=False)
    assert told.choice.context == pytest.approx(3_600_000, rel=0.1)
