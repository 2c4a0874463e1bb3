"""Writes quantities as a person reads them. Knows nothing of what they measure."""

__all__ = ["bytes_text", "count_text", "dollars_text", "seconds_text", "tokens_text"]


def bytes_text(count: float) -> str:
    """10^9 bytes to a GB: `217 GB`, `1.2 GB`."""
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if abs(count) >= scale:
            value = count / scale
            return f"{value:.0f} {unit}" if abs(value) >= 10 else f"{value:.1f} {unit}"
    return f"{count:.0f} B"


def tokens_text(count: float) -> str:
    """Three digits of a large number: `412K`, `10.5M`."""
    return count_text(count) if count >= 1000 else f"{count:.0f}"


def count_text(count: float) -> str:
    """The same for any count: `109B`, `2.0T`."""
    for unit, scale in (("T", 1e12), ("B", 1e9), ("M", 1e6), ("K", 1e3)):
        if round(count) >= scale:
            value = count / scale
            return f"{value:.0f}{unit}" if value >= 99.95 else f"{value:.1f}{unit}"
    return f"{count:.0f}"


def seconds_text(seconds: float) -> str:
    """`0.3 s`, `54 s`, `73 min`, `6.1 h`, `3 days`."""
    for unit, scale, over in (("days", 86_400, 172_800), ("h", 3600, 7200), ("min", 60, 120)):
        if seconds >= over:
            value = seconds / scale
            return f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s" if seconds >= 0.1 else f"{seconds:.2f} s"


def dollars_text(dollars: float) -> str:
    """`$0.0021`, `$0.18`, `$780`."""
    if dollars >= 100 or dollars == 0:
        return f"${dollars:,.0f}"
    return f"${dollars:,.2f}".removesuffix(".00") if dollars >= 0.1 else f"${dollars:.2g}"
