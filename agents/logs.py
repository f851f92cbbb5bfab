"""What a worker logs: its own lines, and those of the libraries with repetitions held back."""

import logging
import sys
from time import monotonic
from typing import Final

from aiokafka.errors import GroupCoordinatorNotAvailableError, GroupLoadInProgressError

from sluicegate.schemas.printable import escaped_lines

__all__ = [
    "LostOffsetFilter",
    "PassingFilter",
    "PrintableFormatter",
    "RepeatFilter",
    "configure_logging",
    "silence_clients",
]

_LOG: Final = logging.getLogger("sluicegate.worker")

_QUIET_SECONDS: Final = 30.0
_PASSING_SECONDS: Final = 10.0

#: What aiokafka logs as an error while a new group's coordinator is being made, and tries again.
_PASSING: Final = (GroupCoordinatorNotAvailableError, GroupLoadInProgressError)
#: What aiokafka warns of at every heartbeat while a group shares its partitions anew, as when a worker joins or leaves.
_REBALANCING: Final = "because it is rebalancing"

#: Loggers whose warnings come many times a second while a broker is away.
_LIBRARIES: Final = ("aiokafka", "faust", "mode", "kafka", "asyncio")


class RepeatFilter(logging.Filter):
    """Lets a message through once in a while, and says how many like it were held back.

    Parameters
    ----------
    seconds
        For which messages of the same template are held back.
    """

    def __init__(self, seconds: float = _QUIET_SECONDS) -> None:
        super().__init__()
        self._seconds = seconds
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a message is logged."""
        key = (record.name, str(record.msg))
        since, held = self._seen.get(key, (-self._seconds, 0))
        now = monotonic()
        if now - since < self._seconds:
            self._seen[key] = (since, held + 1)
            return False
        if held:
            record.msg = f"{record.msg} ({held} more like this)"
        self._seen[key] = (now, 0)
        return True


class PassingFilter(logging.Filter):
    """Holds back what is part of every start and every rebalance of a group: told only when it goes on.

    Parameters
    ----------
    seconds
        For which what passes by itself is held back.
    """

    def __init__(self, seconds: float = _PASSING_SECONDS) -> None:
        super().__init__()
        self._seconds = seconds
        self._series: tuple[float, float] = (0.0, -seconds)

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a message is logged."""
        arguments = record.args if isinstance(record.args, tuple) else ()
        if _REBALANCING not in str(record.msg) and not any(isinstance(each, _PASSING) for each in arguments):
            return True
        now = monotonic()
        began, last = self._series
        if now - last >= self._seconds:
            began = now
        self._series = (began, now)
        return now - began >= self._seconds


class LostOffsetFilter(logging.Filter):
    """Tells of offsets that are not there any more as errors of ours: aiokafka notes them as a mere detail."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a message of aiokafka's fetcher is logged as it is."""
        if "out of range" in str(record.msg) and isinstance(record.args, tuple):
            offset, partition = record.args
            _LOG.error(
                "offset %s of %s, partition %s, is not there: its records were deleted before they were read, or the "
                "topic was made anew; going on with the earliest that is there",
                offset,
                getattr(partition, "topic", partition),
                getattr(partition, "partition", "unknown"),
            )
            return False
        return record.levelno >= logging.WARNING


class PrintableFormatter(logging.Formatter):
    """Escapes what does not print, as names in the bundle of a stranger; what is below a line's first is indented."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the record as it is written."""
        return escaped_lines(super().format(record), indent="    ")


def silence_clients() -> None:
    """Keep from a command's user what the clients log of a broker that is gone: its own sentences say it."""
    for library in ("aiokafka", "asyncio"):
        logging.getLogger(library).setLevel(logging.CRITICAL)


def configure_logging(level: int = logging.INFO) -> None:
    """Log to stderr: our own lines from ``level`` on, warnings of libraries."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PrintableFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("sluicegate").setLevel(level)
    # By themselves, and so whatever the root is set to: below, they log what they send and read, which is what people
    # wrote, and passwords.
    for library in _LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)
    # Faust tells there, under the modules of our classes, of every service that starts and stops.
    for module in ("app", "transport", "consumer_thread", "unconnected_producer"):
        logging.getLogger(f"sluicegate.agents.{module}").setLevel(logging.WARNING)
    fetcher = logging.getLogger("aiokafka.consumer.fetcher")
    fetcher.setLevel(logging.INFO)
    fetcher.addFilter(LostOffsetFilter())
    quiet = RepeatFilter()
    handler.addFilter(PassingFilter())
    handler.addFilter(lambda record: not record.name.startswith(_LIBRARIES) or quiet.filter(record))
