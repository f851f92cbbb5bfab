"""Asks for a second opinion on the texts that a model is unsure of, as long as the budget lasts.

Which texts are asked about depends on time and load; what an opinion says of a text does not, nor on the texts beside
it. Texts whose severe harms are in doubt are always asked about.
"""

from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.figures import log_odds, sigmoid
from sluicegate.models.opinion.budget import Budget, Clock
from sluicegate.models.opinion.bundle import OpinionBundle
from sluicegate.models.opinion.consulted import Consulted, WhySkipped
from sluicegate.models.opinion.errors import OtherModelError
from sluicegate.models.scorer import Scorer


class SecondOpinion:
    """A second opinion beside one model.

    It is not itself a scorer: what a scorer gives depends on the text alone, and whether there was time for an
    opinion does not.

    Parameters
    ----------
    bundle
        The opinion.
    first
        The model; it must be the one that the opinion was trained beside.
    share
        Of the time that passes, which may be spent.
    clock
        Tells the time.
    severe
        Harms that are asked about whatever it costs: neither budget nor pressure keeps a text from it whose score of
        such a harm lies within its band.
    pressed
        Tells whether the worker is so far behind that nothing else is asked about.

    Raises
    ------
    OtherModelError
        If it was trained beside another model.
    """

    def __init__(
        self,
        bundle: OpinionBundle,
        first: Scorer,
        share: float,
        clock: Clock,
        severe: Collection[str] = (),
        pressed: Callable[[], bool] = lambda: False,
    ) -> None:
        manifest = bundle.manifest
        if manifest.first.digest != first.digest:
            raise OtherModelError(
                f"second opinion {bundle.path} was trained beside model {manifest.first.name} {manifest.first.version} "
                f"({manifest.first.digest[:19]}), not {first.name} {first.version} ({first.digest[:19]}); train one "
                "beside the model that is served, or unset SLUICEGATE_OPINION_BUNDLE"
            )
        self.name, self.version, self.digest = manifest.name, manifest.version, bundle.digest
        self.first_digest = manifest.first.digest
        self._bundle = bundle
        self._columns = [first.harms.index(harm) for harm in manifest.harms]
        self._low = np.array([manifest.bands[harm].low for harm in manifest.harms])
        self._high = np.array([manifest.bands[harm].high for harm in manifest.harms])
        self._severe = np.array([harm in severe for harm in manifest.harms], dtype=np.bool_)
        self._pressed = pressed
        self._budget = Budget(share, clock)
        self._clock = clock

    def consult(self, texts: Sequence[str], scores: NDArray[np.float64]) -> Consulted:
        """Score again what lies within a band, severe harms first, and then the most doubtful.

        Parameters
        ----------
        texts
            Of a batch.
        scores
            What the model gave: shape (n_texts, n_harms).

        Returns
        -------
        Consulted
            The harms of a text that lie outside their bands keep their scores.
        """
        first = log_odds(scores[:, self._columns])
        within = (first >= self._low) & (first <= self._high)
        doubt = np.where(within, np.abs(first - (self._low + self._high) / 2) / (self._high - self._low), np.inf)
        severe: NDArray[np.bool_] = np.any(within[:, self._severe], axis=1)
        order = np.lexsort((doubt.min(axis=1, initial=np.inf), ~severe))
        found, changed = scores.copy(), np.zeros(len(texts), dtype=np.bool_)
        skipped: dict[int, WhySkipped] = {}
        too_long = failed = 0
        why_not: WhySkipped | None = "pressure" if self._pressed() else None
        for row in order[within[order].any(axis=1)].tolist():
            if not severe[row]:
                if why_not is None and not self._budget.left():
                    why_not = "over_budget"
                if why_not is not None:
                    skipped[row] = why_not
                    continue
            began = self._clock()
            try:
                opinion = self._opinion(texts[row], first[row])
            except Exception:  # noqa: BLE001 - whatever a runtime that is not ours raises: the first score stands
                failed += 1
            else:
                if opinion is None:
                    too_long += 1
                else:
                    for column in np.flatnonzero(within[row]):
                        found[row, self._columns[column]] = opinion[column]
                    changed[row] = True
            self._budget.spend(self._clock() - began)
        reasons = list(skipped.values())
        over_budget, under_pressure = reasons.count("over_budget"), reasons.count("pressure")
        return Consulted(found, changed, over_budget, too_long, failed, under_pressure, skipped)

    def _opinion(self, text: str, first: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Return what both say together, of shape (n_harms,); None where the text cannot be read whole."""
        tokens, whole = self._bundle.encoder.read(text)
        if not whole:
            return None
        margins = self._bundle.head.margins(self._bundle.encoder.embed(tokens))
        logits = combine(self._bundle, first, margins)
        if not np.isfinite(logits).all():
            raise ValueError("an opinion that is not finite")
        return sigmoid(logits)


def combine(bundle: OpinionBundle, first: NDArray[np.float64], margins: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log-odds of both together; all of shape (..., n_harms), in the order of the opinion's harms."""
    parts = [bundle.manifest.combination[harm] for harm in bundle.manifest.harms]
    total = first * np.array([part.first for part in parts]) + margins * np.array([part.opinion for part in parts])
    return np.asarray(total + np.array([part.intercept for part in parts]))
