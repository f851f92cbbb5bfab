"""Notices a flood of dead letters: more than a share of the stream, for some time."""

from collections import deque
from dataclasses import dataclass, field
from math import inf, nextafter

__all__ = ["DeadLetterWatch"]


@dataclass(slots=True)
class DeadLetterWatch:
    """Watches the share of dead letters.

    Parameters
    ----------
    share
        Share of the records of the last ``window`` seconds that may be dead letters.
    window
        Seconds for which that share must have been exceeded, without a pause.
    minimum
        Dead letters within the window that there must have been for as long: a quiet stream is never stopped by a
        handful, nor by a burst that follows it.
    """

    share: float
    window: float
    minimum: int
    _samples: deque[tuple[float, int, int]] = field(default_factory=deque, init=False)
    _consumed: int = field(default=0, init=False)
    _dead: int = field(default=0, init=False)
    _over_since: float | None = field(default=None, init=False)

    def add(self, now: float, consumed: int, dead: int) -> bool:
        """Note a batch; True where this is a flood.

        Parameters
        ----------
        now
            Seconds on a clock that never goes back.
        consumed, dead
            Records of the batch, and how many of them became dead letters.
        """
        while self._samples and self._samples[0][0] < now - self.window:
            at, old_consumed, old_dead = self._samples.popleft()
            self._count(-old_consumed, -old_dead)
            if not self._samples or self._samples[0][0] > at:
                # What leaves the window can end a flood, or begin one, in the moment after it was last in it.
                self._look(nextafter(at + self.window, inf))
        self._samples.append((now, consumed, dead))
        self._count(consumed, dead)
        self._look(now)
        return self._over_since is not None and now - self._over_since >= self.window

    def _look(self, now: float) -> None:
        over = self._dead >= self.minimum and self._dead > self.share * self._consumed
        if not over:
            self._over_since = None
        elif self._over_since is None:
            self._over_since = now

    def _count(self, consumed: int, dead: int) -> None:
        self._consumed += consumed
        self._dead += dead
