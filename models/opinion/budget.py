"""What a second opinion may cost: a share of the time that passes, as a bucket that fills and is drawn from."""

from collections.abc import Callable
from typing import Final

Clock = Callable[[], float]
"""Gives seconds from any beginning; never backwards."""

#: Seconds that can be saved up: what a batch waits for its opinions at the most, but for the text at hand.
_MOST_SAVED: Final = 0.2


class Budget:
    """Lets a share of the time be spent (a token bucket, Turner 1986, New directions in communications).

    Parameters
    ----------
    share
        Of the time that passes, above 0 and at most 1.
    clock
        Tells the time.
    """

    def __init__(self, share: float, clock: Clock) -> None:
        self._share = share
        self._clock = clock
        self._last = clock()
        self._saved = _MOST_SAVED

    def left(self) -> bool:
        """Tell whether there is time left to spend."""
        now = self._clock()
        self._saved = min(_MOST_SAVED, self._saved + self._share * (now - self._last))
        self._last = now
        return self._saved > 0

    def spend(self, seconds: float) -> None:
        """Take what was spent out; where that was more than there was, the rest is paid off first."""
        self._saved -= seconds
