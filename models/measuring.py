"""What the manifest says of a trained model: figures on texts that were held out, and on ordinary ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sluicegate.models import figures, splits
from sluicegate.models.drift.reference import with_text_features
from sluicegate.models.drift.unknown import UnknownWords
from sluicegate.models.fitting import CHUNK, Progress
from sluicegate.models.manifest import HarmMetrics, Histogram, Ordinary, Source, SourceMetrics, Threshold
from sluicegate.models.recipe import STATED, Recipe, is_ordinary
from sluicegate.models.scored import score_rows
from sluicegate.models.scorer import Scorer
from sluicegate.models.thresholds.ordinary import ordinary_threshold
from sluicegate.models.training import Corpus

FALSE_ALARM_RATES = (0.02, 0.01, 0.002)


@dataclass(frozen=True)
class Measured:
    """Texts not trained on, as indices into the corpus, and their probabilities (n_texts, n_harms)."""

    indices: NDArray[np.intp]
    scores: NDArray[np.float64]


def score_unseen(corpus: Corpus, scorer: Scorer, progress: Progress) -> Measured:
    """Score the test part and the sources that are only measured on."""
    indices = np.flatnonzero((corpus.parts == splits.TEST) | corpus.measured)
    scores = np.empty((len(indices), len(scorer.harms)), dtype=np.float64)
    for start in range(0, len(indices), CHUNK):
        progress("measure", start, len(indices))
        chunk = indices[start : start + CHUNK]
        scores[start : start + CHUNK] = score_rows(scorer, [corpus.rows[index] for index in chunk])
    progress("measure", len(indices), len(indices))
    return Measured(indices, scores)


def harm_metrics(recipe: Recipe, corpus: Corpus, measured: Measured) -> dict[str, HarmMetrics]:
    """Return the figures of each harm, over all held-out texts and for each source."""
    sources = np.array([corpus.rows[index].source for index in measured.indices], dtype=object)
    transfer = corpus.measured[measured.indices]
    metrics: dict[str, HarmMetrics] = {}
    for column, harm in enumerate(recipe.harms):
        values, kinds = corpus.values[measured.indices, column], corpus.kinds[measured.indices, column]
        scores = measured.scores[:, column]
        stated = np.isin(kinds, STATED)
        own = stated & ~transfer
        overall = figures.discrimination(values[own], scores[own])
        # Calibration was done at even odds and then moved: moved back, it can be compared.
        prior = figures.log_odds(np.array([recipe.prevalence[harm]]))
        even = figures.sigmoid(figures.log_odds(scores[own]) - prior)
        metrics[harm] = HarmMetrics(
            positives=int(values[own].sum()),
            negatives=int(own.sum() - values[own].sum()),
            auc=overall.auc if overall else None,
            average_precision=overall.average_precision if overall else None,
            ece_even_odds=round(figures.calibration_error(values[own], even), 4) if overall else None,
            sources=_by_source(sources, values, scores, own),
            transfer=_by_source(sources, values, scores, stated & transfer),
        )
    return metrics


def ordinary_figures(recipe: Recipe, corpus: Corpus, measured: Measured, words: UnknownWords | None = None) -> Ordinary:
    """Return thresholds by false alarms on ordinary texts, recall at them, and reference distributions.

    Parameters
    ----------
    words
        Tells the words that the model does not know.
    """
    rows = [corpus.rows[index] for index in measured.indices]
    plain = np.array([is_ordinary(recipe, row) for row in rows], dtype=np.bool_)
    sources = np.array([row.source for row in rows], dtype=object)
    # A source that was trained on has no say of its own: its ordinary texts are known better than a stream's will be.
    groups = {
        "source": [_unseen(recipe, row.source) for row, chosen in zip(rows, plain, strict=True) if chosen],
        "language": [row.lang for row, chosen in zip(rows, plain, strict=True) if chosen],
    }
    thresholds: dict[str, list[Threshold]] = {}
    reference: dict[str, Histogram] = {}
    for column, harm in enumerate(recipe.harms):
        values, kinds = corpus.values[measured.indices, column], corpus.kinds[measured.indices, column]
        scores = measured.scores[:, column]
        positive = (values == 1) & np.isin(kinds, STATED) & ~corpus.measured[measured.indices]
        reference[harm] = figures.histogram(scores[plain])
        thresholds[harm] = [
            _threshold(rate, scores, plain, positive, sources, groups) for rate in FALSE_ALARM_RATES if plain.any()
        ]
    ordinary = Ordinary(int(plain.sum()), dict(sorted(Counter(sources[plain]).items())), thresholds, reference)
    return with_text_features(ordinary, [row for row, chosen in zip(rows, plain, strict=True) if chosen], words)


def source_counts(recipe: Recipe, corpus: Corpus) -> tuple[Source, ...]:
    """Return licence, attribution and use of each source that occurs."""
    counts: dict[str, Counter[int]] = {}
    for row, part in zip(corpus.rows, corpus.parts, strict=True):
        counts.setdefault(row.source, Counter())[int(part)] += 1
    described: list[Source] = []
    for name, parts in sorted(counts.items()):
        known = recipe.source(name)
        total = sum(parts.values())
        trained = known.use != "measure"
        described.append(
            Source(
                name=name,
                use=known.use,
                licence=known.licence,
                attribution=known.attribution,
                rows=total,
                train=parts[splits.TRAIN] if trained else 0,
                calibrate=parts[splits.CALIBRATE] if trained else 0,
                test=parts[splits.TEST] if trained else total,
            )
        )
    return tuple(described)


def _unseen(recipe: Recipe, source: str) -> str:
    return source if recipe.source(source).use == "measure" else "held out"


def _threshold(
    rate: float,
    scores: NDArray[np.float64],
    plain: NDArray[np.bool_],
    positive: NDArray[np.bool_],
    sources: NDArray[np.object_],
    groups: Mapping[str, Sequence[str]],
) -> Threshold:
    probability = ordinary_threshold(scores[plain], groups, percentile=100 * (1 - rate)).probability
    flagged = scores >= probability
    return Threshold(
        false_alarm_rate=rate,
        probability=probability,
        recall=round(float(flagged[positive].mean()), 4) if positive.any() else 0.0,
        by_source={
            name: round(float(flagged[plain & (sources == name)].mean()), 4) for name in sorted(set(sources[plain]))
        },
    )


def _by_source(
    sources: NDArray[np.object_],
    values: NDArray[np.int8],
    scores: NDArray[np.float64],
    among: NDArray[np.bool_],
) -> dict[str, SourceMetrics]:
    found: dict[str, SourceMetrics] = {}
    for name in sorted(set(sources[among])):
        chosen = among & (sources == name)
        figure = figures.discrimination(values[chosen], scores[chosen])
        if figure is not None:
            found[name] = figure
    return found
