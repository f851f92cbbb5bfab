"""The file of weights: any bytes are refused in a sentence, or are exactly the tensors that the manifest speaks of."""

import json
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from sluicegate.models.bundle import WEIGHTS, BundleError
from sluicegate.models.features import WORD
from sluicegate.models.manifest import FeatureBlock
from sluicegate.models.mapped_weights import MappedWeights
from sluicegate.models.stated_tensors import open_weights
from tests.fuzz.models import manifest
from tests.fuzz.target import Target, scratch

__all__ = ["TARGET"]

_STATED: Final = msgspec.structs.replace(
    manifest(), harms=("spam", "hate"), features=(FeatureBlock("w", "word", 1, 1, 2, WORD),)
)
_SHAPES: Final = {"intercepts": (2,), "idf.w": (2,), "coefficients.w": (2, 2)}


def one(data: bytes) -> None:
    """Open a file whose digest was found to be right, as of a bundle that was made to do harm."""
    path = scratch() / WEIGHTS
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    try:
        found = open_weights(path.parent, _STATED, MappedWeights(path))
    except BundleError as refused:
        assert str(path.parent) in str(refused)
        return
    assert {name: tensor.shape for name, tensor in found.items()} == _SHAPES
    for tensor in found.values():
        assert np.isfinite(np.asarray(tensor, dtype=np.float64).sum())


def _seeds() -> Sequence[bytes]:
    made: list[dict[str, tuple[str, list[int], int]]] = [
        {"intercepts": ("F64", [2], 16), "idf.w": ("F32", [2], 8), "coefficients.w": ("F16", [2, 2], 8)},
        {"intercepts": ("F32", [2], 8), "idf.w": ("F32", [2], 8), "coefficients.w": ("F32", [2, 2], 16)},
        {"intercepts": ("F64", [2], 16)},
        {"intercepts": ("BF16", [2], 4), "idf.w": ("I64", [2], 16), "coefficients.w": ("BOOL", [2, 2], 4)},
        {},
    ]
    files = [_file(tensors) for tensors in made]
    return [
        *files,
        b"",
        b"\0" * 8,
        files[0][:-1],
        files[0] + b"\0",
        b"\xff" * 7 + b"\x7f{}",
        b"\x02" + b"\0" * 7 + b"{}",
    ]


def _file(tensors: dict[str, tuple[str, list[int], int]]) -> bytes:
    header: dict[str, object] = {"__metadata__": {"a": "b"}}
    place = 0
    for name, (kind, shape, size) in tensors.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [place, place + size]}
        place += size
    written = json.dumps(header).encode()
    return len(written).to_bytes(8, "little") + written + b"\x3c" * place


TARGET: Final = Target(
    one,
    _seeds,
    (
        b'"dtype":',
        b'"shape":',
        b'"data_offsets":',
        b'"F64"',
        b'"F32"',
        b'"F16"',
        b'"I8"',
        b'"U8"',
        b'"__metadata__"',
        b"[0,0]",
    ),
    longest=1_024,
    inputs=6_000,
)
