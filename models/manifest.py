"""The manifest of a bundle: everything that is said about a model, and the only way to read its files."""

from typing import Literal

import msgspec

from sluicegate.models.calibrating.recorded import LogitMap, Recalibration
from sluicegate.models.checking.finding import Finding
from sluicegate.models.thresholds.recorded import GoalThreshold, ScoredFile

FORMAT = 1
"""Version of the bundle's layout. One with another version is refused."""


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all parts of a manifest share: they are immutable and take no unknown members."""


class FeatureBlock(_Record, frozen=True):
    """One block of hashed n-grams, scaled by inverse document frequency to unit length."""

    name: str
    analyzer: Literal["word", "char_wb"]
    ngram_min: int
    ngram_max: int
    size: int
    token_pattern: str


class FileDigest(_Record, frozen=True):
    """Size in bytes and SHA-256 (hexadecimal) of one file of the bundle."""

    bytes: int
    sha256: str


class TrainingFile(_Record, frozen=True):
    """A file of labelled texts that was read, by name and digest."""

    name: str
    sha256: str
    rows: int
    bad_rows: int


class Source(_Record, frozen=True):
    """Where texts came from, on what terms, and what they were used for."""

    name: str
    use: Literal["train", "measure"]
    licence: str
    attribution: str
    rows: int
    train: int
    calibrate: int
    test: int


class Calibration(_Record, frozen=True):
    """Platt's map from a margin to log-odds, ``slope * margin + intercept``, fitted at even odds.

    The shift to ``prevalence`` and the map itself are folded into the weights already.
    """

    slope: float
    intercept: float
    prevalence: float
    positives: int
    negatives: int


class SourceMetrics(_Record, frozen=True):
    """How well a harm is told apart within one source."""

    positives: int
    negatives: int
    auc: float
    average_precision: float


class HarmMetrics(_Record, frozen=True):
    """Figures on texts held out by group; annotated and derived labels only, never assumed ones.

    ``ece_even_odds`` is the expected calibration error in 15 bins of equal mass, both classes weighted
    alike. ``transfer`` holds sources only measured on. Figures are None with under five texts of a class.
    """

    positives: int
    negatives: int
    auc: float | None
    average_precision: float | None
    ece_even_odds: float | None
    sources: dict[str, SourceMetrics]
    transfer: dict[str, SourceMetrics]


class Threshold(_Record, frozen=True):
    """The probability that a share of ordinary texts exceeds, and what lies above it.

    ``recall`` is None where it was read from plain traffic, of which nobody knows what is harmful.
    """

    false_alarm_rate: float
    probability: float
    recall: float | None
    by_source: dict[str, float]


class Histogram(_Record, frozen=True):
    """Counts of ordinary held-out texts between ``edges`` of log-odds; the outer bins are open."""

    edges: list[float]
    counts: list[int]


class Ordinary(_Record, frozen=True):
    """Ordinary texts, held out or from sources only measured on, by which thresholds were set.

    ``data`` names the files of plain traffic, where they were read from that since the training.
    """

    rows: int
    by_source: dict[str, int]
    thresholds: dict[str, list[Threshold]]
    reference: dict[str, Histogram]
    data: tuple[ScoredFile, ...] = ()


class ParitySample(_Record, frozen=True):
    """A text and the probabilities that any scorer of this bundle must give, in the order of harms."""

    text: str
    probabilities: list[float]


class Manifest(_Record, frozen=True):
    """All that is known about a bundle.

    ``thresholds`` are those set by goals, ``recalibration`` tells of harms that were calibrated anew since the
    training, and ``logit_maps`` holds what is applied to the served log-odds of harms where the weights cannot
    take it in. ``findings`` are what checks of the training data found.
    """

    format: int
    name: str
    version: str
    harms: tuple[str, ...]
    normalisation: str
    features: tuple[FeatureBlock, ...]
    seed: int
    libraries: dict[str, str]
    files: dict[str, FileDigest]
    training_files: tuple[TrainingFile, ...]
    recipe_sha256: str
    sources: tuple[Source, ...]
    calibration: dict[str, Calibration]
    metrics: dict[str, HarmMetrics]
    ordinary: Ordinary
    parity: tuple[ParitySample, ...]
    thresholds: dict[str, tuple[GoalThreshold, ...]] = {}
    recalibration: dict[str, Recalibration] = {}
    logit_maps: dict[str, LogitMap] = {}
    findings: tuple[Finding, ...] = ()


def encode(manifest: Manifest) -> bytes:
    """Encode a manifest as JSON that is read and compared line by line."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=1) + b"\n"


def format_of(raw: bytes) -> object:
    """Return the format version that the bytes of a manifest state, without looking at the rest.

    Raises
    ------
    msgspec.DecodeError
        If the bytes are not a JSON object.
    """
    document = msgspec.json.decode(raw, type=dict[str, object])
    return document.get("format")


def decode(raw: bytes) -> Manifest:
    """Decode a manifest of the current format.

    Raises
    ------
    msgspec.ValidationError
        If a member is missing, unknown or of the wrong type.
    msgspec.DecodeError
        If the bytes are not JSON.
    """
    return msgspec.json.decode(raw, type=Manifest)
