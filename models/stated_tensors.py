"""Whether the tensors of a bundle are those that its manifest speaks of."""

from pathlib import Path

import msgspec
import numpy as np
from safetensors import SafetensorError

from sluicegate.models.bundle_files import WEIGHTS, BundleError
from sluicegate.models.manifest import Manifest
from sluicegate.models.mapped_weights import MappedWeights
from sluicegate.models.signals import TENSOR


def open_weights(path: Path, manifest: Manifest, weights: MappedWeights) -> MappedWeights:
    """Open the mapped weights of a bundle.

    Raises
    ------
    BundleError
        If they are no tensors, others than the manifest speaks of, or not finite.
    """
    try:
        weights.open()
    except (SafetensorError, msgspec.DecodeError, OSError, ValueError) as error:
        raise BundleError(f"bundle {path}: {WEIGHTS} cannot be read ({error}); train it again") from error
    wanted = _shapes(manifest)
    found = {name: tensor.shape for name, tensor in weights.items()}
    if {name: shape if wanted.get(name) else None for name, shape in found.items()} != wanted:
        raise BundleError(
            f"bundle {path}: the tensors of {WEIGHTS} are not those the manifest speaks of; train it again"
        )
    if not all(np.isfinite(tensor).all() for tensor in weights.values()):
        raise BundleError(f"bundle {path}: {WEIGHTS} holds values that are not finite; train it again")
    weights.forget()
    return weights


def _shapes(manifest: Manifest) -> dict[str, tuple[int, ...] | None]:
    """Return the shape that each tensor must have; None where the manifest does not say."""
    outputs = len(manifest.harms)
    if manifest.imported is None:
        shapes: dict[str, tuple[int, ...] | None] = {"intercepts": (outputs,)}
        for block in manifest.features:
            shapes[f"idf.{block.name}"] = (block.size,)
            shapes[f"coefficients.{block.name}"] = (block.size, outputs)
        if manifest.signals:
            shapes[TENSOR] = (2 * len(manifest.signals), outputs)
        return shapes
    outputs = manifest.imported.link_outputs
    shapes = {"intercepts": (outputs,)}
    if manifest.imported.numbers:
        shapes[TENSOR] = (len(manifest.imported.numbers), outputs)
    for lowered in manifest.imported.blocks:
        shapes[f"coefficients.{lowered.name}"] = (lowered.size, outputs)
        if lowered.idf is not None and lowered.idf.weighed:
            shapes[f"idf.{lowered.name}"] = (lowered.size,)
        if lowered.kind == "vocabulary":
            shapes[f"ends.{lowered.name}"] = (lowered.size,)
            shapes[f"vocabulary.{lowered.name}"] = None
    return shapes
