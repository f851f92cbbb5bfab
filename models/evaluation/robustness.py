"""Robustness: what disguises of texts cost a bundle, each text compared with itself."""

import random
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.evaluation.evaluation import MIN_TEXTS, Drop
from sluicegate.models.evaluation.perturbations import Perturbation
from sluicegate.models.evaluation.resampling import Resamples, estimate, groups_of
from sluicegate.models.evaluation.sample import Progress, Sample, score_texts
from sluicegate.models.evaluation.weighted import Ranked
from sluicegate.models.scorer import Scorer

__all__ = ["TEXTS_OF_A_CLASS", "robustness"]

#: Texts of each class of each harm that are disguised; all would take as long again for every disguise.
TEXTS_OF_A_CLASS: Final = 400


def robustness(
    scorer: Scorer, sample: Sample, perturbations: Mapping[str, Perturbation], seed: int, progress: Progress
) -> dict[str, dict[str, Drop]]:
    """Disguise a part of the texts in each way and compare the AUC of each harm: by disguise, then by harm."""
    chosen = _choose(sample, seed)
    resamples = Resamples.draw(groups_of([sample.rows[index] for index in chosen]), seed)
    found: dict[str, dict[str, Drop]] = {}
    for number, (name, perturb) in enumerate(perturbations.items()):

        def told(_: str, done: int, total: int, before: int = number) -> None:
            progress("disguise", before * total + done, len(perturbations) * total)

        texts = [perturb(sample.rows[index].text, random.Random(f"{seed}:{name}:{index}")) for index in chosen]  # noqa: S311 - no secret
        disguised = score_texts(scorer, texts, "disguise", told, [sample.rows[index].signals for index in chosen])
        drops = {harm: _drop(sample, chosen, disguised, harm, resamples) for harm in sample.harms}
        found[name] = {harm: drop for harm, drop in drops.items() if drop is not None}
    return found


def _choose(sample: Sample, seed: int) -> NDArray[np.intp]:
    generator = np.random.default_rng(seed)
    chosen: list[NDArray[np.intp]] = [np.empty(0, dtype=np.intp)]
    for column in range(len(sample.harms)):
        for value in (1, 0):
            texts = np.flatnonzero(sample.known[:, column] & (sample.values[:, column] == value))
            chosen.append(generator.permutation(texts)[:TEXTS_OF_A_CLASS])
    return np.unique(np.concatenate(chosen))


def _drop(
    sample: Sample, chosen: NDArray[np.intp], disguised: NDArray[np.float64], harm: str, resamples: Resamples
) -> Drop | None:
    column = sample.harms.index(harm)
    among = np.flatnonzero(sample.known[chosen, column])
    labels = sample.values[chosen[among], column]
    positives = int(labels.sum())
    if min(positives, len(labels) - positives) < MIN_TEXTS:
        return None
    before = Ranked.of(labels, sample.scores[chosen[among], column])
    after = Ranked.of(labels, disguised[among, column])

    def statistic(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        areas = before.discrimination(weights)[0], after.discrimination(weights)[0]
        return np.stack([*areas, areas[0] - areas[1]])

    auc, auc_disguised, lost = statistic(np.ones((1, len(labels))))[:, 0]
    drop = estimate(float(lost), resamples.figures(among, statistic)[2])
    if drop is None:
        return None
    return Drop(positives, len(labels) - positives, round(float(auc), 4), round(float(auc_disguised), 4), drop)
