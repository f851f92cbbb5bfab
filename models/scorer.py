"""What a scorer is, and the one of a linear bundle: compiled where it can be, else with scikit-learn's hashing."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.compiled.linear import compiled_scorer, is_compilable
from sluicegate.models.explain import Block, Explainer, Span, in_original
from sluicegate.models.features import count, hasher, scale
from sluicegate.models.figures import sigmoid
from sluicegate.models.imported.recorded import Served
from sluicegate.models.manifest import FeatureBlock, Manifest
from sluicegate.models.normalise import cut, normalise
from sluicegate.models.signals import TENSOR, Signals, signal_columns, signal_values

BATCH = 500


class Scorer(Protocol):
    """Gives the probability of each harm for each text.

    A scorer has no state that a call changes: it may be called from any thread, and the probabilities of
    a text do not depend on the texts beside it.
    """

    @property
    def name(self) -> str:
        """Name of the model."""

    @property
    def version(self) -> str:
        """Version of the model."""

    @property
    def digest(self) -> str:
        """Digest of the bundle, as ``sha256:`` and hexadecimal digits."""

    @property
    def harms(self) -> tuple[str, ...]:
        """Names of the harms, in the order of the columns that ``score`` returns."""

    @property
    def served(self) -> Served:
        """What it scores with: weights alone, or a pipeline that was unpickled."""

    @property
    def signals(self) -> tuple[str, ...]:
        """Names of the signals that ``score`` heeds beside the texts; none for most models."""

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        """Return calibrated probabilities of any texts, finite and in [0, 1]: shape (n_texts, n_harms).

        ``signals`` are those of each text; without them all are absent. A model that is served as a foreign pipeline
        may give NaN where that one gives no probability.
        """

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[Span, ...]:
        """Return the parts of the original text that raised the harm's log-odds most, strongest first."""


class HashedLinearScorer:
    """Scores with hashed n-grams and one matrix of coefficients for all harms.

    Parameters
    ----------
    manifest
        What the bundle says of itself.
    digest
        Digest of the bundle.
    tensors
        ``idf.<block>`` of shape (size,), ``coefficients.<block>`` of shape (size, n_harms) for each block of
        features, and ``intercepts`` of shape (n_harms,), which take calibration and prevalence in; with signals,
        ``coefficients.signals`` of shape (2 * n_signals, n_harms).
    """

    served: Served = "weights"

    def __init__(self, manifest: Manifest, digest: str, tensors: Mapping[str, NDArray[np.generic]]) -> None:
        self.name = manifest.name
        self.version = manifest.version
        self.digest = digest
        self.harms = manifest.harms
        self.intercepts = tensors["intercepts"].astype(np.float64)
        self.signals = tuple(feature.name for feature in manifest.signals)
        self._signal_features = manifest.signals
        self._signal_coefficients = tensors[TENSOR].astype(np.float32) if manifest.signals else None
        self._features, self._tensors = manifest.features, tensors
        self.compiled: Any = None
        if is_compilable(self._features, len(self.harms)):
            weights = [(tensors[f"idf.{each.name}"], tensors[f"coefficients.{each.name}"]) for each in self._features]
            self.compiled = compiled_scorer(self._features, weights, self.intercepts)
        if self.compiled is None:
            # Now, and not when they are asked for: see `_weights`.
            _ = self.blocks

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """What scikit-learn scores with; where there is a kernel, which has its own, made only when asked for."""
        return tuple((hasher(block), *self._weights(block)) for block in self._features)

    @cached_property
    def explainer(self) -> Explainer:
        """Explains in Python, whether or not there is a kernel."""
        return Explainer(self.blocks)

    def _weights(self, block: FeatureBlock) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        # Copies also of what has that type already: a mapped file that is written over would change the scores of a
        # running worker, and one that is cut short would end it.
        idf = np.array(self._tensors[f"idf.{block.name}"], dtype=np.float32, order="C")
        return idf, np.array(self._tensors[f"coefficients.{block.name}"], dtype=np.float32, order="C")

    def score(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        """Return calibrated probabilities: shape (n_texts, n_harms)."""
        return sigmoid(self.logits(texts, signals))

    def logits(self, texts: Sequence[str], signals: Signals | None = None) -> NDArray[np.float64]:
        """Return calibrated log-odds: shape (n_texts, n_harms)."""
        logits = self._text_logits(texts)
        if self._signal_coefficients is not None:
            values = signal_values(self.signals, signals, len(texts))
            logits += signal_columns(self._signal_features, values) @ self._signal_coefficients
        return logits

    def _text_logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        if self.compiled is not None:
            return np.asarray(self.compiled.logits([cut(text) for text in texts]))
        logits = np.empty((len(texts), len(self.harms)), dtype=np.float64)
        for start in range(0, len(texts), BATCH):
            normalised = [normalise(text) for text in texts[start : start + BATCH]]
            total = np.tile(self.intercepts, (len(normalised), 1))
            for vectorizer, idf, coefficients in self.blocks:
                total += scale(count(vectorizer, normalised), idf) @ coefficients
            logits[start : start + BATCH] = total
        return logits

    def why(self, text: str, harm: str, limit: int = 3) -> tuple[Span, ...]:
        """Return the tokens of the original text that raised the harm's log-odds most, strongest first.

        Raises
        ------
        ValueError
            If the bundle has no such harm.
        """
        column = self.harms.index(harm)
        if self.compiled is None:
            return self.explainer.strongest(text, column, limit)
        _, *parts = self.compiled.strongest([cut(text)], np.zeros(1, dtype=np.int64), np.array([column]), limit)
        return tuple(
            in_original(Span(start, end, weight), len(text))
            for start, end, weight in zip(*(part.tolist() for part in parts), strict=True)
        )
