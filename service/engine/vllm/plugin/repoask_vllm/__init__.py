"""What runs inside the vLLM server that repoask starts; of repoask that server's path holds nothing else.

Imports vLLM, what vLLM brings along, and the standard library; never repoask. Nothing of repoask imports this.
"""
