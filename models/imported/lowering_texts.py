"""Lowers a vectorizer of scikit-learn, and what weighs its counts, to a block of n-grams."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer

from sluicegate.models.imported.heads import NotLowerableError
from sluicegate.models.imported.recorded import InverseDocumentFrequency, NgramBlock
from sluicegate.models.imported.vocabulary import packed

_COUNTED = (np.float32, np.float64, np.int32, np.int64)

Tensors = dict[str, NDArray[np.generic]]


def lower_texts(name: str, steps: Sequence[object], weight: float) -> tuple[NgramBlock, Tensors]:
    """Lower the steps from texts to features.

    Parameters
    ----------
    name
        Of the block.
    steps
        A vectorizer, and perhaps what weighs its counts.
    weight
        What the features are multiplied by.

    Raises
    ------
    NotLowerableError
        If a step is not one of scikit-learn's own, or reads texts by code of its own.
    """
    if not steps:
        raise NotLowerableError("a part of its features is passed through")
    vectorizer: Any = steps[0]
    weighers: list[Any] = list(steps[1:])
    if type(vectorizer) not in (HashingVectorizer, CountVectorizer, TfidfVectorizer):
        raise NotLowerableError(f"{_named(vectorizer)} is not among the vectorizers that can be lowered")
    if type(vectorizer) is TfidfVectorizer:
        weighers.insert(0, vectorizer._tfidf)
    if len(weighers) > 1 or any(type(step) is not TfidfTransformer for step in weighers):
        raise NotLowerableError(f"{_named(weighers[-1])} stands between the features and the classifier")
    weigher = weighers[0] if weighers else None
    _check_reading(vectorizer)
    tensors: Tensors = {}
    hashed = type(vectorizer) is HashingVectorizer
    if not hashed:
        tensors[f"vocabulary.{name}"], tensors[f"ends.{name}"] = packed(vectorizer.vocabulary_)
    weighed = weigher is not None and hasattr(weigher, "idf_")
    if weigher is not None and weighed:
        tensors[f"idf.{name}"] = np.asarray(weigher.idf_)
    return NgramBlock(
        name=name,
        kind="hashed" if hashed else "vocabulary",
        size=vectorizer.n_features if hashed else len(vectorizer.vocabulary_),
        analyzer=vectorizer.analyzer,
        ngram_min=int(vectorizer.ngram_range[0]),
        ngram_max=int(vectorizer.ngram_range[1]),
        token_pattern=vectorizer.token_pattern or "",
        lowercase=bool(vectorizer.lowercase),
        strip_accents=vectorizer.strip_accents,
        stop_words=tuple(sorted(vectorizer.get_stop_words() or ())),
        binary=bool(vectorizer.binary),
        count_norm=vectorizer.norm if hashed else None,
        alternate_sign=bool(vectorizer.alternate_sign) if hashed else False,
        dtype=np.dtype(vectorizer.dtype).name,
        idf=None if weigher is None else InverseDocumentFrequency(weighed, bool(weigher.sublinear_tf), weigher.norm),
        weight=weight,
    ), tensors


def _check_reading(vectorizer: Any) -> None:
    """Refuse what stands outside the parameters that a manifest can hold."""
    for name in ("preprocessor", "tokenizer"):
        if getattr(vectorizer, name) is not None:
            raise NotLowerableError(f"{_named(vectorizer)} has a {name} of its own")
    if callable(vectorizer.analyzer):
        raise NotLowerableError(f"{_named(vectorizer)} has an analyzer of its own")
    if callable(vectorizer.strip_accents):
        raise NotLowerableError(f"{_named(vectorizer)} strips accents by code of its own")
    if vectorizer.input != "content":
        raise NotLowerableError(f"{_named(vectorizer)} reads files")
    if np.dtype(vectorizer.dtype).type not in _COUNTED:
        raise NotLowerableError(f"{_named(vectorizer)} counts in {np.dtype(vectorizer.dtype).name}")
    if not isinstance(vectorizer.token_pattern, str | None):
        raise NotLowerableError(f"{_named(vectorizer)} has a compiled token_pattern")


def _named(step: object) -> str:
    return type(step).__name__
