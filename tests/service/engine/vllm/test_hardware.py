"""What the machine has, as its driver and its kernel name it."""

import sys

import pytest
from repoask.errors import InputError
from repoask.service.engine.vllm.hardware import free_memory, read_gpus


@pytest.mark.parametrize(
    ("listed", "machine"),
    [
        ("NVIDIA H100 80GB HBM3\n" * 8, "8 x H100"),
        ("NVIDIA A100-SXM4-80GB\nNVIDIA A100-SXM4-80GB\n", "2 x A100"),
        ("NVIDIA A100-SXM4-40GB\n", "1 x A100-40GB"),
        ("NVIDIA H100 PCIe\n", "1 x H100-PCIe"),
        ("NVIDIA GeForce RTX 4090\nNVIDIA L40S\n", "1 x RTX4090"),
        ("NVIDIA H200\n", "1 x H200"),
    ],
)
def test_gpus_are_known_by_the_names_of_the_driver(listed: str, machine: str) -> None:
    assert str(read_gpus(listed)) == machine


def test_no_gpus_are_no_machine() -> None:
    assert read_gpus("\n") is None


def test_an_unknown_gpu_is_named_with_the_way_out() -> None:
    with pytest.raises(InputError, match=r"Tesla K80: no GPU that is known; name the nearest that is with --gpus"):
        read_gpus("Tesla K80\n")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="servers are started on Linux alone")
def test_free_memory_is_less_than_the_machine_has() -> None:
    import os

    assert 100_000_000 < free_memory() < os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
