"""The manifest of a second opinion: what it was made of, what it adds, and when it speaks."""

from typing import Literal

import msgspec

from sluicegate.models.manifest import FileDigest, Source, TrainingFile

FORMAT = 1
"""Version of the bundle's layout. One with another version is refused."""


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all parts share: they are immutable and take no unknown members."""


class FirstModel(_Record, frozen=True):
    """The bundle whose scores this opinion weighs; it speaks of no other's."""

    name: str
    version: str
    digest: str


class SentenceModel(_Record, frozen=True):
    """The encoder: where it came from, on what terms, and the length of its embeddings."""

    attribution: str
    licence: str
    size: int


class Combination(_Record, frozen=True):
    """Log-odds of both together: ``first * log-odds + opinion * margin + intercept``, at the stated prevalence."""

    first: float
    opinion: float
    intercept: float
    prevalence: float
    positives: int
    negatives: int


class Band(_Record, frozen=True):
    """Log-odds of the first score, both ends included, between which the model is unsure."""

    low: float
    high: float


class Comparison(_Record, frozen=True):
    """AUC of the first model alone and with the opinion; None with under five texts of a class."""

    positives: int
    negatives: int
    first: float | None
    combined: float | None


class OpinionMetrics(_Record, frozen=True):
    """What an opinion adds on texts held out, on those of the band, and on each source; annotated labels only."""

    all: Comparison
    band: Comparison
    sources: dict[str, Comparison]


class OpinionManifest(_Record, frozen=True):
    """All that is known about a second opinion.

    ``ordinary_in_band`` is the share of ordinary texts held out that any band would have scored again.
    """

    format: int
    kind: Literal["opinion"]
    name: str
    version: str
    harms: tuple[str, ...]
    normalisation: str
    first: FirstModel
    sentence_model: SentenceModel
    seed: int
    libraries: dict[str, str]
    files: dict[str, FileDigest]
    training_files: tuple[TrainingFile, ...]
    recipe_sha256: str
    sources: tuple[Source, ...]
    combination: dict[str, Combination]
    bands: dict[str, Band]
    metrics: dict[str, OpinionMetrics]
    ordinary_in_band: float | None


def encode(manifest: OpinionManifest) -> bytes:
    """Encode a manifest as JSON that is read and compared line by line."""
    return msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=1) + b"\n"


def decode(raw: bytes) -> OpinionManifest:
    """Decode a manifest of the current format.

    Raises
    ------
    msgspec.DecodeError
        If the bytes are no JSON, or a member is missing, unknown or of the wrong type.
    """
    return msgspec.json.decode(raw, type=OpinionManifest)
