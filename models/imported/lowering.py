"""Lowers a fitted scikit-learn pipeline to weights, where it is linear over n-grams; says why where it is not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline

from sluicegate.models.imported.heads import Head, NotLowerableError, linear_head
from sluicegate.models.imported.lowering_numbers import lower_numbers
from sluicegate.models.imported.lowering_texts import Tensors, lower_texts
from sluicegate.models.imported.recorded import Link, NgramBlock, NumberColumn
from sluicegate.models.signals import TENSOR


@dataclass(frozen=True)
class Lowered:
    """What a pipeline comes down to.

    Attributes
    ----------
    blocks, numbers
        Its features of texts and of signals.
    link
        How margins become probabilities.
    tensors
        ``coefficients.<block>`` of shape (size, n_outputs), ``intercepts`` of shape (n_outputs,), of each block
        ``idf``, ``vocabulary`` and ``ends`` where it has them, and with signals ``coefficients.signals``.
    """

    blocks: tuple[NgramBlock, ...]
    numbers: tuple[NumberColumn, ...]
    link: Link
    tensors: Tensors


@dataclass
class _Features:
    """Features in the order of the classifier's coefficients: each part by the name of its tensor, and its size."""

    blocks: list[NgramBlock] = field(default_factory=list)
    numbers: list[NumberColumn] = field(default_factory=list)
    tensors: Tensors = field(default_factory=dict)
    parts: list[tuple[str, int]] = field(default_factory=list)


def lower(pipeline: object, signals: int) -> Lowered:
    """Lower a pipeline whose steps are known to be linear.

    Subclasses may do anything, so that only scikit-learn's own classes are taken.

    Parameters
    ----------
    pipeline
        Fitted.
    signals
        How many signals it takes beside the text, in a table whose first column is the text.

    Raises
    ------
    NotLowerableError
        If a step is not known to be linear, or reads texts by code of its own.
    """
    steps = list(_flat(pipeline))
    if len(steps) < 2:
        raise NotLowerableError(f"{_named(pipeline)} is no Pipeline of a vectorizer and a classifier")
    features, before = _Features(), steps[:-1]
    if signals:
        _add_columns(features, before, signals)
    else:
        _add_texts(features, before, "ngrams", 1.0)
    if not features.blocks:
        raise NotLowerableError("it has no features of texts")
    return _with_head(features, linear_head(steps[-1]))


def _flat(step: Any) -> Iterator[object]:
    if type(step) is Pipeline:
        for _, inner in step.steps:
            yield from _flat(inner)
    elif step is not None and not (isinstance(step, str) and step == "passthrough"):
        yield step


def _add_columns(features: _Features, steps: Sequence[object], signals: int) -> None:
    """Add the features that a ColumnTransformer makes of the text and of signals."""
    first: Any = steps[0]
    if type(first) is not ColumnTransformer:
        raise NotLowerableError(f"it takes signals by {_named(first)}")
    _check_last(steps)
    weights = first.transformer_weights or {}
    for name, transformer, chosen in first.transformers_:
        places = _places(chosen, 1 + signals)
        # Of a remainder of nothing, scikit-learn keeps what would be done to it.
        if (isinstance(transformer, str) and transformer == "drop") or places == []:
            continue
        inner, weight = list(_flat(transformer)), float(weights.get(name, 1.0))
        if places == 0:
            _add_texts(features, inner, f"{len(features.blocks)}-{name}", weight)
        elif isinstance(places, list) and 0 not in places:
            numbers = lower_numbers([place - 1 for place in places], inner, weight)
            features.numbers += numbers
            features.parts.append((TENSOR, len(numbers)))
        else:
            raise NotLowerableError("its ColumnTransformer takes the text as a table, or a signal as a text")


def _places(chosen: Any, columns: int) -> int | list[int]:
    """Return which columns of the table are chosen: a number where it is one that comes as it is."""
    if isinstance(chosen, int | np.integer) and not isinstance(chosen, bool):
        return int(chosen) % columns
    if isinstance(chosen, slice) and all(
        part is None or isinstance(part, int) for part in (chosen.start, chosen.stop, chosen.step)
    ):
        return list(range(columns))[chosen]
    found = np.asarray(chosen)
    if found.size == 0:
        return []
    if found.dtype.kind == "b":
        return [int(place) for place in np.flatnonzero(found)]
    if found.dtype.kind in "iu":
        return [int(place) % columns for place in found]
    raise NotLowerableError("its ColumnTransformer chooses columns otherwise than by numbers")


def _add_texts(features: _Features, steps: Sequence[object], name: str, weight: float) -> None:
    """Add the features that a vectorizer, or a FeatureUnion of them, makes of texts."""
    first: Any = steps[0] if steps else None
    if type(first) is not FeatureUnion:
        block, tensors = lower_texts(name, steps, weight)
        features.blocks.append(block)
        features.tensors |= tensors
        features.parts.append((f"coefficients.{name}", block.size))
        return
    _check_last(steps)
    weights = first.transformer_weights or {}
    for inner, transformer in first.transformer_list:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        each = weight * float(weights.get(inner, 1.0))
        _add_texts(features, list(_flat(transformer)), f"{len(features.blocks)}-{inner}", each)


def _check_last(steps: Sequence[object]) -> None:
    if len(steps) > 1:
        raise NotLowerableError(f"{_named(steps[1])} stands between the features and the classifier")


def _with_head(features: _Features, head: Head) -> Lowered:
    width = sum(size for _, size in features.parts)
    if len(head.coefficients) != width:
        raise NotLowerableError(f"the classifier has {len(head.coefficients)} coefficients for {width} features")
    tensors, start = features.tensors, 0
    for name, size in features.parts:
        rows = head.coefficients[start : start + size]
        tensors[name] = np.concatenate([tensors[name], rows]) if name in tensors else rows
        start += size
    tensors["intercepts"] = head.intercepts
    return Lowered(tuple(features.blocks), tuple(features.numbers), head.link, tensors)


def _named(step: object) -> str:
    return type(step).__name__
