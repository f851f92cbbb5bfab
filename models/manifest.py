"""The manifest of a bundle: everything that is said about a model, and the only way to read its files."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from sluicegate.models.calibrating.recorded import LogitMap, Recalibration
from sluicegate.models.checking.finding import Finding
from sluicegate.models.imported.recorded import Imported, Served
from sluicegate.models.signals import SignalFeature
from sluicegate.models.thresholds.recorded import GoalThreshold, ScoredFile

FORMAT = 1
"""Version of the bundle's layout. One with another version is refused."""


Count = Annotated[int, Meta(ge=0)]
Probability = Annotated[float, Meta(ge=0, le=1)]
NgramLength = Annotated[int, Meta(ge=1, le=32)]
TokenPattern = Literal[r"(?u)\b\w+\b", r"(?u)\b\w\w+\b"]
"""How words are cut: as this project does it, and as scikit-learn does."""
#: Stands in logs and on terminals: nothing that begins a line of its own, or steers one.
Label = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f]*(?![\s\S])")]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all parts of a manifest share: they are immutable and take no unknown members."""


class FeatureBlock(_Record, frozen=True):
    """One block of hashed n-grams, scaled by inverse document frequency to unit length.

    N-grams have no more parts than texts can be read with in little memory, and words are cut by one of two known
    expressions: whoever wrote a manifest could have any other take for ever.

    Raises
    ------
    ValueError
        Where the shortest n-grams are longer than the longest.
    """

    name: str
    analyzer: Literal["word", "char_wb"]
    ngram_min: NgramLength
    ngram_max: NgramLength
    size: Annotated[int, Meta(ge=1)]
    token_pattern: TokenPattern

    def __post_init__(self) -> None:
        if self.ngram_min > self.ngram_max:
            raise ValueError(f"n-grams of {self.ngram_min} to {self.ngram_max} are none")


class FileDigest(_Record, frozen=True):
    """Size in bytes and SHA-256 (hexadecimal) of one file of the bundle."""

    bytes: Count
    sha256: Sha256


class TrainingFile(_Record, frozen=True):
    """A file of labelled texts that was read, by name and digest."""

    name: str
    sha256: Sha256
    rows: Count
    bad_rows: Count


class Source(_Record, frozen=True):
    """Where texts came from, on what terms, and what they were used for."""

    name: str
    use: Literal["train", "learn", "measure"]
    licence: str
    attribution: str
    rows: Count
    train: Count
    calibrate: Count
    test: Count


class Calibration(_Record, frozen=True):
    """Platt's map from a margin to log-odds, ``slope * margin + intercept``, fitted at even odds.

    The shift to ``prevalence`` and the map itself are folded into the weights already.
    """

    slope: float
    intercept: float
    prevalence: Probability
    positives: Count
    negatives: Count


class SourceMetrics(_Record, frozen=True):
    """How well a harm is told apart within one source."""

    positives: Count
    negatives: Count
    auc: Probability
    average_precision: Probability


class HarmMetrics(_Record, frozen=True):
    """Figures on texts held out by group; annotated and derived labels only, never assumed ones.

    ``ece_even_odds`` is the expected calibration error in 15 bins of equal mass, both classes weighted
    alike. ``transfer`` holds sources only measured on. Figures are None with under five texts of a class.
    """

    positives: Count
    negatives: Count
    auc: Probability | None
    average_precision: Probability | None
    ece_even_odds: Probability | None
    sources: dict[str, SourceMetrics]
    transfer: dict[str, SourceMetrics]


class Threshold(_Record, frozen=True):
    """The probability that at most a share of ordinary texts reach, and what lies there.

    At most that share of all of them, of each language, and of each source that is only measured on.

    ``recall`` is None where it was read from plain traffic, of which nobody knows what is harmful.
    """

    false_alarm_rate: Probability
    probability: Probability
    recall: Probability | None
    by_source: dict[str, Probability]


class Histogram(_Record, frozen=True):
    """Counts of texts between ``edges``; the outer bins are open, and a text at an edge is in the bin above it."""

    edges: list[float]
    counts: list[Count]


class Ordinary(_Record, frozen=True):
    """Ordinary texts, held out or from sources only measured on, by which thresholds were set.

    ``reference`` holds their log-odds by harm, ``lengths`` their code points, ``unknown`` the share of their words that
    the model does not know, ``languages`` how many are in each that is known. ``data`` names the files of plain
    traffic, where all of it was read from that since the training.
    """

    rows: Count
    by_source: dict[str, Count]
    thresholds: dict[str, list[Threshold]]
    reference: dict[str, Histogram]
    data: tuple[ScoredFile, ...] = ()
    lengths: Histogram | None = None
    unknown: Histogram | None = None
    languages: dict[str, int] = {}


class ParitySample(_Record, frozen=True):
    """A text and the probabilities that any scorer of this bundle must give, in the order of harms.

    They are those before ``logit_maps``, and of the text as a whole, also where it is long.
    """

    text: str
    probabilities: list[Probability]
    signals: dict[str, float] = {}


class Manifest(_Record, frozen=True):
    """All that is known about a bundle.

    Attributes
    ----------
    format
        Version of the layout.
    name, version
        Of the model, for logs, metrics and decisions.
    harms
        In the order of probabilities.
    normalisation
        How texts are folded before they are read; ``none`` for imported pipelines, which read in their own way.
    features
        Blocks of n-grams of a model that was trained here.
    seed
        Where all chance of the training came from.
    libraries
        Versions of what it was made with.
    files
        Digests of the artefacts.
    training_files
        Digests of the texts.
    recipe_sha256
        Digest of the recipe; null where there was none.
    sources
        Where texts came from, with licence and attribution.
    calibration
        By harm.
    metrics
        By harm, on texts held out.
    ordinary
        Ordinary texts: thresholds by their false alarms, and reference distributions.
    parity
        Texts with the probabilities that any scorer must give them.
    thresholds
        By harm, those that were set by goals.
    recalibration
        Of harms that were calibrated anew since the training.
    logit_maps
        What is applied to the served log-odds of harms where the weights cannot take it in.
    served
        What a worker scores with.
    signals
        Numbers that the model was trained on beside the text.
    imported
        Of a pipeline that was not trained here.
    findings
        What checks of the training data found.
    """

    format: int
    name: Label
    version: Label
    harms: Annotated[tuple[str, ...], Meta(min_length=1)]
    normalisation: str
    features: tuple[FeatureBlock, ...]
    seed: int
    libraries: dict[str, str]
    files: dict[str, FileDigest]
    training_files: tuple[TrainingFile, ...]
    recipe_sha256: Sha256 | None
    sources: tuple[Source, ...]
    calibration: dict[str, Calibration]
    metrics: dict[str, HarmMetrics]
    ordinary: Ordinary
    parity: tuple[ParitySample, ...]
    thresholds: dict[str, tuple[GoalThreshold, ...]] = {}
    recalibration: dict[str, Recalibration] = {}
    logit_maps: dict[str, LogitMap] = {}
    findings: tuple[Finding, ...] = ()
    served: Served = "weights"
    signals: tuple[SignalFeature, ...] = ()
    imported: Imported | None = None


class _Stated(msgspec.Struct):
    """All that is looked at before the format is known: what else stands there takes no memory."""

    format: object = None


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
    try:
        return msgspec.json.decode(raw, type=_Stated).format
    except RecursionError:
        raise msgspec.DecodeError("it is nested too deep") from None


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
