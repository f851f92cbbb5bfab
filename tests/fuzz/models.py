"""A small model with made-up weights, and the files of its bundle, made without scikit-learn's estimators."""

import hashlib
from functools import cache
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from sluicegate.models.bundle import WEIGHTS, installed_libraries, weights_file
from sluicegate.models.features import WORD
from sluicegate.models.manifest import FORMAT, FeatureBlock, FileDigest, Manifest, Ordinary
from sluicegate.models.normalise import NORMALISATION
from sluicegate.models.scorer import HashedLinearScorer
from tests.bundles import HARMS

__all__ = ["manifest", "scorer", "tensors", "weights"]

_SIZE: Final = 64
_BLOCKS: Final = (
    FeatureBlock("words", "word", 1, 2, _SIZE, WORD),
    FeatureBlock("characters", "char_wb", 2, 5, _SIZE, WORD),
)


@cache
def tensors() -> dict[str, NDArray[np.generic]]:
    """Give the weights: with few columns, so that many n-grams meet in one."""
    chance = np.random.default_rng(6)
    found: dict[str, NDArray[np.generic]] = {"intercepts": np.full(len(HARMS), -1.0)}
    for block in _BLOCKS:
        found[f"idf.{block.name}"] = chance.uniform(1, 3, _SIZE).astype(np.float32)
        found[f"coefficients.{block.name}"] = chance.normal(0, 2, (_SIZE, len(HARMS))).astype(np.float16)
    return found


@cache
def weights() -> bytes:
    """Give the file of the weights."""
    return weights_file(tensors())


@cache
def manifest() -> Manifest:
    """Give the manifest of a bundle of these weights alone."""
    return Manifest(
        format=FORMAT,
        name="made",
        version="1",
        harms=HARMS,
        normalisation=NORMALISATION,
        features=_BLOCKS,
        seed=6,
        libraries=installed_libraries(),
        files={WEIGHTS: FileDigest(len(weights()), hashlib.sha256(weights()).hexdigest())},
        training_files=(),
        recipe_sha256=None,
        sources=(),
        calibration={},
        metrics={},
        ordinary=Ordinary(0, {}, {}, {}),
        parity=(),
    )


@cache
def scorer() -> HashedLinearScorer:
    """Give the model."""
    return HashedLinearScorer(msgspec.structs.replace(manifest()), "sha256:made", tensors())
