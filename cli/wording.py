"""How counts read: one worker, two workers."""

__all__ = ["counted"]


def counted(count: int, noun: str) -> str:
    """Give a count with its noun, in the plural unless there is exactly one.

    Parameters
    ----------
    count
        Of the things.
    noun
        One of them; its plural ends in s.
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
