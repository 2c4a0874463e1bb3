"""`python -m repoask` is the same as `repoask`."""

from .cli import main

if __name__ == "__main__":
    main()
