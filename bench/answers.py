"""Whether contestants decide alike: every event once, with the same scores."""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from sluicegate.bench.processes import ContestantError

__all__ = ["TOLERANCE", "Answers"]

#: Scores are written with six decimals; two that lie on both sides of a half differ by one in the last.
TOLERANCE: Final = 1e-6 + 1e-9

_UNSCORED: Final = -1.0


class _Reference(msgspec.Struct):
    id: str


class _Data(msgspec.Struct):
    event: _Reference
    scores: dict[str, float]


class _Decision(msgspec.Struct):
    data: _Data


class Answers:
    """The scores that the first contestant gave each event of one workload, which those of all others must equal.

    Parameters
    ----------
    ids
        Of the events, in their order; a backlog is their beginning.
    harms
        That every scored event must have.
    """

    def __init__(self, ids: Sequence[str], harms: Sequence[str]) -> None:
        self._places = {each: place for place, each in enumerate(ids)}
        self._harms = tuple(harms)
        self._known = np.full((len(ids), len(self._harms)), np.nan)
        self._decode = msgspec.json.Decoder(_Decision).decode

    def compare(self, contestant: str, count: int, decisions: Sequence[bytes]) -> float:
        """Compare all decisions of a backlog of the first ``count`` events.

        Returns
        -------
        float
            The largest difference of a score.

        Raises
        ------
        ContestantError
            Where an event was decided not at all or twice, or a score differs.
        """
        given = self._given(contestant, count, decisions)
        known = self._known[:count]
        differences = np.abs(given - known)
        largest = float(np.nanmax(differences, initial=0.0))
        if largest > TOLERANCE:
            place = int(np.nanargmax(np.nanmax(np.nan_to_num(differences), axis=1)))
            event = list(self._places)[place]
            raise ContestantError(
                f"{contestant} gave {event} the scores {given[place].tolist()}, others {known[place].tolist()}"
            )
        unknown = np.isnan(known)
        known[unknown] = given[unknown]
        return largest

    def _given(self, contestant: str, count: int, decisions: Sequence[bytes]) -> NDArray[np.float64]:
        if len(decisions) != count:
            raise ContestantError(f"{contestant} wrote {len(decisions)} decisions of {count} events")
        given = np.full((count, len(self._harms)), np.nan)
        for raw in decisions:
            data = self._decode(raw).data
            place = self._places.get(data.event.id, count)
            if place >= count:
                raise ContestantError(f"{contestant} decided {data.event.id}, which it was not given")
            given[place] = [data.scores[harm] for harm in self._harms] if data.scores else _UNSCORED
        missing = int(np.isnan(given).any(axis=1).sum())
        if missing:
            raise ContestantError(f"{contestant} left {missing} of {count} events out, and decided others twice")
        return given
