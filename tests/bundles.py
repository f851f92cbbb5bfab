"""Small bundles with made-up weights, whole in every respect and made in milliseconds."""

from pathlib import Path

import msgspec
import numpy as np

from sluicegate.models.bundle import Bundle, installed_libraries, load_bundle, write_bundle
from sluicegate.models.manifest import FORMAT, FeatureBlock, Manifest, Ordinary, ParitySample
from sluicegate.models.normalise import NORMALISATION
from sluicegate.models.parity import SAMPLES, is_encodable
from sluicegate.models.scorer import HashedLinearScorer

HARMS = ("harassment", "hate", "scam", "self_harm", "spam", "violence")
"""The harms that the shipped policy asks for."""


def make_bundle(
    out: Path,
    version: str = "1",
    name: str = "made",
    log_odds: float = -4.0,
    harms: tuple[str, ...] = HARMS,
    size: int = 1 << 10,
    seed: int = 1,
) -> Bundle:
    """Write a bundle that gives every harm about the same log-odds, a little more or less by the words of a text."""
    generator = np.random.default_rng(seed)
    features = (
        FeatureBlock("words", "word", 1, 2, size, r"(?u)\b\w+\b"),
        FeatureBlock("characters", "char_wb", 2, 5, size, r"(?u)\b\w+\b"),
    )
    tensors: dict[str, np.ndarray] = {"intercepts": np.full(len(harms), log_odds)}
    for block in features:
        tensors[f"idf.{block.name}"] = generator.uniform(1, 3, size).astype(np.float32)
        tensors[f"coefficients.{block.name}"] = generator.normal(0, 0.5, (size, len(harms))).astype(np.float16)
    manifest = Manifest(
        format=FORMAT,
        name=name,
        version=version,
        harms=harms,
        normalisation=NORMALISATION,
        features=features,
        seed=seed,
        libraries=installed_libraries(),
        files={},
        training_files=(),
        recipe_sha256="0" * 64,
        sources=(),
        calibration={},
        metrics={},
        ordinary=Ordinary(0, {}, {}, {}),
        parity=(),
    )
    texts = [text for text in SAMPLES if is_encodable(text)]
    scores = HashedLinearScorer(manifest, "", tensors).score(texts)
    parity = tuple(ParitySample(text, row) for text, row in zip(texts, scores.tolist(), strict=True))
    write_bundle(out, msgspec.structs.replace(manifest, parity=parity), tensors)
    return load_bundle(out)
