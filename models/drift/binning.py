"""From a batch of texts to how many of them lie in each bin: the only work that drift makes of every text."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.drift.reference import Reference

__all__ = ["SAMPLED_EVERY", "Binning"]

#: Of so many texts of a batch one is looked at for unknown words, which costs as much as a tenth of its score.
SAMPLED_EVERY: Final = 32


class Binning:
    """Counts texts by the bins of all features, which stand one after another.

    Parameters
    ----------
    reference
        Of the bundle whose scores are counted.
    """

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.features = reference.features
        sizes = [len(feature.shares) for feature in self.features]
        #: Where the bins of each feature begin.
        self.starts: NDArray[np.intp] = np.cumsum([0, *sizes])[:-1].astype(np.intp)
        self.size = sum(sizes)
        self._columns = list(reference.scores)
        # Probabilities are at most 1, so that twice the number of a column keeps the columns apart, and one search
        # does for all of them.
        self._apart = 2.0 * np.arange(len(self._columns))
        edges = [feature.edges + apart for feature, apart in zip(reference.scores.values(), self._apart, strict=True)]
        self._edges = np.concatenate([np.zeros(0), *edges])
        self._first = {feature.name: int(start) for feature, start in zip(self.features, self.starts, strict=True)}

    def count(self, scores: NDArray[np.float64], texts: Sequence[str], languages: Sequence[str]) -> NDArray[np.int64]:
        """Count texts by bins: shape (size,).

        Parameters
        ----------
        scores
            Shape (n_texts, n_harms).
        texts
            What was scored; of some of them the words are looked at.
        languages
            Primary subtags; a text whose language is not known (an empty one) is left out of that feature.
        """
        lengths = np.fromiter(map(len, texts), dtype=np.float64, count=len(texts))
        return self.count_columns(scores, lengths, Counter(languages), texts[::SAMPLED_EVERY])

    def count_columns(
        self,
        scores: NDArray[np.float64],
        lengths: NDArray[np.float64] | NDArray[np.int64],
        languages: Mapping[str, int],
        sampled: Sequence[str],
    ) -> NDArray[np.int64]:
        """Count texts that are told by their columns: shape (size,).

        Parameters
        ----------
        scores
            Shape (n_texts, n_harms).
        lengths
            Code points of each, shape (n_texts,).
        languages
            How many there are of each primary subtag.
        sampled
            Each `SAMPLED_EVERY`th text, from the first on.
        """
        reference = self.reference
        bins: list[NDArray[np.intp]] = []
        if self._columns:
            places = np.searchsorted(self._edges, scores[:, self._columns] + self._apart, side="right")
            # Of k edges a column has k + 1 bins.
            bins.append((places + np.arange(len(self._columns))).ravel())
        if reference.length is not None:
            bins.append(np.searchsorted(reference.length.edges, lengths, side="right") + self._first["length"])
        if reference.unknown is not None and reference.words is not None:
            shares = reference.words.shares(sampled)
            shares = shares[~np.isnan(shares)]
            bins.append(np.searchsorted(reference.unknown.edges, shares, side="right") + self._first["unknown_words"])
        counts = np.bincount(np.concatenate([np.zeros(0, dtype=np.intp), *bins]), minlength=self.size)
        if reference.language is not None:
            known, others = reference.languages, len(reference.languages)
            for language, texts in languages.items():
                if language:
                    counts[self._first["language"] + known.get(language, others)] += texts
        return counts
