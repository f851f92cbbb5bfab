"""Why texts are reviewed: the harms that reached the rule, and the parts of the text that speak for them."""

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.encoded import DecidedEvents, ReachedHarms, TextParts
from sluicegate.agents.encoding import PARTS_MOST, WEIGHT_DECIMALS
from sluicegate.models.buffered import BufferScorer

__all__ = ["reasons_of"]


def reasons_of(decided: DecidedEvents, rows: NDArray[np.int64], scorer: BufferScorer) -> tuple[ReachedHarms, TextParts]:
    """Give what the tasks of some decided events show.

    Parameters
    ----------
    decided, rows
        What was decided, and the events that are reviewed.
    scorer
        By which they were scored.
    """
    tasks, harms, probabilities = decided.decisions.reached(rows)
    texts = decided.columns.spans_of("text").rows(decided.records[rows])
    asked, starts, ends, weights = scorer.strongest(texts, tasks, harms, PARTS_MOST)
    # As Python rounds, which is not always as numpy does.
    shown = np.array([round(weight, WEIGHT_DECIMALS) for weight in weights.tolist()], dtype=np.float64)
    return ReachedHarms(tasks, harms, probabilities), TextParts(tasks[asked], harms[asked], starts, ends, shown)
