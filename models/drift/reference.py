"""Reference distributions: read from texts for a bundle's manifest, and taken from there as features to watch."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec
import numpy as np

from sluicegate.models.bundle import Bundle
from sluicegate.models.drift.feature import Feature, categorical, numeric
from sluicegate.models.drift.unknown import UnknownWords, unknown_words
from sluicegate.models.figures import counted, sigmoid
from sluicegate.models.labelled import Row
from sluicegate.models.manifest import Manifest, Ordinary
from sluicegate.schemas import primary_subtag

__all__ = ["LANGUAGE", "LENGTH", "UNKNOWN_WORDS", "Reference", "score_name", "with_text_features"]

#: Names of the features that are not scores.
LENGTH: Final = "length"
LANGUAGE: Final = "language"
UNKNOWN_WORDS: Final = "unknown_words"

#: Two bins an octave, in code points.
_LENGTH_EDGES: Final = tuple(sorted({float(round(2 ** (step / 2))) for step in range(31)}))
#: The first bin is of texts without an unknown word.
_UNKNOWN_EDGES: Final = (0.001, *(step / 20 for step in range(1, 20)))

#: Share of the reference below which a language is one of the others.
_LANGUAGE_SHARE: Final = 0.01


@dataclass(frozen=True)
class Reference:
    """What live texts are compared with.

    Attributes
    ----------
    digest
        Of the bundle.
    texts
        Ordinary texts that it was read from.
    own_traffic
        Whether these were plain traffic of a deployment, and not texts of the training.
    scores
        By the column of the harm; edges are probabilities.
    length, language, unknown
        None where the bundle does not state them, or where they are all alike.
    languages
        The category of each primary subtag; all others are the next one.
    words
        Tells unknown words; None where the bundle has no features that are words.
    """

    digest: str
    texts: int
    own_traffic: bool
    scores: dict[int, Feature]
    length: Feature | None
    language: Feature | None
    unknown: Feature | None
    languages: dict[str, int]
    words: UnknownWords | None

    @classmethod
    def of(cls, bundle: Bundle) -> "Reference":
        """Take the reference out of a bundle; one that states none is watched for nothing."""
        stated = bundle.manifest.ordinary
        words = unknown_words(bundle.manifest.features, bundle.tensors)
        known = sum(stated.languages.values())
        frequent = sorted(
            (name for name, texts in stated.languages.items() if texts >= _LANGUAGE_SHARE * known),
            key=lambda name: (-stated.languages[name], name),
        )
        return cls(
            digest=bundle.digest,
            texts=stated.rows,
            own_traffic=bool(stated.data),
            scores=_scores(bundle.manifest),
            length=numeric(LENGTH, stated.lengths) if stated.lengths else None,
            language=categorical(LANGUAGE, [stated.languages[name] for name in frequent], known),
            unknown=numeric(UNKNOWN_WORDS, stated.unknown) if stated.unknown and words else None,
            languages={name: number for number, name in enumerate(frequent)},
            words=words,
        )

    @property
    def features(self) -> tuple[Feature, ...]:
        """All that is watched: the scores, then what else there is."""
        rest = (self.length, self.language, self.unknown)
        return (*self.scores.values(), *(feature for feature in rest if feature is not None))


def score_name(harm: str) -> str:
    """Return the name of the feature that is the score of a harm."""
    return f"score:{harm}"


def with_text_features(ordinary: Ordinary, rows: Sequence[Row], words: UnknownWords | None) -> Ordinary:
    """Add what is read from ordinary texts themselves: length, language, unknown words.

    Parameters
    ----------
    rows
        The texts that the distributions of scores were read from.
    words
        Tells unknown words; None leaves them out.
    """
    lengths = np.array([len(row.text) for row in rows], dtype=np.float64)
    languages = Counter(primary_subtag(row.lang) or "" for row in rows)
    languages.pop("", None)
    shares = words.shares([row.text for row in rows]) if words is not None else None
    return msgspec.structs.replace(
        ordinary,
        lengths=counted(lengths, _LENGTH_EDGES),
        languages=dict(sorted(languages.items())),
        unknown=counted(shares[~np.isnan(shares)], _UNKNOWN_EDGES) if shares is not None else None,
    )


def _scores(manifest: Manifest) -> dict[int, Feature]:
    found: dict[int, Feature] = {}
    for column, harm in enumerate(manifest.harms):
        histogram = manifest.ordinary.reference.get(harm)
        feature = numeric(score_name(harm), histogram) if histogram else None
        if feature is not None:
            found[column] = replace(feature, edges=sigmoid(feature.edges))
    return found
