"""Whether a worker is so far behind that what may be left out is left out; it does not flap."""

from time import monotonic
from typing import Final

__all__ = ["Pressure"]

#: Of the age from which on a worker is under pressure: where it is below for a while, it is under none.
_RELEASED_BELOW: Final = 0.5
#: Seconds for which it must be below.
_RELEASED_AFTER: Final = 5.0
#: A worker that keeps up has what it does in a second before it: more than twice that is a backlog, whatever the
#: timestamps of its records say.
_BACKLOG: Final = 2.0


class Pressure:
    """Tells whether there is pressure; may be asked from any thread.

    Parameters
    ----------
    after
        Seconds by which the oldest record must be late.
    """

    def __init__(self, after: float) -> None:
        self._after = after
        self._on = False
        self._below_since: float | None = None
        self._looked: float | None = None

    def is_on(self) -> bool:
        """Tell whether the worker is under pressure."""
        return self._on

    def observe(self, age: float, lag: int, done: int, now: float | None = None) -> bool:
        """Note how late the worker is, about every second.

        Parameters
        ----------
        age
            Seconds by which the oldest record that is not done is late.
        lag
            Records that are not done.
        done
            Records that were done since the last time.
        now
            Monotonic seconds.

        Returns
        -------
        bool
            Whether it is under pressure now.
        """
        now = monotonic() if now is None else now
        seconds = 1.0 if self._looked is None else max(1.0, now - self._looked)
        self._looked = now
        behind = lag > _BACKLOG * done / seconds
        if age >= self._after and behind:
            self._on, self._below_since = True, None
        elif self._on and not (age >= self._after * _RELEASED_BELOW and behind):
            self._below_since = now if self._below_since is None else self._below_since
            self._on = now - self._below_since < _RELEASED_AFTER
        else:
            self._below_since = None
        return self._on
