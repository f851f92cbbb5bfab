"""Lowers what scikit-learn does to numeric columns, imputing and scaling, to one straight line for each feature."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, StandardScaler

from sluicegate.models.imported.heads import NotLowerableError
from sluicegate.models.imported.recorded import NumberColumn

Columns = list[NumberColumn]


def lower_numbers(signals: Sequence[int], steps: Sequence[object], weight: float) -> Columns:
    """Lower the steps from signals to features.

    Parameters
    ----------
    signals
        Which signals, by their place, in the order in which the steps get them.
    steps
        What is done to them; nothing passes them through.
    weight
        What the features are multiplied by.

    Raises
    ------
    NotLowerableError
        If a step is not known to be linear.
    """
    columns = [NumberColumn(signal, "value", 1.0, 0.0, None) for signal in signals]
    for step in steps:
        lowered = _STEPS.get(type(step))
        if lowered is None:
            raise NotLowerableError(f"it takes signals by {type(step).__name__}, which is not known to be linear")
        columns = lowered(step, columns)
    return [_line(column, weight, 0.0) for column in columns]


def _line(column: NumberColumn, factor: float, offset: float) -> NumberColumn:
    """Put a straight line behind a column."""
    return NumberColumn(
        column.signal,
        column.tells,
        column.factor * factor,
        column.offset * factor + offset,
        None if column.absent is None else column.absent * factor + offset,
    )


def _imputed(step: Any, columns: Columns) -> Columns:
    missing = step.missing_values
    if not (isinstance(missing, float) and np.isnan(missing)):
        raise NotLowerableError(f"its SimpleImputer takes {missing!r} for absent")
    statistics = np.asarray(step.statistics_, dtype=np.float64)
    if np.isnan(statistics).any():
        raise NotLowerableError("its SimpleImputer leaves columns out that it has never seen")
    filled = [
        column if column.absent is not None else NumberColumn(*_of(column), float(statistics[place]))
        for place, column in enumerate(columns)
    ]
    if step.indicator_ is None:
        return filled
    absent = [columns[place] for place in step.indicator_.features_]
    if any(column.tells == "absence" or column.absent is not None for column in absent):
        raise NotLowerableError("it imputes twice")
    return filled + [NumberColumn(column.signal, "absence", 1.0, 0.0, 1.0) for column in absent]


def _of(column: NumberColumn) -> tuple[int, Any, float, float]:
    return column.signal, column.tells, column.factor, column.offset


def _standardised(step: Any, columns: Columns) -> Columns:
    means = step.mean_ if step.with_mean else np.zeros(len(columns))
    scales = step.scale_ if step.with_std else np.ones(len(columns))
    return [
        _line(column, 1 / float(scale), -float(mean) / float(scale))
        for column, mean, scale in zip(columns, means, scales, strict=True)
    ]


def _into_range(step: Any, columns: Columns) -> Columns:
    if step.clip:
        raise NotLowerableError("its MinMaxScaler clips")
    return [
        _line(column, float(scale), float(least))
        for column, scale, least in zip(columns, step.scale_, step.min_, strict=True)
    ]


def _into_unit(step: Any, columns: Columns) -> Columns:
    if getattr(step, "clip", False):
        raise NotLowerableError("its MaxAbsScaler clips")
    return [_line(column, 1 / float(scale), 0.0) for column, scale in zip(columns, step.scale_, strict=True)]


_STEPS: dict[type, Callable[[Any, Columns], Columns]] = {
    SimpleImputer: _imputed,
    StandardScaler: _standardised,
    MinMaxScaler: _into_range,
    MaxAbsScaler: _into_unit,
}
