"""The texts of an evaluation with what is known of them and the probabilities that a bundle gave."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from sluicegate.models.labelled import DataError, Row
from sluicegate.models.recipe import STATED, Recipe, is_ordinary, label
from sluicegate.models.scorer import Scorer
from sluicegate.models.signals import Signals

__all__ = ["LENGTH_BANDS", "Progress", "Sample", "draw_rows", "length_band", "score_texts", "take_sample"]

#: Bands of length in code points: the most of each, and its name.
LENGTH_BANDS: Final = ((40, "1-40"), (140, "41-140"), (500, "141-500"), (1_500, "501-1500"))
_LONGEST: Final = "over 1500"
_CHUNK: Final = 1_000
_BENIGN: Final = "benign_pool"

Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, the steps done and all steps."""


@dataclass(frozen=True)
class Sample:
    """Rows, what is known of each, and the probabilities of a bundle.

    ``values`` (0 or 1) and ``known`` have shape (n_rows, n_harms), ``ordinary`` (n_rows,), ``scores``
    (n_rows, n_harms). ``slices`` names, by source, language and length, the slice that each row is in.
    """

    rows: tuple[Row, ...]
    harms: tuple[str, ...]
    values: NDArray[np.int8]
    known: NDArray[np.bool_]
    ordinary: NDArray[np.bool_]
    scores: NDArray[np.float64]
    slices: Mapping[str, NDArray[np.object_]]

    def slices_of(self, kind: str, texts: NDArray[np.intp]) -> dict[str, NDArray[np.intp]]:
        """Part some of the texts by source, language or length; of length, the shortest come first."""
        names = self.slices[kind][texts]
        bands = [name for _, name in LENGTH_BANDS]
        found = sorted(set(names), key=lambda name: (bands.index(name) if name in bands else len(bands), name))
        return {name: texts[names == name] for name in found}


def length_band(text: str) -> str:
    """Name the band of a text's length in code points."""
    return next((name for most, name in LENGTH_BANDS if len(text) <= most), _LONGEST)


def draw_rows(rows: Sequence[Row], most: int | None, seed: int) -> list[Row]:
    """Draw at most that many rows, in the order in which they stand."""
    if most is None or len(rows) <= most:
        return list(rows)
    chosen = np.random.default_rng(seed).choice(len(rows), size=most, replace=False)
    return [rows[index] for index in np.sort(chosen)]


def take_sample(scorer: Scorer, rows: Sequence[Row], recipe: Recipe, progress: Progress) -> Sample:
    """Label rows by what they carry and what the recipe derives of it, and score them.

    A label that the recipe only assumes is not measured on. An ordinary text is one that the recipe takes for
    one, one that is labelled ``benign_pool``, and of a source that the recipe does not know one whose labels are all 0.

    Raises
    ------
    DataError
        If no row has a label of the scorer's harms.
    """
    values, kinds = label(_for_harms(recipe, scorer.harms), rows, 0)
    known = np.isin(kinds, STATED)
    ordinary = np.array([_is_ordinary(recipe, row) for row in rows], dtype=np.bool_)
    if not known.any() and not ordinary.any():
        found = sorted({name for row in rows for name in row.labels})
        raise DataError(
            f"no row has a label of {scorer.name} ({', '.join(scorer.harms)}); the labels found are "
            f"{', '.join(found) if found else 'none'}; give rows with labels of these harms"
        )
    slices = {
        "source": np.array([row.source for row in rows], dtype=object),
        "language": np.array([row.lang for row in rows], dtype=object),
        "length": np.array([length_band(row.text) for row in rows], dtype=object),
    }
    scores = score_texts(scorer, [row.text for row in rows], "score", progress, [row.signals for row in rows])
    return Sample(tuple(rows), scorer.harms, values, known, ordinary, scores, slices)


def score_texts(
    scorer: Scorer, texts: Sequence[str], stage: str, progress: Progress, signals: Signals | None = None
) -> NDArray[np.float64]:
    """Score texts in chunks, telling how far it is: shape (n_texts, n_harms)."""
    heeded = signals if scorer.signals else None
    scores = np.empty((len(texts), len(scorer.harms)), dtype=np.float64)
    for start in range(0, len(texts), _CHUNK):
        progress(stage, start, len(texts))
        scores[start : start + _CHUNK] = scorer.score(
            texts[start : start + _CHUNK], heeded and heeded[start : start + _CHUNK]
        )
    progress(stage, len(texts), len(texts))
    return scores


def _for_harms(recipe: Recipe, harms: Sequence[str]) -> Recipe:
    """Give the recipe the harms of the bundle, without what it says of others and without assumptions."""
    sources = {
        name: msgspec.structs.replace(
            known,
            assume=(),
            doubt=(),
            derive=tuple(derivation for derivation in known.derive if derivation.harm in harms),
        )
        for name, known in recipe.sources.items()
    }
    return msgspec.structs.replace(recipe, prevalence=dict.fromkeys(harms, 0.5), sources=sources)


def _is_ordinary(recipe: Recipe, row: Row) -> bool:
    if row.labels.get(_BENIGN) == 1 or is_ordinary(recipe, row):
        return True
    return row.source not in recipe.sources and bool(row.labels) and not any(row.labels.values())
