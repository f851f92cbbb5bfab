"""Numbers beside a text, such as views an hour, as columns of a linear model.

A signal that is absent counts as the mean of those seen in training, or as a stated value, and a column of its own
says that it was absent.
"""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from sluicegate.models.labelled import DataError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

__all__ = [
    "TENSOR",
    "SignalFeature",
    "SignalRecipe",
    "Signals",
    "fit_signals",
    "signal_columns",
    "signal_values",
    "with_signals",
]

Signals = Sequence[Mapping[str, float | None] | None]
"""Of each text the numbers that came with it, by name; null, or a name that is not there, means absent."""

TENSOR: Final = "coefficients.signals"
"""Coefficients of the columns that `signal_columns` makes: shape (2 * n_signals, n_harms)."""

#: Standard deviations from the mean beyond which a value counts as no farther away.
_FARTHEST: Final = 10.0

Scale = Literal["linear", "log"]


class SignalRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a signal becomes a feature.

    Attributes
    ----------
    scale
        ``log`` for counts, which spread over orders of magnitude: the sign, times ``log(1 + size)``.
    missing
        What an absent one counts as; null is the mean.
    """

    scale: Scale = "linear"
    missing: float | None = None

    def __post_init__(self) -> None:
        if self.missing is not None and not math.isfinite(self.missing):
            raise ValueError("missing is not finite")


class SignalFeature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A signal as a feature: on its scale, less ``mean``, over ``deviation``; ``missing`` as in the recipe."""

    name: str
    scale: Scale
    mean: float
    deviation: Annotated[float, Meta(gt=0)]
    missing: float | None = None


def signal_values(names: Sequence[str], signals: Signals | None, texts: int) -> NDArray[np.float64]:
    """Return the signals of some names: shape (n_texts, n_names), NaN where one is absent."""
    values = np.full((texts, len(names)), np.nan)
    for row, given in enumerate(signals or ()):
        for column, name in enumerate(names):
            number = given.get(name) if given else None
            if number is not None:
                values[row, column] = number
    return values


def fit_signals(recipes: Mapping[str, SignalRecipe], values: NDArray[np.float64]) -> tuple[SignalFeature, ...]:
    """Take mean and deviation of each signal from training texts: ``values`` has shape (n_texts, n_signals).

    One that is always the same gets a deviation of 1: it tells nothing apart.

    Raises
    ------
    DataError
        If a signal is never there.
    """
    features = []
    for (name, recipe), column in zip(recipes.items(), values.T, strict=True):
        seen = _scaled(recipe.scale, column[np.isfinite(column)])
        if not len(seen):
            raise DataError(f"no text that is trained on has the signal {name!r}; mend its name, or leave it out")
        features.append(SignalFeature(name, recipe.scale, float(seen.mean()), float(seen.std()) or 1.0, recipe.missing))
    return tuple(features)


def with_signals(
    matrix: "csr_matrix", recipes: Mapping[str, SignalRecipe], signals: Signals, training: NDArray[np.bool_]
) -> tuple["csr_matrix", tuple[SignalFeature, ...]]:
    """Put columns of signals beside the features of texts, standardised by the texts that are trained on.

    Parameters
    ----------
    matrix
        Shape (n_texts, n_features).
    recipes
        Which signals, and how; without any the matrix is returned as it is.
    signals
        Of each text.
    training
        Which texts are trained on: shape (n_texts,).

    Raises
    ------
    DataError
        If none of the texts that are trained on has a signal.
    """
    from scipy.sparse import csr_matrix, hstack

    if not recipes:
        return matrix, ()
    values = signal_values(tuple(recipes), signals, len(signals))
    features = fit_signals(recipes, values[training])
    return csr_matrix(hstack([matrix, csr_matrix(signal_columns(features, values))], format="csr")), features


def signal_columns(features: Sequence[SignalFeature], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return two columns for each signal, its standardised value and whether it is absent: (n_texts, 2 * n_signals)."""
    columns = np.empty((len(values), 2 * len(features)), dtype=np.float64)
    for number, feature in enumerate(features):
        value = values[:, number]
        absent = ~np.isfinite(value)
        if feature.missing is None:
            stands_in = feature.mean
        else:
            stands_in = float(_scaled(feature.scale, np.array([feature.missing]))[0])
        on_scale = np.where(absent, stands_in, _scaled(feature.scale, np.where(absent, 0.0, value)))
        with np.errstate(over="ignore"):
            standardised = (on_scale - feature.mean) / feature.deviation
        columns[:, 2 * number] = np.clip(standardised, -_FARTHEST, _FARTHEST)
        columns[:, 2 * number + 1] = absent
    return columns


def _scaled(scale: Scale, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.sign(values) * np.log1p(np.abs(values))) if scale == "log" else values
