"""What an evaluation says: structs that are written as JSON and read again by the card and the page."""

from typing import Final, Generic, TypeVar

import msgspec

__all__ = [
    "EVALUATION_FORMAT",
    "KINDS",
    "MIN_TEXTS",
    "BundleMeasured",
    "Comparison",
    "Curve",
    "Difference",
    "Drop",
    "Estimate",
    "Evaluation",
    "FalseAlarms",
    "FileMeasured",
    "HarmComparison",
    "HarmEvaluation",
    "HarmFigures",
    "IdentityBias",
    "IdentityFigures",
    "IdentityTerm",
    "OperatingPoint",
    "OrdinaryFigures",
    "ReliabilityBin",
    "Threshold",
    "Transfer",
    "decode_evaluation",
    "encode_evaluation",
]

EVALUATION_FORMAT: Final = 1

#: Texts of each class that a figure needs. Where there are fewer it is None, told as "too few".
MIN_TEXTS: Final = 10


#: How texts are told apart: by where they are from, by language and by length.
KINDS: Final = ("source", "language", "length")

_Slice = TypeVar("_Slice")


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all parts of an evaluation share: they are immutable and take no unknown members."""


class _Sliced(_Record, Generic[_Slice], frozen=True):
    """Something measured of texts by what kind of text they are."""

    by_source: dict[str, _Slice]
    by_language: dict[str, _Slice]
    by_length: dict[str, _Slice]

    def by(self, kind: str) -> dict[str, _Slice]:
        """Return what was measured by ``source``, ``language`` or ``length``."""
        return {"source": self.by_source, "language": self.by_language, "length": self.by_length}[kind]


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
    """A file that was read, by name and digest.

    Of one that the bundle was trained on, only what was held out is ``unseen`` and may be measured.
    """

    name: str
    sha256: str
    rows: int
    bad_rows: int
    unseen: int


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


class HarmEvaluation(_Sliced[HarmFigures], frozen=True, kw_only=True):
    """One harm: over all texts whose label is known, and by what kind of text they are."""

    overall: HarmFigures
    reliability: tuple[ReliabilityBin, ...]
    curve: Curve | None


class FalseAlarms(_Record, frozen=True):
    """Ordinary texts that a threshold flags, per thousand, with Clopper and Pearson's exact 95 % interval."""

    texts: int
    flagged: int
    per_thousand: Estimate


class OrdinaryFigures(_Sliced[FalseAlarms], frozen=True, kw_only=True):
    """False alarms at one threshold."""

    threshold: Threshold
    overall: FalseAlarms


class IdentityTerm(_Record, frozen=True):
    """How texts that name one identity fare.

    ``rate`` is the share of harmless ones that is flagged, ``rest`` that of all other harmless texts. The three AUC are
    those of Borkan et al. 2019: within the texts that name it, harmful others against harmless ones that name it
    (BPSN), and harmless others against harmful ones that name it (BNSP). None is too few texts.
    """

    term: str
    harmless: int
    flagged: int
    rate: Estimate | None
    rest: float
    subgroup_auc: float | None
    bpsn_auc: float | None
    bnsp_auc: float | None


class IdentityFigures(_Record, frozen=True):
    """The terms of one harm at the cut that flags ``share`` of all harmless texts; ``gap`` is largest less smallest."""

    share: float
    cut: float
    gap: float | None
    highest: str
    lowest: str
    terms: tuple[IdentityTerm, ...]


class IdentityBias(_Record, frozen=True):
    """What naming an identity does, for each harm and for the largest of all harms (``any``)."""

    file: str
    texts: int
    harms: dict[str, IdentityFigures]


class Drop(_Record, frozen=True):
    """What a disguise costs one harm: AUC of the same texts without it and with it, and the paired difference."""

    positives: int
    negatives: int
    auc: float
    disguised: float
    drop: Estimate


class Transfer(_Record, frozen=True):
    """A harm on a source that nothing was learned from.

    ``left_out`` names the sources that were kept from training: this one and those of its family.
    ``auc_against_ordinary`` is that of its harmful texts against ordinary ones in their language, from sources that are
    only measured on; None without such.
    """

    harm: str
    source: str
    language: str
    left_out: tuple[str, ...]
    positives: int
    negatives: int
    auc: float | None
    auc_against_ordinary: float | None


class Difference(_Record, frozen=True):
    """A figure of two bundles on the same texts, and the paired difference, this less the other."""

    this: float
    other: float
    difference: Estimate


class HarmComparison(_Sliced[dict[str, Difference]], frozen=True, kw_only=True):
    """Differences of one harm by the name of the figure: over all texts, and by what kind of text they are."""

    overall: dict[str, Difference]


class Comparison(_Record, frozen=True):
    """Two bundles on the same texts, for the harms that both have."""

    against: BundleMeasured
    harms: dict[str, HarmComparison]
    identity: IdentityBias | None = None


class Evaluation(_Record, frozen=True):
    """All that was measured of one bundle.

    ``rows_read`` counts what might have been measured, of which ``rows`` were drawn. ``languages`` gives, for each
    source, how many of those are in each language.
    """

    format: int
    bundle: BundleMeasured
    files: tuple[FileMeasured, ...]
    rows: int
    rows_read: int
    languages: dict[str, dict[str, int]]
    seed: int
    resamples: int
    harms: dict[str, HarmEvaluation]
    ordinary: dict[str, tuple[OrdinaryFigures, ...]]
    identity: IdentityBias | None = None
    robustness: dict[str, dict[str, Drop]] = {}
    comparison: Comparison | None = None
    transfer: tuple[Transfer, ...] = ()


def encode_evaluation(evaluation: Evaluation) -> bytes:
    """Encode an evaluation as JSON."""
    return msgspec.json.encode(evaluation) + b"\n"


def decode_evaluation(raw: bytes) -> Evaluation:
    """Decode an evaluation.

    Raises
    ------
    msgspec.DecodeError
        If the bytes are not JSON, or a member is missing, unknown or of the wrong type.
    """
    return msgspec.json.decode(raw, type=Evaluation)
