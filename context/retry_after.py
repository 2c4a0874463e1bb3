"""Reads for how long a busy server asks to be left alone. Knows nothing of requests, nor of who waits."""

import email.utils
import math
import time
from collections.abc import Mapping

__all__ = ["asked_wait"]


def asked_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds from now, by `Retry-After` (RFC 9110, 10.2.3: a number of seconds, or a date); None where it says none.

    Args:
        headers: Of the response; names in lower case, or found whatever their case.
    """
    asked = headers.get("retry-after", "").strip()
    try:
        seconds = float(asked)
    except ValueError:
        date = email.utils.parsedate_tz(asked)
        seconds = email.utils.mktime_tz(date) - time.time() if date else math.nan
    return max(0.0, seconds) if math.isfinite(seconds) else None
