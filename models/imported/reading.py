"""What a foreign pipeline is given: texts, or a table of texts and signals."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from sluicegate.models.imported.recorded import SignalColumn
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
    values = signal_values([column.name for column in columns], signals, len(read))
    table = np.empty((len(read), 1 + len(columns)), dtype=object)
    table[:, 0] = read
    for place, column in enumerate(columns):
        known = values[:, place]
        if column.missing is not None:
            known = np.where(np.isnan(known), column.missing, known)
        table[:, 1 + place] = known
    return table
