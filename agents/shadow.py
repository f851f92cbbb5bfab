"""The shadow: another model that is asked about a share of the stream, and whose answers nothing acts on.

Whatever goes wrong with it costs no event and no decision: it is counted, and the decision goes out without.
"""

import logging
from collections import Counter
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.encoding import priority_of
from sluicegate.agents.outcome import ModelScores
from sluicegate.agents.rows import Row, features_of, is_scored, score_rows
from sluicegate.models import Scorer
from sluicegate.policy import DecidedRow, DeskState, Policy, check_harms, decide
from sluicegate.schemas import Provenance, ShadowDecision
from sluicegate.schemas.sampling import SHADOW, place_of

__all__ = ["Shadow", "Shadowed"]

_LOG: Final = logging.getLogger("sluicegate.scoring")

#: Decimals of a probability, as in decisions.
_DECIMALS: Final = 6


@dataclass(frozen=True, slots=True)
class Shadowed:
    """What became of the share of a batch that a shadow is asked about.

    Attributes
    ----------
    given
        What it would have had decided, by the row's index.
    results
        Events of the share, by what became of it: ``scored``, ``failed`` or ``pressure``.
    skipped
        Why it was not asked, by the row's index.
    """

    given: dict[int, ShadowDecision] = field(default_factory=dict)
    results: Counter[str] = field(default_factory=Counter)
    skipped: dict[int, str] = field(default_factory=dict)

    def leave_out(self, index: int) -> None:
        """Take back what is given for a row, if anything is, and count it as failed."""
        if self.given.pop(index, None) is not None:
            self.results["scored"] -= 1
            self.results["failed"] += 1

    def differences(
        self, rows: Sequence[Row], harms: Sequence[str], scores: NDArray[np.float64], refused: Container[int]
    ) -> ModelScores | None:
        """Give its probabilities less those that were decided on, for the harms of both; None where there are none.

        Parameters
        ----------
        rows, harms, scores
            Of the decisions; scores of shape (n_rows, n_harms).
        refused
            Indices of rows that came to no decision.
        """
        found = [
            (self.given[row.index].scores, decided)
            for row, decided in zip(rows, scores.tolist(), strict=True)
            if row.index in self.given and row.index not in refused
        ]
        if not found:
            return None
        model = next(iter(self.given.values())).model
        shared = [(column, harm) for column, harm in enumerate(harms) if harm in found[0][0]]
        values = [[shadow[harm] - decided[column] for column, harm in shared] for shadow, decided in found]
        return ModelScores(model.digest, tuple(harm for _, harm in shared), np.array(values, dtype=np.float64))


class Shadow:
    """Asks another model about a share of the stream, the same contents always.

    Parameters
    ----------
    scorer
        The other model.
    policy
        Decides on its scores; all harms that it names must be the model's.
    share
        Of the contents, by their place: see :func:`~sluicegate.schemas.sampling.place_of`.
    pressed
        Tells whether the worker is so far behind that it is not asked.

    Raises
    ------
    PolicyError
        Where the policy names a harm that the model does not score.
    """

    def __init__(
        self, scorer: Scorer, policy: Policy, share: float, pressed: Callable[[], bool] = lambda: False
    ) -> None:
        check_harms(policy, scorer.harms)
        self._scorer = scorer
        self._policy = policy
        self._share = share
        self._pressed = pressed
        self._model = Provenance(scorer.name, scorer.version, scorer.digest)
        self._failing = False

    def look(self, rows: Sequence[Row], state: DeskState | None) -> Shadowed:
        """Say what the policy would have decided with the other model's scores; never raises because of it.

        Parameters
        ----------
        rows
            Events of a batch.
        state
            The desk's state, as it was decided with.
        """
        chosen = [row for row in rows if is_scored(row) and place_of(SHADOW, row.event.data.content_id) < self._share]
        if not chosen:
            return Shadowed()
        if self._pressed():
            return Shadowed({}, Counter(pressure=len(chosen)), {row.index: "pressure" for row in chosen})
        try:
            given = self._decided(chosen, state)
        except Exception as error:  # noqa: BLE001 - nothing that a shadow does may cost an event
            if not self._failing:
                # Only its kind: the text of an error may hold that of an event.
                _LOG.error("shadow %s fails with %s; it is left out", self._model.digest[:19], type(error).__name__)
            self._failing = True
            return Shadowed(results=Counter(failed=len(chosen)))
        self._failing = False
        counted = {"scored": len(given), "failed": len(chosen) - len(given)}
        return Shadowed(given, Counter({result: number for result, number in counted.items() if number}))

    def _decided(self, rows: Sequence[Row], state: DeskState | None) -> dict[int, ShadowDecision]:
        harms = self._scorer.harms
        scores = np.round(score_rows(self._scorer, rows), _DECIMALS)
        whole = np.flatnonzero(((scores >= 0) & (scores <= 1)).all(axis=1)).tolist()
        if not whole:
            return {}
        kept = [rows[position] for position in whole]
        decisions = decide(self._policy, features_of(kept, self._policy.signals), scores[whole], harms, state)
        as_of = state.as_of if state else None
        return {
            row.index: self._decision(decided, dict(zip(harms, numbers, strict=True)), as_of)
            for row, decided, numbers in zip(kept, decisions.rows(), scores[whole].tolist(), strict=True)
        }

    def _decision(self, decided: DecidedRow, scores: dict[str, float], as_of: str | None) -> ShadowDecision:
        return ShadowDecision(
            model=self._model,
            scores=scores,
            outcome=decided.outcome,
            rule=decided.rule,
            action=decided.action,
            queue=decided.queue,
            priority=priority_of(decided, as_of),
        )
