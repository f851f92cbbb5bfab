"""What a manifest says of an imported pipeline: what it was, what its outputs mean, and how it reads texts."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Served = Literal["weights", "pipeline"]
"""What a worker scores with: the weights alone, or the scikit-learn pipeline, which it has to unpickle."""

Link = Literal["sigmoid", "softmax", "share"]
"""How margins become probabilities: each for itself, together, or each for itself and then divided by their sum."""


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parts of a manifest are immutable and take no unknown members."""


class InverseDocumentFrequency(_Record, frozen=True):
    """How scikit-learn's ``TfidfTransformer`` weighs counts.

    Attributes
    ----------
    weighed
        Whether counts are multiplied by ``idf.<block>`` of the weights.
    sublinear
        Whether the logarithm of a count, plus 1, takes its place.
    norm
        What each text's row is brought to; null leaves it.
    """

    weighed: bool
    sublinear: bool
    norm: Literal["l1", "l2"] | None


class NgramBlock(_Record, frozen=True):
    """One block of n-grams, in the terms of scikit-learn's vectorizers, which read texts by it.

    Attributes
    ----------
    name
        Of the block; its tensors are ``coefficients.<name>`` and such.
    kind
        Hashed into columns, or looked up in the vocabulary that stands in the weights.
    size
        Columns.
    stop_words
        Words that are left out.
    count_norm
        What counts of a text are brought to before anything else (hashed ones only).
    alternate_sign
        Whether the hash gives a count its sign as well.
    dtype
        Type of the counts, and of what is reckoned with them.
    idf
        How counts are weighed; null leaves them.
    weight
        What the block is multiplied by.
    """

    name: str
    kind: Literal["hashed", "vocabulary"]
    size: Annotated[int, Meta(ge=1)]
    analyzer: Literal["word", "char", "char_wb"]
    ngram_min: Annotated[int, Meta(ge=1)]
    ngram_max: Annotated[int, Meta(ge=1)]
    token_pattern: str
    lowercase: bool
    strip_accents: Literal["ascii", "unicode"] | None
    stop_words: tuple[str, ...]
    binary: bool
    count_norm: Literal["l1", "l2"] | None
    alternate_sign: bool
    dtype: Literal["float32", "float64", "int32", "int64"]
    idf: InverseDocumentFrequency | None
    weight: float = 1.0


class NumberColumn(_Record, frozen=True):
    """One feature of a signal: a straight line over its value, or over whether it is absent (1) or there (0).

    Attributes
    ----------
    signal
        Which of the signals, from 0.
    tells
        Its value, or its absence.
    factor, offset
        Of the line.
    absent
        What the feature is where the value is absent; null where there is nothing for it.
    """

    signal: Annotated[int, Meta(ge=0)]
    tells: Literal["value", "absence"]
    factor: float
    offset: float
    absent: float | None


class SignalColumn(_Record, frozen=True):
    """A signal that the pipeline gets beside the text; ``missing`` stands in for one that is absent (null: NaN)."""

    name: str
    missing: float | None = None


class Output(_Record, frozen=True):
    """Which of the pipeline's outputs is the probability of a harm, and the class that it is there."""

    column: Annotated[int, Meta(ge=0)]
    means: str


class Imported(_Record, frozen=True):
    """Where a model came from that was not trained here.

    Attributes
    ----------
    file, sha256
        Name and digest of the file that was imported.
    estimator
        What it holds, in the names of scikit-learn.
    outputs
        Of each harm.
    exclusive
        Whether the outputs are classes that exclude each other.
    samples
        Texts by which pipeline and weights were compared.
    not_lowered
        Why it is served as a pipeline; empty where it is served from weights.
    link, link_outputs, blocks, numbers
        Of the weights it was lowered to, features of texts and of signals; the link is over so many margins.
    signals
        What it gets beside the text, in this order.
    """

    file: str
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    estimator: str
    outputs: dict[str, Output]
    exclusive: bool
    samples: Annotated[int, Meta(ge=0)]
    licence: str
    attribution: str
    not_lowered: str = ""
    link: Link | None = None
    link_outputs: Annotated[int, Meta(ge=0)] = 0
    blocks: tuple[NgramBlock, ...] = ()
    numbers: tuple[NumberColumn, ...] = ()
    signals: tuple[SignalColumn, ...] = ()
