"""What an evaluation says: structs that are written as JSON and read again by the card and the page."""

from typing import Final

import msgspec

__all__ = [
    "EVALUATION_FORMAT",
    "MIN_TEXTS",
    "BundleMeasured",
    "Curve",
    "Estimate",
    "Evaluation",
    "FalseAlarms",
    "FileMeasured",
    "HarmEvaluation",
    "HarmFigures",
    "OperatingPoint",
    "OrdinaryFigures",
    "ReliabilityBin",
    "Threshold",
    "decode_evaluation",
    "encode_evaluation",
]

EVALUATION_FORMAT: Final = 1

#: Texts of each class that a figure needs. Where there are fewer it is None, told as "too few".
MIN_TEXTS: Final = 10


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all parts of an evaluation share: they are immutable and take no unknown members."""


class Estimate(_Record, frozen=True):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


class BundleMeasured(_Record, frozen=True):
    """The bundle that was measured; the digest is that of its manifest."""

    name: str
    version: str
    digest: str


class FileMeasured(_Record, frozen=True):
    """A file that was read, by name and digest."""

    name: str
    sha256: str
    rows: int
    bad_rows: int


class Threshold(_Record, frozen=True):
    """A probability from which texts are flagged, and where it is from."""

    basis: str
    probability: float


class OperatingPoint(_Record, frozen=True):
    """What lies above a threshold. Precision is that among the measured texts, not that of a live stream."""

    threshold: Threshold
    flagged: int
    precision: Estimate | None
    recall: Estimate | None
    f1: Estimate | None


class HarmFigures(_Record, frozen=True):
    """How well one harm is told apart in some texts.

    ``ece_even_odds`` is the expected calibration error in 15 bins of equal mass, both classes weighted alike.
    """

    positives: int
    negatives: int
    auc: Estimate | None
    average_precision: Estimate | None
    ece_even_odds: Estimate | None
    points: tuple[OperatingPoint, ...] = ()


class ReliabilityBin(_Record, frozen=True):
    """Texts of neighbouring probabilities: the mean that was said, and the share that was so, at even odds."""

    said: float
    found: float
    texts: int


class Curve(_Record, frozen=True):
    """Points of the ROC and precision-recall curves, thinned out; all three of one length."""

    false_positive_rate: tuple[float, ...]
    recall: tuple[float, ...]
    precision: tuple[float, ...]


class HarmEvaluation(_Record, frozen=True):
    """One harm: over all texts whose label is known, and by what kind of text they are."""

    overall: HarmFigures
    by_source: dict[str, HarmFigures]
    by_language: dict[str, HarmFigures]
    by_length: dict[str, HarmFigures]
    reliability: tuple[ReliabilityBin, ...]
    curve: Curve | None


class FalseAlarms(_Record, frozen=True):
    """Ordinary texts that a threshold flags, per thousand, with Clopper and Pearson's exact 95 % interval."""

    texts: int
    flagged: int
    per_thousand: Estimate


class OrdinaryFigures(_Record, frozen=True):
    """False alarms at one threshold."""

    threshold: Threshold
    overall: FalseAlarms
    by_source: dict[str, FalseAlarms]
    by_language: dict[str, FalseAlarms]
    by_length: dict[str, FalseAlarms]


class Evaluation(_Record, frozen=True):
    """All that was measured of one bundle. ``rows_read`` is more than ``rows`` where a sample was drawn."""

    format: int
    bundle: BundleMeasured
    files: tuple[FileMeasured, ...]
    rows: int
    rows_read: int
    seed: int
    resamples: int
    harms: dict[str, HarmEvaluation]
    ordinary: dict[str, tuple[OrdinaryFigures, ...]]


def encode_evaluation(evaluation: Evaluation) -> bytes:
    """Encode an evaluation as JSON that is read and compared line by line."""
    return msgspec.json.format(msgspec.json.encode(evaluation), indent=1) + b"\n"


def decode_evaluation(raw: bytes) -> Evaluation:
    """Decode an evaluation.

    Raises
    ------
    msgspec.DecodeError
        If the bytes are not JSON, or a member is missing, unknown or of the wrong type.
    """
    return msgspec.json.decode(raw, type=Evaluation)
