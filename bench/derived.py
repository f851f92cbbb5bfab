"""Bundles derived of another one for measurements: fewer blocks of features, more or fewer harms.

Their probabilities mean nothing; what they cost is that of a trained bundle of the same shape.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from sluicegate.models import load_bundle
from sluicegate.models.bundle import WEIGHTS, place_bundle, weights_file, write_bundle
from sluicegate.models.manifest import Manifest, ParitySample
from sluicegate.models.pipeline import build
from sluicegate.models.samples import SAMPLES, is_encodable

__all__ = ["widened", "words_only"]

_Tensors = Mapping[str, NDArray[np.generic]]


def words_only(source: Path, folder: Path) -> Path:
    """Give a bundle with the block of words alone, made in the folder unless it is there."""

    def change(manifest: Manifest, tensors: _Tensors) -> tuple[Manifest, _Tensors]:
        kept = tuple(block for block in manifest.features if block.analyzer == "word")
        names = {"intercepts", *(f"{part}.{block.name}" for block in kept for part in ("idf", "coefficients"))}
        return (
            msgspec.structs.replace(manifest, name=f"{manifest.name}-words", features=kept),
            {name: tensor for name, tensor in tensors.items() if name in names},
        )

    return _derived(source, folder, "words", change, write_bundle)


def widened(source: Path, folder: Path, harms: int) -> Path:
    """Give a bundle with a number of harms, the columns of the source's over and over, made unless it is there.

    It has weights alone, no pipeline.
    """

    def change(manifest: Manifest, tensors: _Tensors) -> tuple[Manifest, _Tensors]:
        columns = [place % len(manifest.harms) for place in range(harms)]
        names = tuple(f"harm_{place}" for place in range(harms))
        wide = {name: tensor if name.startswith("idf.") else tensor[..., columns] for name, tensor in tensors.items()}
        changed = msgspec.structs.replace(
            manifest,
            name=f"{manifest.name}-{harms}",
            harms=names,
            calibration={},
            metrics={},
            thresholds={},
            recalibration={},
            logit_maps={},
        )
        return changed, wide

    def write(out: Path, manifest: Manifest, tensors: _Tensors) -> None:
        place_bundle(out, manifest, {WEIGHTS: weights_file(tensors)})

    return _derived(source, folder, f"harms-{harms}", change, write)


def _derived(
    source: Path,
    folder: Path,
    name: str,
    change: Callable[[Manifest, _Tensors], tuple[Manifest, _Tensors]],
    write: Callable[[Path, Manifest, _Tensors], None],
) -> Path:
    bundle = load_bundle(source)
    out = folder / f"{name}-{bundle.digest.removeprefix('sha256:')[:12]}"
    if not out.exists():
        copies = {tensor: np.array(values) for tensor, values in bundle.tensors.items()}
        manifest, tensors = change(bundle.manifest, copies)
        folder.mkdir(parents=True, exist_ok=True)
        write(out, msgspec.structs.replace(manifest, parity=_parity(manifest, tensors)), tensors)
    return out


def _parity(manifest: Manifest, tensors: _Tensors) -> tuple[ParitySample, ...]:
    texts: Sequence[str] = [text for text in SAMPLES if is_encodable(text)]
    # Of one harm alone scikit-learn gives its absence as well, in a column before it.
    scores = build(manifest, tensors).predict_proba(texts)[:, -len(manifest.harms) :]
    return tuple(ParitySample(text, row) for text, row in zip(texts, scores.tolist(), strict=True))
