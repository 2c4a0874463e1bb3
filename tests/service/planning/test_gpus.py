import re

import pytest
from repoask.errors import InputError
from repoask.service.planning.gpus import find_gpu, known_gpus, read_machine


@pytest.mark.parametrize(
    ("text", "count", "name"),
    [
        ("8xH100", 8, "H100"),
        ("8 x h100", 8, "H100"),
        ("8*H100", 8, "H100"),
        ("H100x8", 8, "H100"),
        ("H100", 1, "H100"),
        ("NVIDIA H100 PCIe", 1, "H100-PCIe"),
        ("2xA100-40GB", 2, "A100-40GB"),
        ("a100", 1, "A100"),
        ("4090", 1, "RTX4090"),
        ("2x rtx 4090", 2, "RTX4090"),
        ("GeForce RTX 4090", 1, "RTX4090"),
        ("NVIDIA H200 SXM", 1, "H200"),
        ("h100 sxm5", 1, "H100"),
        ("8xMI300X", 8, "MI300X"),
        ("mi300x", 1, "MI300X"),
    ],
)
def test_gpus_are_known_however_they_are_spelt(text: str, count: int, name: str) -> None:
    machine = read_machine(text)
    assert (machine.count, machine.gpu.name) == (count, name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("8xH10", "did you mean H100?"),
        ("H300", "did you mean H"),
        ("0xH100", "from 1 to 1,024 GPUs"),
        ("99999xH100", "from 1 to 1,024 GPUs"),
        ("8x", "8x: no GPU that is known"),
        ("", "no GPU that is known"),
        ("tpu" * 1000, "no GPU that is known"),
        ("999999999999999999999xH100", "no GPU that is known"),
    ],
)
def test_an_unknown_gpu_is_told_with_the_nearest(text: str, message: str) -> None:
    with pytest.raises(InputError) as told:
        read_machine(text)
    assert message in str(told.value)
    assert len(str(told.value)) < 400


def test_names_and_aliases_are_of_one_gpu_each() -> None:
    for gpu in known_gpus():
        for name in (gpu.name, *gpu.aliases):
            assert find_gpu(name) is gpu


def test_every_number_has_a_date_and_a_source_and_is_of_its_kind() -> None:
    for gpu in known_gpus():
        assert re.fullmatch(r"20\d\d-\d\d", gpu.date)
        assert gpu.source
        assert 10 < gpu.memory_gb < 1000
        assert 500 < gpu.bandwidth_gb_s < 20_000
        assert 100 < gpu.bf16_tflops < 5000
        assert 10 < gpu.host_gb_s < 64
        assert gpu.fp8_tflops is None or gpu.fp8_tflops == pytest.approx(2 * gpu.bf16_tflops, rel=0.02)
