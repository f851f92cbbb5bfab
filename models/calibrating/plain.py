"""Thresholds and reference distributions from plain traffic: percentiles of what a deployment really sees."""

from collections import Counter

import numpy as np

from sluicegate.models.drift.reference import with_text_features
from sluicegate.models.drift.unknown import UnknownWords
from sluicegate.models.figures import histogram
from sluicegate.models.labelled import DataError
from sluicegate.models.manifest import Ordinary, Threshold
from sluicegate.models.scored import Scored
from sluicegate.models.thresholds.ordinary import above
from sluicegate.models.thresholds.sample import RULE_OF_THREE

RATES = (0.02, 0.01, 0.002)
"""Shares that thresholds are given for where the bundle states none."""


def read_plain(plain: Scored, labelled: Scored | None, before: Ordinary, words: UnknownWords | None = None) -> Ordinary:
    """Return thresholds at the shares of traffic that the bundle states them for, and the reference distributions.

    Plain traffic holds some harmful posts, which score high: the thresholds err to the careful side.

    Parameters
    ----------
    plain
        Texts of the stream as it comes, not chosen by anything; those labelled to hold a harm are left out of it.
    labelled
        Texts that recall is counted on, with probabilities of the same bundle; None leaves it unknown.
    before
        What the bundle stated until now.
    words
        Tells the words that the model does not know.

    Raises
    ------
    DataError
        If the texts are too few to vouch for the lowest share.
    """
    rates = sorted({one.false_alarm_rate for found in before.thresholds.values() for one in found} or RATES)
    needed = int(np.ceil(RULE_OF_THREE / rates[0] - 1e-9))
    if len(plain.rows) < needed:
        raise DataError(
            f"{len(plain.rows):,} texts of plain traffic cannot vouch for a share of {rates[0]:.4g} "
            f"(the rule of three); give at least {needed:,}"
        )
    ordinary = Ordinary(
        rows=len(plain.rows),
        by_source=dict(sorted(Counter(row.source for row in plain.rows).items())),
        thresholds={harm: [_threshold(harm, rate, plain, labelled) for rate in rates[::-1]] for harm in plain.harms},
        reference={harm: histogram(plain.free_of(harm)) for harm in plain.harms},
        data=plain.files,
    )
    return with_text_features(ordinary, plain.rows, words)


def _threshold(harm: str, rate: float, plain: Scored, labelled: Scored | None) -> Threshold:
    column = plain.harms.index(harm)
    free = plain.labels[:, column] != 1
    scores = plain.scores[free, column]
    probability = above(scores, rate)
    sources = np.array([row.source for row in plain.rows], dtype=object)[free]
    recall: float | None = None
    if labelled is not None:
        positives, _ = labelled.of(harm, np.asarray(labelled.labels[:, column] == 1))
        recall = round(float((positives >= probability).mean()), 4) if len(positives) else None
    return Threshold(
        false_alarm_rate=rate,
        probability=probability,
        recall=recall,
        by_source={
            name: round(float((scores[sources == name] >= probability).mean()), 4) for name in sorted(set(sources))
        },
    )
