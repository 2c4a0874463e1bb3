"""The counters of a vLLM server, and what may be told from them."""

import pytest
from repoask.service.engine.protocol import Usage
from repoask.service.engine.vllm.cache_counters import CacheCounters, counted, read_counters

# as vLLM 0.32 writes them
PAGE = """# HELP vllm:prefix_cache_queries_total Prefix cache queries, in terms of number of queried tokens.
# TYPE vllm:prefix_cache_queries_total counter
vllm:prefix_cache_queries_total{engine="0",model_name="scout"} 1.0485760e+06
vllm:prefix_cache_queries_total{engine="1",model_name="scout"} 24.0
vllm:prefix_cache_queries_created{engine="0",model_name="scout"} 1.7e+09
vllm:prefix_cache_hits_total{engine="0",model_name="scout"} 600.0
vllm:prefix_cache_hits_total{engine="1",model_name="scout"} 0.0
vllm:external_prefix_cache_queries_total{engine="0",model_name="scout"} 1000.0
vllm:external_prefix_cache_hits_total{engine="0",model_name="scout"} 400.0
"""
USAGE = Usage(prompt_tokens=100, completion_tokens=5)
BEFORE = CacheCounters(prompts=1000, cached=200, restored=50)


def test_counters_are_summed_over_engines() -> None:
    assert read_counters(PAGE) == CacheCounters(prompts=1_048_600, cached=600, restored=400)


@pytest.mark.parametrize(
    "page",
    [
        "",
        "vllm:prefix_cache_queries_total 5.0",
        PAGE.replace("hits_total", "hits_told"),
        "vllm:prefix_cache_queries_total nan\nvllm:prefix_cache_hits_total inf",
        f"vllm:prefix_cache_queries_total {'9' * 5000}\nvllm:prefix_cache_hits_total 1.0",
    ],
)
def test_a_page_without_them_tells_nothing(page: str) -> None:
    assert read_counters(page) is None


def test_the_difference_is_the_prompts() -> None:
    after = CacheCounters(prompts=1100, cached=280, restored=60)
    assert counted(USAGE, BEFORE, after) == Usage(100, 5, cached_tokens=90, restored_tokens=10)


@pytest.mark.parametrize(
    "after",
    [
        None,
        CacheCounters(prompts=1200, cached=280, restored=50),  # another prompt was counted, too
        CacheCounters(prompts=1000, cached=200, restored=50),  # not even this one
        CacheCounters(prompts=1100, cached=350, restored=50),  # more than there is
        CacheCounters(prompts=1100, cached=100, restored=50),  # started anew meanwhile
    ],
)
def test_nothing_is_claimed_of_what_is_not_the_prompts_alone(after: CacheCounters | None) -> None:
    assert counted(USAGE, BEFORE, after) == USAGE
    assert counted(USAGE, after, BEFORE) == USAGE
