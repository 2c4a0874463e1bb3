"""A vLLM server that repoask starts, watches and stops itself. Knows nothing of prompts."""
