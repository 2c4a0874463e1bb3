"""repoask answers questions about a repository and checks every citation against its bytes."""

__all__ = ["__version__"]

__version__ = "0.1.0.dev0"
