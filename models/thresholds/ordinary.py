"""Thresholds by false alarms on ordinary texts of every source and language, not only on all of them together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.thresholds.sample import RULE_OF_THREE

MIN_TEXTS = 150
"""Fewer cannot tell two false alarms of a hundred from none: such a group is left out, and named."""


@dataclass(frozen=True)
class GroupRate:
    """One source, language or length: its texts, the threshold it asks for, and the share that is flagged."""

    texts: int
    probability: float
    flagged: float


@dataclass(frozen=True)
class OrdinaryThreshold:
    """A threshold, the one that all texts together ask for, and what both mean for each group.

    ``groups`` and ``too_small`` are named ``kind:value``, as in ``language:de``.
    """

    probability: float
    together: float
    flagged: float
    groups: dict[str, GroupRate]
    too_small: tuple[str, ...]


def above(scores: NDArray[np.float64], rate: float) -> float:
    """Return the lowest threshold that at most this share of the scores reaches; at most 1."""
    descending = np.sort(scores)[::-1]
    allowed = int(np.floor(rate * len(scores) + 1e-9))
    if allowed >= len(scores):
        return 0.0
    return min(1.0, float(np.nextafter(descending[allowed], np.inf)))


def ordinary_threshold(
    scores: NDArray[np.float64],
    groups: Mapping[str, Sequence[str]],
    *,
    percentile: float = 99.8,
    across: float = 1.0,
    min_texts: int = MIN_TEXTS,
) -> OrdinaryThreshold:
    """Set a threshold that flags no source and no language of ordinary texts far more than the others.

    Each group asks for the threshold of its own percentile, small ones for that of three of their texts,
    since they cannot vouch for less; the highest of all is taken.

    Parameters
    ----------
    scores
        One harm's probabilities of ordinary texts that were not trained on: shape (n_texts,).
    groups
        By kind (``source``, ``language``, ``length``) the group of each text: n_texts names.
    percentile
        Of ordinary texts that are not to be flagged.
    across
        Quantile over the groups; below 1 some groups may be flagged more, so that one odd set does not decide.
    min_texts
        Of a group that has a say.

    Raises
    ------
    ValueError
        If there is no text, or a kind does not name a group for each.
    """
    if not len(scores):
        raise ValueError("there is no ordinary text")
    rate = 1 - percentile / 100
    together = above(scores, rate)
    own: dict[str, tuple[NDArray[np.bool_], float]] = {}
    too_small: list[str] = []
    for kind, names in groups.items():
        if len(names) != len(scores):
            raise ValueError(f"{len(scores)} scores, but {len(names)} names of {kind}")
        column = np.array(names, dtype=object)
        for name in sorted(set(names)):
            chosen = np.asarray(column == name)
            count = int(chosen.sum())
            if count < min_texts:
                too_small.append(f"{kind}:{name}")
                continue
            own[f"{kind}:{name}"] = chosen, above(scores[chosen], max(rate, RULE_OF_THREE / count))
    asked = np.array([together, *(probability for _, probability in own.values())])
    probability = max(together, float(np.quantile(asked, across, method="higher")))
    flagged = scores >= probability
    return OrdinaryThreshold(
        probability,
        together,
        float(flagged.mean()),
        {
            name: GroupRate(int(chosen.sum()), asks, float(flagged[chosen].mean()))
            for name, (chosen, asks) in own.items()
        },
        tuple(too_small),
    )
