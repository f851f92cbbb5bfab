"""What a record may hold beside its value: nothing of it stops the encoding."""

import pytest

from sluicegate.agents.encoding import broker_time


@pytest.mark.parametrize(
    ("timestamp", "told"),
    [
        (-1, "1970-01-01T00:00:00.000Z"),
        (1_790_000_000_000, "2026-09-21T14:13:20.000Z"),
        (2**62, "9999-12-31T23:59:59.999Z"),
        (-(2**62), "1970-01-01T00:00:00.000Z"),
    ],
)
def test_a_timestamp_that_no_calendar_has_becomes_the_nearest_that_one_has(timestamp: int, told: str) -> None:
    assert broker_time(timestamp) == told
