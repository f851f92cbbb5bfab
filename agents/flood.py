"""Notices a flood of dead letters: more than a share of the stream, for some time."""

from collections import deque
from dataclasses import dataclass, field

__all__ = ["DeadLetterWatch"]


@dataclass(slots=True)
class DeadLetterWatch:
    """Watches the share of dead letters.

    Parameters
    ----------
    share
        Share of the records of the last ``window`` seconds that may be dead letters.
    window
        Seconds for which that share must have been exceeded.
    minimum
        Dead letters within the window below which it is no flood: a quiet stream is never stopped by a handful.
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
        self._samples.append((now, consumed, dead))
        self._consumed += consumed
        self._dead += dead
        while self._samples[0][0] < now - self.window:
            _, old_consumed, old_dead = self._samples.popleft()
            self._consumed -= old_consumed
            self._dead -= old_dead
        if self._dead <= self.share * self._consumed:
            self._over_since = None
            return False
        if self._over_since is None:
            self._over_since = now
        return now - self._over_since >= self.window and self._dead >= self.minimum
