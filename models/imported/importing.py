"""The whole of an import: from the file of a fitted scikit-learn pipeline to a bundle on disk."""

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from sluicegate.models import bundle as bundles
from sluicegate.models.imported.heads import NotLowerableError
from sluicegate.models.imported.lowered_scorer import LoweredScorer
from sluicegate.models.imported.lowering import Lowered, lower
from sluicegate.models.imported.outputs import (
    ImportedPipelineError,
    WantedHarm,
    choose,
    is_probability,
    outputs_of,
    probabilities,
)
from sluicegate.models.imported.reading import pipeline_inputs
from sluicegate.models.imported.recorded import Imported, Output, SignalColumn
from sluicegate.models.imported.unpickling import described, unpickle
from sluicegate.models.labelled import Row
from sluicegate.models.manifest import FORMAT, Manifest, Ordinary, ParitySample
from sluicegate.models.samples import SAMPLES, TOLERANCE, is_encodable, sample_signals

#: Samples are scored at each load.
MOST_SAMPLES = 1_000


@dataclass(frozen=True)
class ImportPlan:
    """What to make of a pipeline.

    Attributes
    ----------
    name, version
        Of the model.
    harms
        In the order that the model is to have.
    samples
        Texts to compare by, besides the project's own.
    signals
        What the pipeline takes beside the text, in its order.
    licence, attribution
        Of the pipeline.
    """

    name: str
    version: str
    harms: tuple[WantedHarm, ...]
    samples: tuple[Row, ...] = ()
    signals: tuple[SignalColumn, ...] = ()
    licence: str = "not stated"
    attribution: str = "not stated"
    replace: bool = False


@dataclass(frozen=True)
class _Samples:
    texts: list[str]
    signals: list[dict[str, float]]


def import_bundle(path: Path, out: Path, plan: ImportPlan) -> bundles.Bundle:
    """Make a bundle of a pipeline; the file is unpickled, which executes whatever it says.

    Raises
    ------
    ImportedPipelineError
        If the pipeline cannot be read or used, or the harms are not its outputs.
    BundleError
        If the place is taken.
    """
    bundles.check_place(out, replace=plan.replace)
    raw = _read(path)
    estimator = unpickle(raw, path.name)
    samples = _samples(plan)
    found = _outputs(estimator, samples, plan, path.name)
    outputs = outputs_of(estimator, found)
    chosen = choose(outputs, plan.harms)
    scores = np.clip(found[:, [output.column for output in chosen.values()]], 0.0, 1.0)
    imported = Imported(
        file=path.name,
        sha256=hashlib.sha256(raw).hexdigest(),
        estimator=described(estimator),
        outputs=chosen,
        exclusive=outputs.exclusive,
        samples=len(samples.texts),
        licence=plan.licence,
        attribution=plan.attribution,
        signals=plan.signals,
    )
    contents = {bundles.PIPELINE: raw}
    try:
        imported, contents[bundles.WEIGHTS] = _lowered(estimator, imported, samples, scores)
    except NotLowerableError as error:
        imported = msgspec.structs.replace(imported, not_lowered=str(error))
    bundles.place_bundle(out, _manifest(plan, imported, samples, scores), contents, _load_and_try)
    return bundles.load_bundle(out)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImportedPipelineError(
            f"{path} cannot be read ({error.strerror}); give the file of a fitted pipeline, written with joblib.dump"
        ) from error


def _samples(plan: ImportPlan) -> _Samples:
    own = [text for text in SAMPLES if is_encodable(text)]
    names = [column.name for column in plan.signals]
    texts = own + [row.text for row in plan.samples]
    if len(texts) > MOST_SAMPLES:
        raise ImportedPipelineError(
            f"there are {len(plan.samples):,} samples; give at most {MOST_SAMPLES - len(own)}, since all are scored at "
            "each load"
        )
    given = [
        {name: float(number) for name, number in row.signals.items() if name in names and number is not None}
        for row in plan.samples
    ]
    return _Samples(texts, [sample_signals(names, place) for place in range(len(own))] + given)


