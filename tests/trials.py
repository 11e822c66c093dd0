"""How long trials are: short in `make test`, of full length in `make soak` (`ARCHIVER_SOAK=1 pytest -m soak`)."""

import os

IS_FULL = os.environ.get("ARCHIVER_SOAK") == "1"


def lasting(short: int, full: int) -> int:
    """Return the number of kills, faults or examples of a trial."""
    return full if IS_FULL else short
