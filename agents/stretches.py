"""What is said of a stretch of a topic that cannot be there, by whatever is asked to read it."""

__all__ = ["ends_before_it_begins", "no_partition"]


def ends_before_it_begins(since: str, until: str) -> str:
    """Tell of two times, as they were given, between which there is nothing."""
    return f"--since {since} is not before --until {until}"


def no_partition(topic: str, partition: int, partitions: int) -> str:
    """Tell of a partition that a topic does not have, and how many it has."""
    return f"{topic} has no partition {partition}: it has {partitions}, from 0"
