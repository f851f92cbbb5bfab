"""What a second opinion adds, measured on texts that neither model learned from."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sluicegate.models import splits
from sluicegate.models.figures import discrimination
from sluicegate.models.opinion.manifest import Band, Comparison, OpinionMetrics
from sluicegate.models.recipe import ANNOTATED, DERIVED, Recipe, is_ordinary
from sluicegate.models.training import Corpus


def compare(
    corpus: Corpus, bands: Mapping[str, Band], first: NDArray[np.float64], combined: NDArray[np.float64]
) -> dict[str, OpinionMetrics]:
    """Compare log-odds, both of shape (n_rows, n_harms) in the order of the bands, as they would be served.

    Outside a harm's band the first score stands. Sources only measured on are left out of the totals.
    """
    unseen = corpus.measured | (corpus.parts == splits.TEST)
    sources = np.array([row.source for row in corpus.rows])
    metrics: dict[str, OpinionMetrics] = {}
    for column, (harm, band) in enumerate(bands.items()):
        labels, before = corpus.values[:, column], first[:, column]
        within = (before >= band.low) & (before <= band.high)
        after = np.where(within, combined[:, column], before)
        known = unseen & np.isin(corpus.kinds[:, column], (ANNOTATED, DERIVED))
        own = known & ~corpus.measured
        metrics[harm] = OpinionMetrics(
            all=_comparison(labels, before, after, own),
            band=_comparison(labels, before, after, own & within),
            sources={
                str(source): _comparison(labels, before, after, known & (sources == source))
                for source in np.unique(sources[known])
            },
        )
    return metrics


def share_within(recipe: Recipe, corpus: Corpus, bands: Mapping[str, Band], first: NDArray[np.float64]) -> float | None:
    """Return the share of unseen ordinary texts that lie within a band; None where there are none."""
    unseen = corpus.measured | (corpus.parts == splits.TEST)
    chosen = np.array([is_ordinary(recipe, row) for row in corpus.rows], dtype=np.bool_) & unseen
    if not chosen.any():
        return None
    low, high = (np.array([getattr(band, end) for band in bands.values()]) for end in ("low", "high"))
    return round(float(((first[chosen] >= low) & (first[chosen] <= high)).any(axis=1).mean()), 4)


def _comparison(
    labels: NDArray[np.int8], before: NDArray[np.float64], after: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> Comparison:
    one, both = discrimination(labels[chosen], before[chosen]), discrimination(labels[chosen], after[chosen])
    positives = int(labels[chosen].sum())
    return Comparison(positives, int(chosen.sum()) - positives, one.auc if one else None, both.auc if both else None)
