"""Lowers a fitted scikit-learn pipeline to weights, where it is linear over n-grams; says why where it is not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.pipeline import FeatureUnion, Pipeline

from sluicegate.models.imported.heads import Head, NotLowerableError, linear_head
from sluicegate.models.imported.recorded import InverseDocumentFrequency, Link, NgramBlock
from sluicegate.models.imported.vocabulary import packed

_COUNTED = (np.float32, np.float64, np.int32, np.int64)

Tensors = dict[str, NDArray[np.generic]]


@dataclass(frozen=True)
class Lowered:
    """What a pipeline comes down to.

    Attributes
    ----------
    blocks
        Its features.
    link
        How margins become probabilities.
    tensors
        ``coefficients.<block>`` of shape (size, n_outputs), ``intercepts`` of shape (n_outputs,), and of each block
        ``idf``, ``vocabulary`` and ``ends`` where it has them.
    """

    blocks: tuple[NgramBlock, ...]
    link: Link
    tensors: Tensors


def lower(pipeline: object) -> Lowered:
    """Lower a pipeline whose steps are known to be linear.

    Subclasses may do anything, so that only scikit-learn's own classes are taken.

    Raises
    ------
    NotLowerableError
        If a step is not known to be linear, or reads texts by code of its own.
    """
    steps = list(_flat(pipeline))
    if len(steps) < 2:
        raise NotLowerableError(f"{_named(pipeline)} is no Pipeline of a vectorizer and a classifier")
    blocks, tensors = _features(steps[:-1])
    return _with_head(blocks, tensors, linear_head(steps[-1]))


def _flat(step: Any) -> Iterator[object]:
    if type(step) is Pipeline:
        for _, inner in step.steps:
            yield from _flat(inner)
    elif step is not None and step != "passthrough":
        yield step


def _features(steps: Sequence[object]) -> tuple[list[NgramBlock], Tensors]:
    first: Any = steps[0]
    tensors: Tensors = {}
    if type(first) is not FeatureUnion:
        block, tensors = _block("ngrams", steps, 1.0)
        return [block], tensors
    if len(steps) > 1:
        raise NotLowerableError(f"{_named(steps[1])} stands between the features and the classifier")
    weights = first.transformer_weights or {}
    blocks: list[NgramBlock] = []
    for name, transformer in first.transformer_list:
        if transformer == "drop":
            continue
        block, more = _block(f"{len(blocks)}-{name}", list(_flat(transformer)), float(weights.get(name, 1.0)))
        blocks.append(block)
        tensors |= more
    if not blocks:
        raise NotLowerableError("its FeatureUnion holds no features")
    return blocks, tensors


def _block(name: str, steps: Sequence[object], weight: float) -> tuple[NgramBlock, Tensors]:
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


def _with_head(blocks: Sequence[NgramBlock], tensors: Tensors, head: Head) -> Lowered:
    width = sum(block.size for block in blocks)
    if len(head.coefficients) != width:
        raise NotLowerableError(f"the classifier has {len(head.coefficients)} coefficients for {width} features")
    start = 0
    for block in blocks:
        tensors[f"coefficients.{block.name}"] = head.coefficients[start : start + block.size]
        start += block.size
    tensors["intercepts"] = head.intercepts
    return Lowered(tuple(blocks), head.link, tensors)


def _named(step: object) -> str:
    return type(step).__name__
