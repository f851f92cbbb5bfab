"""What a foreign pipeline is given: texts, or a table of texts and signals."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.imported.recorded import NumberColumn, SignalColumn
from sluicegate.models.signals import Signals, signal_values

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def readable(text: str) -> str:
    """Return a text that can be encoded: lone surrogates, which most pipelines fail on, become U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def pipeline_inputs(columns: Sequence[SignalColumn], texts: Sequence[str], signals: Signals | None) -> object:
    """Return a list of texts, or with signals a table of objects, text first: shape (n_texts, 1 + n_signals)."""
    read = [readable(text) for text in texts]
    if not columns:
        return read
    values = given_signals(columns, signals, len(read))
    table = np.empty((len(read), 1 + len(columns)), dtype=object)
    table[:, 0] = read
    table[:, 1:] = values
    return table


def given_signals(columns: Sequence[SignalColumn], signals: Signals | None, texts: int) -> NDArray[np.float64]:
    """Return signals with what stands in for absent ones, NaN where nothing does: shape (n_texts, n_signals)."""
    values = signal_values([column.name for column in columns], signals, texts)
    for place, column in enumerate(columns):
        if column.missing is not None:
            values[np.isnan(values[:, place]), place] = column.missing
    return values


def number_features(numbers: Sequence[NumberColumn], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the features that lowered steps make of signals: shape (n_texts, n_numbers)."""
    features = np.empty((len(values), len(numbers)), dtype=np.float64)
    for place, column in enumerate(numbers):
        value = values[:, column.signal]
        if column.tells == "absence":
            features[:, place] = column.factor * np.isnan(value) + column.offset
        else:
            features[:, place] = column.factor * value + column.offset
            if column.absent is not None:
                features[np.isnan(value), place] = column.absent
    return features
