"""Times as decisions and tasks tell them: RFC 3339, in UTC, to the millisecond."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sluicegate.policy import DeskState

__all__ = ["Moment", "broker_time", "rfc3339"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: The end of the year 9999, in milliseconds since the epoch.
_LATEST: Final = 253_402_300_799_999


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of a batch's decisions, also as text, and that of the desk's state they were made with."""

    now: datetime
    text: str
    as_of: str | None

    @classmethod
    def of(cls, now: datetime, state: DeskState | None) -> "Moment":
        """Write the times of a batch."""
        return cls(now, rfc3339(now), state.as_of if state else None)


def rfc3339(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def broker_time(timestamp: int) -> str:
    """Write a record's timestamp, in milliseconds since the epoch, as RFC 3339; the nearest moment that has one."""
    # Brokers before Kafka 3.6 take any timestamp, also one that no calendar has.
    return rfc3339(_EPOCH + timedelta(milliseconds=min(max(timestamp, 0), _LATEST)))
