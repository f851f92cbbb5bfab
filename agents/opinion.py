"""The second opinion of a worker: loaded if it is set, asked about a batch, and never needed by a worker without."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.rows import Row, is_scored
from sluicegate.agents.settings import Settings
from sluicegate.agents.trust import load_trust
from sluicegate.models import Scorer
from sluicegate.models.opinion.consulted import Opinion
from sluicegate.models.opinion.errors import OpinionError, OtherModelError
from sluicegate.models.store import is_store
from sluicegate.models.trust import Trust
from sluicegate.schemas import Provenance

__all__ = ["Opinions", "read_opinion", "second_opinions"]

_LOG: Final = logging.getLogger("sluicegate.worker")


@dataclass(frozen=True, slots=True)
class Opinions:
    """What became of a batch.

    Attributes
    ----------
    scores
        With the opinions, where there are any; shape (n_rows, n_harms).
    given
        The opinion that changed a row's scores, by the row's index.
    results
        Texts that one was wanted on, by what became of it.
    skipped
        Why none was asked for that was wanted, by the row's index.
    """

    scores: NDArray[np.float64]
    given: Mapping[int, Provenance] = field(default_factory=dict)
    results: Counter[str] = field(default_factory=Counter)
    skipped: Mapping[int, str] = field(default_factory=dict)


def read_opinion(
    settings: Settings,
    scorer: Scorer,
    severe: Collection[str] = (),
    pressed: Callable[[], bool] = lambda: False,
    trust: Trust | None = None,
) -> Opinion | None:
    """Load the second opinion that is set, if any; the same must vouch for it as for a bundle.

    Where the model is the current one of a store, an opinion beside another model is left out and not refused: what is
    promoted must not keep a worker from starting again.

    Parameters
    ----------
    settings, scorer
        Of the worker, and its model.
    severe
        Harms that are asked about whatever it costs.
    pressed
        Tells whether the worker is so far behind that nothing else is asked about.

    Raises
    ------
    OpinionError
        Where it cannot be used beside this model, or the libraries it needs are not installed.
    """
    if settings.opinion_bundle is None:
        return None
    try:
        from sluicegate.models.opinion.bundle import load_opinion
        from sluicegate.models.opinion.second import SecondOpinion
    except ModuleNotFoundError as error:
        raise OpinionError(
            f"SLUICEGATE_OPINION_BUNDLE needs {error.name}, which is not installed; "
            "install it with: pip install 'sluicegate[opinion]', or unset the setting"
        ) from error
    try:
        bundle = load_opinion(settings.opinion_bundle, load_trust(settings) if trust is None else trust)
        return SecondOpinion(bundle, scorer, settings.opinion_share, monotonic, severe, pressed)
    except OtherModelError as error:
        if not is_store(settings.bundle):
            raise
        _LOG.warning("the stream goes on without a second opinion until the worker is started again: %s", error)
        return None


def second_opinions(opinion: Opinion, scorer: Scorer, rows: Sequence[Row], scores: NDArray[np.float64]) -> Opinions:
    """Ask about the rows of a batch that were scored; where the scorer is another than its own, it says nothing."""
    asked = [position for position, row in enumerate(rows) if is_scored(row)]
    if opinion.first_digest != scorer.digest:
        return Opinions(scores, results=Counter(other_model=len(asked)))
    consulted = opinion.consult([rows[position].text for position in asked], scores[asked])
    after = scores.copy()
    after[asked] = consulted.scores
    source = Provenance(opinion.name, opinion.version, opinion.digest)
    given = {rows[asked[place]].index: source for place in np.flatnonzero(consulted.changed)}
    counted = {
        "given": len(given),
        "over_budget": consulted.over_budget,
        "pressure": consulted.under_pressure,
        "too_long": consulted.too_long,
        "failed": consulted.failed,
    }
    results = Counter({result: number for result, number in counted.items() if number})
    return Opinions(after, given, results, {rows[asked[place]].index: why for place, why in consulted.skipped.items()})
