"""What runs inside the vLLM server that repoask starts; of repoask that server's path holds nothing else.

Imports vLLM, what vLLM brings along, and the standard library; never repoask. Nothing of repoask imports this.
"""

__all__ = ["PROTOCOL"]

PROTOCOL = 1
"""The number of the protocol that `middleware` speaks; a client that knows another one leaves it alone."""
