"""Identifies languages by py3langid's model (naive Bayes over fragments of bytes, 140 languages).

A compiled kernel does it where it is built; what stands here is what the kernel is held against, and serves without it.
"""

from array import array
from collections.abc import Sequence
from itertools import accumulate
from typing import Final, NamedTuple, Protocol, Self, TypeGuard, cast

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.language.compiled import KERNEL, CompiledIdentifier, Logs
from sluicegate.models.language.confidence import probabilities
from sluicegate.models.language.languages import LanguageError, check_languages
from sluicegate.models.language.wording import LOOKED_AT, encoded_wording

__all__ = [
    "UNKNOWN",
    "BufferIdentifier",
    "Identified",
    "Identifier",
    "LanguageIdentifier",
    "LanguageModel",
    "reads_buffers",
]

UNKNOWN: Final = ""
#: No confidence is higher: of texts that the model is certain of, 2 in 1,000 are in another language.
MOST_SURE: Final = 0.998
#: Not a language: what has no linguistic content (ISO 639-2).
_NO_LANGUAGE: Final = "zxx"
#: Decimals of a confidence: what is decided by is exactly what is written.
_DECIMALS: Final = 4
#: Of a code point at the most.
_WIDEST: Final = 4


#: What holds texts in UTF-8.
Buffer = bytes | bytearray | memoryview | NDArray[np.uint8]


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


