"""What the outputs of a foreign ``predict_proba`` are, and which of them is the probability of which harm."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.imported.recorded import Output

HARM: Final = re.compile(r"[a-z_][a-z0-9_]{0,63}")
"""Names that a policy can speak of."""

_ROUNDING: Final = 1e-6


class ImportedPipelineError(Exception):
    """A pipeline cannot be imported; the message is one sentence: what is wrong, where, and what to do."""


@dataclass(frozen=True)
class WantedHarm:
    """A harm, and the class that it is in the pipeline where that is said (``NAME=CLASS``)."""

    name: str
    label: str | None


@dataclass(frozen=True)
class Outputs:
    """Columns of a pipeline's outputs: what each is called, and whether they exclude each other."""

    names: tuple[str, ...]
    exclusive: bool


def wanted_harms(text: str) -> tuple[WantedHarm, ...]:
    """Read ``NAME[=CLASS],...``.

    Raises
    ------
    ImportedPipelineError
        If there is none, one is twice there, or a name is one that no policy could speak of.
    """
    parts = [part.strip() for part in text.split(",")]
    wanted = [
        WantedHarm(name, label if mark else None) for name, mark, label in (part.partition("=") for part in parts)
    ]
    names = [harm.name for harm in wanted]
    for harm in wanted:
        if HARM.fullmatch(harm.name) is None:
            raise ImportedPipelineError(
                f"harm {harm.name!r} is no name that a policy could use; use a-z, 0-9 and _, not starting with a digit"
            )
        if names.count(harm.name) > 1:
            raise ImportedPipelineError(f"harm {harm.name!r} is named twice; name each once")
    return tuple(wanted)


def probabilities(estimator: Any, inputs: object) -> NDArray[np.float64]:
    """Return the outputs of ``predict_proba`` as one matrix: shape (n_texts, n_outputs).

    Of a list, as `MultiOutputClassifier` gives it, each part is one output: the probability of its second class.

    Raises
    ------
    ValueError
        If the outputs have another form.
    """
    raw = estimator.predict_proba(inputs)
    if isinstance(raw, list):
        parts = [np.asarray(part) for part in raw]
        wrong = [place for place, part in enumerate(parts) if part.ndim != 2 or part.shape[1] != 2]
        if wrong or not parts:
            raise ValueError(f"output {wrong[0] if wrong else 0} of a list of outputs does not have two classes")
        raw = np.stack([part[:, 1] for part in parts], axis=1)
    matrix = np.asarray(raw)
    if matrix.ndim == 1:
        matrix = matrix[:, None]
    if matrix.ndim != 2 or matrix.dtype.kind not in "fiub":
        raise ValueError(f"outputs have the shape {matrix.shape} and the type {matrix.dtype}")
    return matrix.astype(np.float64)


def outputs_of(estimator: Any, found: NDArray[np.float64]) -> Outputs:
    """Name the outputs, and see from their values on many texts whether they are classes that exclude each other.

    Raises
    ------
    ImportedPipelineError
        If there is one output and it is certain of every text, as that of a pipeline fitted on one class alone.
    """
    if found.shape[1] == 1 and bool((found == 1).all()):
        raise ImportedPipelineError(
            "the pipeline gives every text the probability 1: it was fitted on one class alone; fit it on texts with "
            "the harm and without"
        )
    classes = getattr(estimator, "classes_", None)
    if classes is None or isinstance(classes, list) or len(classes) != found.shape[1]:
        classes = range(found.shape[1])
    names = tuple(str(name) for name in classes)
    exclusive = found.shape[1] > 1 and bool((np.abs(found.sum(axis=1) - 1) <= _ROUNDING).all())
    return Outputs(names, exclusive)


def choose(outputs: Outputs, wanted: Sequence[WantedHarm]) -> dict[str, Output]:
    """Say which output each harm is.

    Raises
    ------
    ImportedPipelineError
        If a harm is none of the outputs, two are the same, or their number differs.
    """
    names = outputs.names
    by_name = {name: column for column, name in enumerate(names)}
    if not outputs.exclusive and all(harm.label is None for harm in wanted):
        if len(wanted) != len(names):
            raise ImportedPipelineError(
                f"the pipeline has {len(names)} outputs, and {len(wanted)} harms are named "
                f"({', '.join(harm.name for harm in wanted)}); name one for each, "
                f"or say which it is, as in {wanted[0].name}=0"
            )
        return {harm.name: Output(column, f"output {names[column]}") for column, harm in enumerate(wanted)}
    chosen: dict[str, Output] = {}
    for harm in wanted:
        label = harm.name if harm.label is None else harm.label
        if outputs.exclusive and len(names) == 2 and len(wanted) == 1 and harm.label is None and label not in by_name:
            label = names[1]
        if label not in by_name:
            raise ImportedPipelineError(
                f"harm {harm.name!r} is none of the pipeline's classes ({', '.join(names[:20])}); "
                f"say which it is, as in {harm.name}={names[-1]}"
            )
        column = by_name[label]
        if column in {output.column for output in chosen.values()}:
            raise ImportedPipelineError(f"two harms are the class {label!r} of the pipeline; name one for each class")
        chosen[harm.name] = Output(column, f"class {label}" if outputs.exclusive else f"output {label}")
    return chosen


def is_probability(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which rows hold probabilities only, but for rounding."""
    inside = (values >= -_ROUNDING) & (values <= 1 + _ROUNDING)
    return np.asarray(inside.all(axis=1))
