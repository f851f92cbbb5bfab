"""The loader of bundles: whatever stands in a manifest is refused in a sentence, or gives a model that scores."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from sluicegate.models.bundle import MANIFEST, WEIGHTS, BundleError, load_bundle, read_manifest
from sluicegate.models.manifest import Manifest, decode, encode
from tests.fuzz.models import manifest, weights
from tests.fuzz.target import Target, scratch

__all__ = ["TARGET"]

_TEXTS: Final = ["", "lunch at noon", "a b c d e f", "x" * 60]


@cache
def _folder() -> Path:
    folder = scratch() / "bundle"
    folder.mkdir()
    (folder / WEIGHTS).write_bytes(weights())
    return folder


def one(data: bytes) -> None:
    """Load a bundle of good weights with this manifest, and score with it."""
    path = _folder()
    (path / MANIFEST).write_bytes(data)
    try:
        stated = read_manifest(path)
    except BundleError as refused:
        assert str(path) in str(refused)
        return
    written = encode(stated)
    assert encode(decode(written)) == written
    try:
        bundle = load_bundle(path)
        scorer = bundle.scorer()
    except BundleError as refused:
        assert str(path) in str(refused)
        return
    scores = scorer.score(_TEXTS)
    assert scores.shape == (len(_TEXTS), len(bundle.manifest.harms))
    assert ((scores >= 0) & (scores <= 1)).all()
    assert np.isfinite(scores).all()


_DEEP: Final = b'{"format":1,"x":' + b"[" * 1_500 + b"]" * 1_500 + b"}"


def _seeds() -> Sequence[bytes]:
    made: dict[str, Any] = msgspec.to_builtins(manifest())
    lengths: list[dict[str, Any]] = [{"ngram_max": most} for most in (32, 33, 2**31, 2**32, 2**63)]
    cuts: list[dict[str, Any]] = [{"ngram_min": 7}, {"token_pattern": "(a+)+$"}, {"token_pattern": "("}]
    whole = json.dumps(made).encode()
    others: list[dict[str, Any]] = [
        {"logit_maps": {"spam": {"slope": 2.0, "intercept": -1.0}}},
        {"signals": [{"name": "reports", "mean": 1.0, "scale": 2.0}]},
        {"parity": [{"text": "lunch", "probabilities": [0.5] * 6, "signals": {}}]},
        {"format": 2},
        {"files": {"../x": {"bytes": 1, "sha256": "0" * 64}}},
        {"served": "pipeline"},
        {"harms": []},
        *({"features": [{**block, **changed} for block in made["features"]]} for changed in [*lengths, *cuts]),
    ]
    written = [json.dumps({**made, **other}).encode() for other in others]
    return [whole, *written, encode(manifest()), b"", b"{", b"[]", b'{"format":1}', b"\xff", _DEEP]


TARGET: Final = Target(
    one,
    _seeds,
    (
        *(f'"{name}":'.encode() for name in (*Manifest.__struct_fields__, "ngram_min", "ngram_max", "size")),
        *(b'"char_wb"', b"1e999", b"-1", b"18446744073709551616", b"null", b'"\\ud800"'),
    ),
    longest=4_096,
    inputs=5_000,
)
