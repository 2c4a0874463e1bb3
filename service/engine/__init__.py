"""Engines: the protocol, and the servers behind it. Knows nothing of repositories."""