class BufferIdentifier(Protocol):
    """Whatever tells the languages of texts where they stand in a buffer."""

    @property
    def tags(self) -> tuple[str, ...]:
        """What its numbers stand for; the empty one for unknown."""

    def identify_utf8(
        self, buffer: Buffer, begins: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Give the number and the confidence of the language of each text."""


def reads_buffers(identifier: object) -> TypeGuard[BufferIdentifier]:
    """Tell whether it is a `BufferIdentifier`, by its class: to ask it for anything may wait for its model to load."""
    return hasattr(type(identifier), "identify_utf8")


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
    compiled
        Whether the kernel may serve, where it is built.
    """

    def __init__(
        self,
        labels: Sequence[str],
        weights: NDArray[np.float32],
        priors: NDArray[np.float32],
        automaton: tuple[Sequence[int], Sequence[int], Sequence[int]],
        *,
        compiled: bool = True,
    ) -> None:
        self.labels = np.array(labels, dtype=np.str_)
        self._weights = np.ascontiguousarray(weights)
        self._priors = np.ascontiguousarray(priors)
        self._next, self._rows, self._fragments = automaton
        self._bases: list[int] | None = None
        self._logs = Logs()
        self.kernel = None
        if compiled and KERNEL is not None:
            nexts, rows = np.asarray(self._next, dtype=np.uint32), np.asarray(self._rows, dtype=np.uint16)
            fragments = np.asarray(self._fragments, dtype=np.int32)
            self.kernel = KERNEL.Kernel(nexts, rows, fragments, self._weights, self._priors)

    @property
    def languages(self) -> tuple[str, ...]:
        """Primary subtags of the languages that can be identified, in order."""
        return tuple(sorted(set(self.labels.tolist()) - {_NO_LANGUAGE}))

    @classmethod
    def load(cls, *, compiled: bool = True) -> Self:
        """Load the model that is installed with py3langid.

        Parameters
        ----------
        compiled
            Whether the kernel may serve, where it is built.

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
        # As a list the fragments are an object each.
        automaton = (library.tk_nextmove, library.tk_row, array("i", library.tk_output))
        priors = np.asarray(library.nb_pc, dtype=np.float32)
        return cls(library.nb_classes, weights, priors, automaton, compiled=compiled)

    def scores(self, encoded: bytes) -> NDArray[np.float32] | None:
        """Give the log posterior of each column, shape (n_columns,); None where no fragment is known.

        The weights are added one after the other, in the order in which their fragments are first met: so they are in
        the kernel, and single precision gives the same sum in both, and on every machine.
        """
        from py3langid.langid import visit_counts

        if self._bases is None:
            self._bases = [row << 8 for row in self._rows]
        counts = visit_counts(self._next, self._bases, self._fragments, encoded)
        if not counts:
            return None
        fragments = np.fromiter(counts.keys(), dtype=np.intp, count=len(counts))
        times = np.fromiter(counts.values(), dtype=np.intp, count=len(counts))
        weighed = self._weights[fragments]
        weighed *= self._logs.to(len(encoded))[times][:, None]
        return np.asarray(np.add.reduce(weighed, axis=0) + self._priors, dtype=np.float32)


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

    Attributes
    ----------
    languages
        Those that may be found, each once.
    tags
        What the numbers of `identify_utf8` stand for: the unknown language first, then `languages`.

    Raises
    ------
    LanguageError
        Where one of the languages is none of the model's.
    """

    def __init__(self, model: LanguageModel, languages: Sequence[str], minimum: float) -> None:
        check_languages(languages, model.languages)
        self.languages = tuple(dict.fromkeys(languages))
        self.tags = (UNKNOWN, *self.languages)
        self._model = model
        self._minimum = minimum
        self._configured = np.isin(model.labels, self.languages)
        self._columns = [np.flatnonzero(model.labels == language) for language in self.languages]
        language_of = np.full(len(model.labels), -1, dtype=np.int32)
        for place, columns in enumerate(self._columns):
            language_of[columns] = place
        kernel = model.kernel if self.languages else None
        self._compiled = CompiledIdentifier(kernel, language_of, len(self.languages)) if kernel is not None else None

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
        if self._compiled is None:
            numbers, confidences = self._settle(*self._identify_words([encoded_wording(text) for text in texts]))
        else:
            # Half a pair is no UTF-8: the kernel leaves such a text to Python, which reads the text itself.
            read = [text[:LOOKED_AT].encode("utf-8", "surrogatepass") for text in texts]
            ends = np.fromiter(accumulate(map(len, read)), dtype=np.int64, count=len(read))
            lengths = np.diff(ends, prepend=np.int64(0))
            given = (b"".join(read), ends - lengths, lengths)
            numbers, confidences = self._settle(*self._compiled.identify(*given, texts.__getitem__))
        found = zip(numbers.tolist(), confidences.tolist(), strict=True)
        return [Identified(self.tags[number], confidence) for number, confidence in found]

    def identify_utf8(
        self, buffer: Buffer, begins: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Identify the language of each of some texts that stand in one buffer.

        Parameters
        ----------
        buffer
            Texts in UTF-8; what is none reads as U+FFFD.
        begins, lengths
            Of each text in bytes, shape (n_texts,).

        Returns
        -------
        ndarray of shape (n_texts,)
            Numbers of the languages, into `tags`.
        ndarray of shape (n_texts,)
            Confidences.

        Raises
        ------
        ValueError
            Where a text does not lie within the buffer.
        """
        held = memoryview(cast(bytes, buffer))
        begins, lengths = np.ascontiguousarray(begins, dtype=np.int64), np.ascontiguousarray(lengths, dtype=np.int64)
        if len(begins) != len(lengths) or np.any((begins < 0) | (lengths < 0) | (begins > len(held) - lengths)):
            raise ValueError("every text must lie within the buffer, and have a begin and a length")

        def text_of(place: int) -> str:
            begin = int(begins[place])
            end = begin + min(int(lengths[place]), LOOKED_AT * _WIDEST)
            return bytes(held[begin:end]).decode("utf-8", "replace")

        if self._compiled is None:
            words = [encoded_wording(text_of(place)) for place in range(len(begins))]
            return self._settle(*self._identify_words(words))
        return self._settle(*self._compiled.identify(held, begins, lengths, text_of))

    def _identify_words(self, words: Sequence[bytes]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Do in Python what the kernel does: the language of each text, -1 for none, and its probability."""
        found, confidences = np.full(len(words), -1, dtype=np.int32), np.zeros(len(words))
        scores = [self._model.scores(encoded) if encoded else None for encoded in words]
        places = [place for place, row in enumerate(scores) if row is not None]
        if places and self.languages:
            sizes = np.array([len(words[place]) for place in places], dtype=np.int64)
            rows = np.stack([row for row in scores if row is not None])
            likely = probabilities(rows, sizes, self._configured)
            each = np.stack([likely[:, columns].sum(axis=1) for columns in self._columns], axis=1)
            found[places], confidences[places] = each.argmax(axis=1), each.max(axis=1)
        return found, confidences

    def _settle(
        self, found: NDArray[np.int32], confidences: NDArray[np.float64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Round confidences, and have those below the minimum be of the unknown language."""
        rounded = np.asarray(np.round(np.minimum(confidences, MOST_SURE), _DECIMALS), dtype=np.float64)
        return np.where((found >= 0) & (rounded >= self._minimum), found + 1, 0).astype(np.int32), rounded
