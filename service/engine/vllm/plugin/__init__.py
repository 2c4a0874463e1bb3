"""Where the vLLM server finds `repoask_vllm`, which lives in that server's environment, not in repoask's."""
