"""Transfer: what a recipe is worth on sources that it did not train on, by leaving one source out at a time.

Models are chosen by this and not by rows held out, which come from the same hand as those trained on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from sluicegate.models.evaluation.evaluation import Transfer
from sluicegate.models.fitting import AlikeTexts, HarmTask, Progress, feature_matrix
from sluicegate.models.labelled import DataError
from sluicegate.models.normalise import normalise
from sluicegate.models.recipe import STATED, TRAINED, Recipe, is_ordinary
from sluicegate.models.training import Corpus

__all__ = ["LeftOut", "leave_sources_out"]

#: Texts with and without the harm that a source needs to be measured on.
_MIN_TEXTS: Final = 20


@dataclass(frozen=True)
class LeftOut:
    """What a recipe is worth on sources left out, and what is trained on everything says of ``probes``.

    ``probes`` holds log-odds up to a shift and a scale for each harm: shape (n_probes, n_harms).
    """

    sources: tuple[Transfer, ...]
    probes: NDArray[np.float64]


@dataclass(frozen=True)
class _Matrices:
    """Features of a corpus and of probes, and what is known of the rows, each of n_rows entries."""

    texts: csr_matrix
    probes: csr_matrix
    alike: AlikeTexts
    source: NDArray[np.str_]
    family: NDArray[np.str_]
    language: NDArray[np.str_]
    ordinary: NDArray[np.bool_]


def leave_sources_out(
    recipe: Recipe, corpus: Corpus, harms: Sequence[str], probes: Sequence[str], progress: Progress
) -> LeftOut:
    """Train each harm without each source that states it, and measure it there.

    Inverse document frequencies are those of all texts to train on, the left-out ones among them: they know no label.

    Parameters
    ----------
    harms
        Those to measure.
    probes
        Texts that are scored by what is trained on everything, as those that name identities.

    Raises
    ------
    DataError
        If no source states any of the harms often enough, or the recipe has signals.
    """
    if recipe.signals:
        raise DataError("a recipe with signals cannot be measured by sources left out; leave signals out of it")
    # Parallel sums differ in their last bits with the number of threads.
    with threadpool_limits(limits=1):
        known = _matrices(recipe, corpus, probes, progress)
        planned = {harm: _sources(recipe, corpus, harm) for harm in harms}
        if not any(planned.values()):
            raise DataError(
                f"no source states {', '.join(harms)} for {_MIN_TEXTS} texts with and {_MIN_TEXTS} without; give more"
            )
        steps = sum(1 + len({recipe.family(name) for name in names}) for names in planned.values())
        found: list[Transfer] = []
        columns: list[NDArray[np.float64]] = []
        done = 0
        for harm, names in planned.items():
            task = _task(recipe, corpus, known, harm)
            for name in names:
                _check_others(task, known, recipe.family(name), harm, name)
            models: dict[str, LogisticRegression] = {}
            for family in ["", *sorted({recipe.family(name) for name in names})]:
                progress("leave out", done, steps)
                models[family] = task.regression(known.family != family)
                done += 1
            columns.append(np.asarray(known.probes @ models[""].coef_[0] + models[""].intercept_[0], dtype=np.float64))
            found += [_measured(task, known, models[recipe.family(name)], harm, name) for name in names]
        progress("leave out", steps, steps)
    return LeftOut(tuple(found), np.stack(columns, axis=1))


def _matrices(recipe: Recipe, corpus: Corpus, probes: Sequence[str], progress: Progress) -> _Matrices:
    texts = [normalise(text) for text in (*(row.text for row in corpus.rows), *probes)]
    count = len(corpus.rows)
    learned = np.concatenate([~corpus.measured & corpus.kinds.any(1), np.zeros(len(probes), dtype=np.bool_)])
    matrix, _ = feature_matrix(texts, learned, progress)
    return _Matrices(
        texts=csr_matrix(matrix[:count]),
        probes=csr_matrix(matrix[count:]),
        alike=AlikeTexts.among(corpus.rows, corpus.alike, np.arange(count), csr_matrix(matrix[:count])),
        source=_names([row.source for row in corpus.rows]),
        family=_names([recipe.family(row.source) for row in corpus.rows]),
        language=_names([row.lang for row in corpus.rows]),
        ordinary=np.array([is_ordinary(recipe, row) for row in corpus.rows], dtype=np.bool_) & corpus.measured,
    )


def _task(recipe: Recipe, corpus: Corpus, known: _Matrices, harm: str) -> HarmTask:
    column = recipe.harms.index(harm)
    kinds = corpus.kinds[:, column]
    return HarmTask(
        known.texts,
        corpus.values[:, column],
        np.isin(kinds, TRAINED) & ~corpus.measured,
        np.isin(kinds, STATED),
        recipe.inverse_regularisation,
        known.alike,
    )


def _sources(recipe: Recipe, corpus: Corpus, harm: str) -> list[str]:
    column = recipe.harms.index(harm)
    counts: dict[str, list[int]] = {}
    for row, value, kind in zip(corpus.rows, corpus.values[:, column], corpus.kinds[:, column], strict=True):
        if kind in STATED:
            counts.setdefault(row.source, [0, 0])[int(value)] += 1
    return [name for name, both in sorted(counts.items()) if min(both) >= _MIN_TEXTS]


def _check_others(task: HarmTask, known: _Matrices, family: str, harm: str, name: str) -> None:
    if len(np.unique(task.values[task.trained & (known.family != family)])) < 2:
        raise DataError(
            f"without source {name} no texts with and without {harm} are left to train on; give other sources of it"
        )


def _measured(task: HarmTask, known: _Matrices, model: LogisticRegression, harm: str, name: str) -> Transfer:
    own = task.stated & (known.source == name)
    values = task.values[own]
    margins = task.margins(model, own)
    harmful = margins[values == 1]
    languages, counts = np.unique(known.language[own], return_counts=True)
    language = str(languages[counts.argmax()])
    free = known.ordinary & (known.language == language)
    family = str(known.family[own][0])
    return Transfer(
        harm=harm,
        source=name,
        language=language,
        left_out=tuple(sorted({str(each) for each in known.source[known.family == family]})),
        positives=len(harmful),
        negatives=len(margins) - len(harmful),
        auc=round(float(roc_auc_score(values, margins)), 4),
        auc_against_ordinary=round(_auc(harmful, task.margins(model, free)), 4) if free.any() else None,
    )


def _auc(harmful: NDArray[np.float64], free: NDArray[np.float64]) -> float:
    values = np.concatenate([np.ones(len(harmful)), np.zeros(len(free))])
    return float(roc_auc_score(values, np.concatenate([harmful, free])))


def _names(names: Sequence[str]) -> NDArray[np.str_]:
    return np.array(names, dtype=np.str_)
