"""Kinds of fitted pipelines that people bring, each with the harms it is imported with and how it is to be served."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.naive_bayes import ComplementNB
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer

THINGS = ["soup", "bread", "bikes", "music", "gardens", "trains", "Straße", "café", "łódź", "Ἀθῆναι"]
PLACES = ["park", "market", "office", "beach"]
TEXTS = [
    text
    for thing in THINGS
    for place in PLACES
    for text in (
        f"Buy cheap {thing} now, click the link, FREE offer at the {place}",
        f"I will hurt you at the {place} because of {thing}",
        f"See you at the {place}, bring {thing}",
    )
]
SPAM = np.array([1, 0, 0] * 40)
BOTH = np.array([[1, 0], [0, 1], [0, 0]] * 40)
NAMED = np.array(["spam", "violence", "ordinary"] * 40)
NUMBERED = np.array([1, 2, 0] * 40)


def upper(texts: list[str]) -> list[str]:
    return [text.upper() for text in texts]


def letters(text: str) -> list[str]:
    return [character for character in text if character.isalpha()]


@dataclass(frozen=True)
class Kind:
    make: Callable[[], Any]
    labels: np.ndarray[Any, Any]
    harms: str
    lowered: bool = True

    def fitted(self) -> Any:
        return self.make().fit(TEXTS, self.labels)


def logistic() -> LogisticRegression:
    return LogisticRegression(C=10)


def of(vectorizer: Any, *steps: Any) -> Callable[[], Any]:
    return lambda: make_pipeline(vectorizer, *steps, logistic())


def binary(vectorizer: Any, *steps: Any) -> Kind:
    return Kind(of(vectorizer, *steps), SPAM, "spam")


def as_it_is(vectorizer: Any, *steps: Any) -> Kind:
    return Kind(of(vectorizer, *steps), SPAM, "spam", lowered=False)


def classified(classifier: Any, labels: np.ndarray[Any, Any], harms: str, *, lowered: bool = True) -> Kind:
    return Kind(lambda: make_pipeline(TfidfVectorizer(), classifier), labels, harms, lowered)


def union(**weights: float) -> FeatureUnion:
    parts: list[tuple[str, Any]] = [
        ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)),
        (
            "letters",
            make_pipeline(
                HashingVectorizer(analyzer="char_wb", ngram_range=(2, 4), n_features=4096), TfidfTransformer()
            ),
        ),
        ("none", "drop"),
        ("counts", CountVectorizer(binary=True, stop_words="english")),
    ]
    return FeatureUnion(parts, transformer_weights=weights or None)


KINDS: dict[str, Kind] = {
    "words, tf-idf": binary(TfidfVectorizer()),
    "accents to unicode": binary(TfidfVectorizer(strip_accents="unicode")),
    "accents to ascii": binary(TfidfVectorizer(strip_accents="ascii", lowercase=False)),
    "case kept": binary(TfidfVectorizer(lowercase=False, ngram_range=(1, 3))),
    "stop words": binary(TfidfVectorizer(stop_words="english", ngram_range=(1, 2))),
    "own stop words": binary(TfidfVectorizer(stop_words=["soup", "the", "you"], ngram_range=(2, 2))),
    "stop words that never occur": binary(TfidfVectorizer(stop_words=["The", "WE'LL"])),
    "token pattern": binary(TfidfVectorizer(token_pattern=r"[#@]?\w+")),
    "token pattern with a group": binary(TfidfVectorizer(token_pattern=r"(?u)\b(\w)\w*", ngram_range=(1, 3))),
    "token pattern that matches nothing": binary(CountVectorizer(token_pattern=r"\w*")),
    "no idf, sublinear, l1": binary(TfidfVectorizer(use_idf=False, sublinear_tf=True, norm="l1")),
    "no norm": binary(TfidfVectorizer(norm=None)),
    "single precision": binary(TfidfVectorizer(dtype=np.float32)),
    "given vocabulary": binary(TfidfVectorizer(vocabulary=["link", "hurt", "bring", "free offer"], ngram_range=(1, 2))),
    "counts": binary(CountVectorizer()),
    "counts there or not": binary(CountVectorizer(binary=True), TfidfTransformer()),
    "counts, then tf-idf": binary(CountVectorizer(min_df=2), TfidfTransformer(sublinear_tf=True)),
    "hashed, signs": binary(HashingVectorizer(n_features=512)),
    "hashed, no signs": binary(HashingVectorizer(n_features=512, alternate_sign=False), TfidfTransformer()),
    "hashed, any number of columns": binary(HashingVectorizer(n_features=1000, norm=None)),
    "hashed there or not": binary(HashingVectorizer(n_features=16, binary=True, norm="l1")),
    "characters": binary(TfidfVectorizer(analyzer="char", ngram_range=(1, 4))),
    "characters in words": binary(TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 5), strip_accents="unicode")),
    "union": binary(union()),
    "weighted union": binary(union(words=2.0, counts=0.25)),
    "pipeline in a pipeline": binary(make_pipeline(CountVectorizer(), TfidfTransformer()), "passthrough"),
    "cross-validated": classified(
        LogisticRegressionCV(Cs=2, cv=2, scoring="accuracy", l1_ratios=(0.0,), use_legacy_attributes=False),
        SPAM,
        "spam",
    ),
    "stochastic gradient": classified(SGDClassifier(loss="log_loss", random_state=1), SPAM, "spam"),
    "sparse coefficients": classified(SGDClassifier(loss="log_loss", penalty="l1", random_state=1), SPAM, "spam"),
    "the other class": classified(logistic(), np.where(SPAM, "bad", "good"), "ham=good"),
    "named classes": classified(logistic(), NAMED, "violence,spam"),
    "numbered classes": classified(logistic(), NUMBERED, "spam=1,violence=2"),
    "named classes by gradient": classified(SGDClassifier(loss="log_loss", random_state=1), NAMED, "spam,violence"),
    "one against the rest, classes": classified(OneVsRestClassifier(logistic()), NAMED, "spam,violence"),
    "one against the rest, two classes": classified(OneVsRestClassifier(logistic()), SPAM, "spam"),
    "one against the rest, labels": classified(OneVsRestClassifier(logistic()), BOTH, "spam,violence"),
    "some of the labels": classified(OneVsRestClassifier(logistic()), BOTH, "violence=1"),
    "several outputs": classified(MultiOutputClassifier(logistic()), BOTH, "spam,violence"),
    "forest": classified(RandomForestClassifier(5, random_state=1), SPAM, "spam", lowered=False),
    "forest of labels": classified(RandomForestClassifier(5, random_state=1), BOTH, "spam,violence", lowered=False),
    "forest of classes": classified(RandomForestClassifier(5, random_state=1), NAMED, "spam,violence", lowered=False),
    "naive Bayes": classified(ComplementNB(), SPAM, "spam", lowered=False),
    "calibrated": classified(CalibratedClassifierCV(logistic(), cv=2), SPAM, "spam", lowered=False),
    "constant label": classified(OneVsRestClassifier(logistic()), BOTH * [1, 0], "spam,violence", lowered=False),
    "own preprocessor": as_it_is(TfidfVectorizer(preprocessor=str.upper)),
    "own tokenizer": as_it_is(TfidfVectorizer(tokenizer=str.split, token_pattern=None)),
    "own analyzer": as_it_is(TfidfVectorizer(analyzer=letters)),
    "own accents": as_it_is(TfidfVectorizer(strip_accents=str.title)),
    "own step": as_it_is(FunctionTransformer(upper), TfidfVectorizer()),
}


@cache
def fitted(kind: str) -> Any:
    with warnings.catch_warnings():
        # That a label is constant is what one of them is about.
        warnings.simplefilter("ignore", UserWarning)
        estimator = KINDS[kind].fitted()
    if kind == "sparse coefficients":
        estimator[-1].sparsify()
    return estimator
