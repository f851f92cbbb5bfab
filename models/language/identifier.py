"""Identifies languages by py3langid's model (naive Bayes over fragments of bytes, 140 languages).

The model is walked by the library; only the arithmetic after that is done here, over all languages at once.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.language.confidence import probabilities
from sluicegate.models.language.languages import LanguageError, check_languages
from sluicegate.models.language.wording import wording

__all__ = ["UNKNOWN", "Identified", "Identifier", "LanguageIdentifier", "LanguageModel"]

UNKNOWN: Final = ""
#: No confidence is higher: of texts that the model is certain of, 2 in 1,000 are in another language.
MOST_SURE: Final = 0.998
#: Not a language: what has no linguistic content (ISO 639-2).
_NO_LANGUAGE: Final = "zxx"
#: Decimals of a confidence: what is decided by is exactly what is written.
_DECIMALS: Final = 4


class Identified(NamedTuple):
    """What was found.

    Attributes
    ----------
    tag
        Primary subtag of a configured language; empty where none is likely enough.
    confidence
        Probability of the likeliest configured language, 0 to 1.
    """

    tag: str
    confidence: float


class Identifier(Protocol):
    """Whatever tells the languages of texts."""

    def identify(self, texts: Sequence[str]) -> list[Identified]:
        """Identify the language of each text."""


class LanguageModel:
    """The model of all languages, as py3langid ships it; takes half a second to load and some 80 MB.

    Parameters
    ----------
    labels
        Language of each column; one may have several, for its scripts.
    weights
        Log likelihood of each fragment, shape (n_fragments, n_columns).
    priors
        Log prior of each column, shape (n_columns,).
    automaton
        Next states (256 a row), the row of each state, and the fragment that ends in each state, -1 for none.
    """

    def __init__(
        self,
        labels: Sequence[str],
        weights: NDArray[np.float32],
        priors: NDArray[np.float32],
        automaton: tuple[Sequence[int], Sequence[int], Sequence[int]],
    ) -> None:
        self.labels = np.array(labels, dtype=np.str_)
        self._weights = weights
        self._priors = priors
        self._next, rows, self._fragments = automaton
        self._rows = [row << 8 for row in rows]

    @property
    def languages(self) -> tuple[str, ...]:
        """Primary subtags of the languages that can be identified, in order."""
        return tuple(sorted(set(self.labels.tolist()) - {_NO_LANGUAGE}))

    @classmethod
    def load(cls) -> Self:
        """Load the model that is installed with py3langid.

        Raises
        ------
        LanguageError
            Where there is no room to unpack it.
        """
        from py3langid.langid import MODEL_FILE
        from py3langid.langid import LanguageIdentifier as Library

        try:
            library = Library.from_model_file(MODEL_FILE)
        except OSError as error:
            raise LanguageError(
                f"the model of languages cannot be unpacked ({error.strerror or error}); let TMPDIR name a folder with "
                "60 MB of room, or set SLUICEGATE_LANGUAGES=off"
            ) from error
        # Half precision is unpacked anew for every text otherwise, which costs more than the sum.
        weights = np.asarray(library.nb_ptc, dtype=np.float32)
        automaton = (library.tk_nextmove, library.tk_row, library.tk_output)
        return cls(library.nb_classes, weights, np.asarray(library.nb_pc, dtype=np.float32), automaton)

    def scores(self, encoded: bytes) -> NDArray[np.float32] | None:
        """Give the log posterior of each column, shape (n_columns,); None where no fragment is known."""
        from py3langid.langid import visit_counts

        counts = visit_counts(self._next, self._rows, self._fragments, encoded)
        if not counts:
            return None
        fragments = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
        times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        return np.asarray(np.log1p(times) @ self._weights[fragments] + self._priors, dtype=np.float32)


class LanguageIdentifier:
    """Tells which of some languages a text is in.

    Parameters
    ----------
    model
        Of all languages.
    languages
        Primary subtags of those that may be found.
    minimum
        Confidence below which a language counts as unknown, 0 to 1.

    Raises
    ------
    LanguageError
        Where one of the languages is none of the model's.
    """

    def __init__(self, model: LanguageModel, languages: Sequence[str], minimum: float) -> None:
        check_languages(languages, model.languages)
        self.languages = tuple(dict.fromkeys(languages))
        self._model = model
        self._minimum = minimum
        self._configured = np.isin(model.labels, self.languages)
        self._columns = [np.flatnonzero(model.labels == language) for language in self.languages]

    def identify(self, texts: Sequence[str]) -> list[Identified]:
        """Identify the language of each text; what is found does not depend on the texts beside it.

        Parameters
        ----------
        texts
            As they were written; only the beginning of long ones is read.

        Returns
        -------
        list of Identified
            One for each text.
        """
        found = [Identified(UNKNOWN, 0.0)] * len(texts)
        places, rows, sizes = [], [], []
        for place, text in enumerate(texts):
            encoded = wording(text).encode("utf-8", "replace")
            scores = self._model.scores(encoded) if encoded else None
            if scores is not None:
                places.append(place)
                rows.append(scores)
                sizes.append(len(encoded))
        if not rows:
            return found
        likely = probabilities(np.stack(rows), np.array(sizes, dtype=np.int64), self._configured)
        each = np.stack([likely[:, columns].sum(axis=1) for columns in self._columns], axis=1)
        for place, best, confidence in zip(
            places, each.argmax(axis=1).tolist(), each.max(axis=1).tolist(), strict=True
        ):
            rounded = round(min(confidence, MOST_SURE), _DECIMALS)
            found[place] = Identified(self.languages[best] if rounded >= self._minimum else UNKNOWN, rounded)
        return found