def _outputs(estimator: Any, samples: _Samples, plan: ImportPlan, name: str) -> NDArray[np.float64]:
    """Return what the pipeline gives of the samples, and refuse one that gives no probabilities of texts."""
    found = _given(estimator, samples.texts, samples.signals, plan, name)
    if len(found) != len(samples.texts):
        raise ImportedPipelineError(
            f"{name} gives {len(found)} rows for {len(samples.texts)} texts; give a pipeline that takes a list of texts"
        )
    good = is_probability(found)
    if not good.all():
        place = int(np.flatnonzero(~good)[0])
        raise ImportedPipelineError(
            f"{name} gives {found[place].tolist()} for the text {samples.texts[place][:40]!r}, which are no "
            "probabilities from 0 to 1; mend the pipeline"
        )
    turned = _given(estimator, samples.texts[::-1], samples.signals[::-1], plan, name)[::-1]
    if np.abs(found - turned).max() > TOLERANCE:
        raise ImportedPipelineError(
            f"{name} gives a text other probabilities beside other texts; give a pipeline that looks at each text alone"
        )
    return found


def _given(
    estimator: Any, texts: Sequence[str], signals: Sequence[Mapping[str, float]], plan: ImportPlan, name: str
) -> NDArray[np.float64]:
    inputs = pipeline_inputs(plan.signals, texts, signals)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return probabilities(estimator, inputs)
    except Exception as error:
        told = f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:200]}"
        if plan.signals:
            raise ImportedPipelineError(
                f"{name} does not take a table of objects with the text and {len(plan.signals)} signals of which some "
                f"are absent ({told}); give it an imputer, or a number for absent ones, as in "
                f"--signals {plan.signals[0].name}=0"
            ) from error
        raise ImportedPipelineError(
            f"{name} does not take a list of texts ({told}); give a fitted pipeline that begins with a vectorizer, "
            "or name its numeric columns with --signals"
        ) from error


def _lowered(
    estimator: Any, imported: Imported, samples: _Samples, scores: NDArray[np.float64]
) -> tuple[Imported, bytes]:
    """Return what is recorded of the weights and their file, once they are known to give what the pipeline gives."""
    lowered = lower(estimator, len(imported.signals))
    tensors = _columns_of_harms(lowered, imported.outputs)
    imported = msgspec.structs.replace(
        imported,
        link=lowered.link,
        link_outputs=len(tensors["intercepts"]),
        blocks=lowered.blocks,
        numbers=lowered.numbers,
    )
    scorer = LoweredScorer("", "", "", tuple(imported.outputs), imported, tensors)
    largest = float(np.abs(scorer.score(samples.texts, samples.signals) - scores).max())
    if not largest <= TOLERANCE:
        raise NotLowerableError(f"weights give other probabilities, by up to {largest:.2g}")
    return imported, bundles.weights_file(tensors)


def _columns_of_harms(lowered: Lowered, outputs: Mapping[str, Output]) -> dict[str, NDArray[np.generic]]:
    """Keep only what the harms need where outputs do not heed each other."""
    if lowered.link != "sigmoid":
        return lowered.tensors
    columns = [output.column for output in outputs.values()]
    return {
        name: tensor[..., columns] if name.startswith(("coefficients.", "intercepts")) else tensor
        for name, tensor in lowered.tensors.items()
    }


def _manifest(plan: ImportPlan, imported: Imported, samples: _Samples, scores: NDArray[np.float64]) -> Manifest:
    return Manifest(
        format=FORMAT,
        name=plan.name,
        version=plan.version,
        harms=tuple(imported.outputs),
        normalisation=bundles.OWN_READING,
        features=(),
        seed=0,
        libraries=bundles.installed_libraries(),
        files={},
        training_files=(),
        recipe_sha256=None,
        sources=(),
        calibration={},
        metrics={},
        ordinary=Ordinary(0, {}, {}, {}),
        parity=tuple(
            ParitySample(text, [float(value) for value in row], beside)
            for text, row, beside in zip(samples.texts, scores, samples.signals, strict=True)
        ),
        served="pipeline" if imported.link is None else "weights",
        imported=imported,
    )


def _load_and_try(path: Path) -> None:
    bundles.load_bundle(path).model()
