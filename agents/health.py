"""Whether a worker is alive and ready: liveness from progress against lag, never from a pulse."""

from dataclasses import dataclass, field
from math import inf
from typing import Generic, TypeVar

__all__ = ["Health", "ProgressWatch"]

P = TypeVar("P")


@dataclass(slots=True)
class Health:
    """What the worker says of itself; written by its loop, read by the thread that serves it.

    Attributes
    ----------
    stage
        What it is doing, in a few words.
    joined
        Whether it has joined its group and consumes.
    connected
        Whether any broker is connected.
    halted
        Why it stopped consuming, or empty.
    stuck
        Why it is not alive, or empty.
    blind
        Why it does not know how much is left, or empty.
    looked
        When its loop last looked after itself, in seconds on a clock that never goes back; None while it does not.
    deadline
        Seconds for which its loop may not have looked.
    """

    stage: str = "starting"
    joined: bool = False
    connected: bool = False
    halted: str = ""
    stuck: str = ""
    blind: str = ""
    looked: float | None = None
    deadline: float = 60.0

    def trouble(self, now: float) -> str:
        """Say why it is not alive, or nothing; to be asked from outside the loop, which cannot notice its own end.

        Parameters
        ----------
        now
            Seconds on the clock of ``looked``.
        """
        looked = self.looked
        if looked is not None and now - looked > self.deadline:
            return f"blocked: the worker's loop has not run for {now - looked:.0f} s, of at most {self.deadline:g} s"
        return self.stuck

    @property
    def ready(self) -> bool:
        """Whether it consumes, and can."""
        return self.joined and self.connected and not self.halted and not self.stuck and not self.blind

    @property
    def readiness(self) -> str:
        """Why it is not ready, in one sentence, or what it is doing."""
        if self.halted or self.stuck:
            return self.halted or self.stuck
        if self.joined and not self.connected:
            return "no broker is connected"
        return self.blind or self.stage


@dataclass(slots=True)
class ProgressWatch(Generic[P]):
    """Notices a partition that has lag and does not move.

    Parameters
    ----------
    deadline
        Seconds that a partition with lag may stand still.
    longest_look
        Seconds from one look to the next that count at the most: beyond them the process was stopped, or its loop
        was blocked, and nothing could move.
    """

    deadline: float
    longest_look: float = inf
    _moved: dict[P, tuple[int, float]] = field(default_factory=dict, init=False)
    _looked: float | None = field(default=None, init=False)
    _watched: float = field(default=0.0, init=False)

    def standing_still(self, now: float, done: dict[P, int], lag: dict[P, int]) -> list[P]:
        """Give the partitions that have had lag and not moved for longer than the deadline.

        Parameters
        ----------
        now
            Seconds on a clock that never goes back.
        done
            Partition to the offset that it has come to.
        lag
            Partition to the records that are left.
        """
        if self._looked is not None:
            self._watched += min(now - self._looked, self.longest_look)
        self._looked = now
        moved = {}
        for partition, offset in done.items():
            before = self._moved.get(partition)
            still = before is not None and before[0] == offset and lag.get(partition, 0) > 0
            moved[partition] = before if still and before is not None else (offset, self._watched)
        self._moved = moved
        return [partition for partition, (_, since) in moved.items() if self._watched - since > self.deadline]
