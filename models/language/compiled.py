"""Identifies languages by the compiled kernel; texts whose words it leaves alone are worded in Python for it."""

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.models.language.characters import Characters
from sluicegate.models.language.confidence import PRIOR_LOG_ODDS, SHARPNESS
from sluicegate.models.language.wording import LOOKED_AT, encoded_wording
from sluicegate.schemas.kernels import kernel

__all__ = ["KERNEL", "CompiledIdentifier", "Logs"]

#: None where it could not be built.
KERNEL: Final[ModuleType | None] = kernel("sluicegate.models.compiled.languages")

#: Bytes that are read of a text at the most, but where NFKC lengthens it.
_USUAL_BYTES: Final = 1_200
#: In place of a language: the kernel leaves the words of this text to Python.
_ASK: Final = -2


class Logs:
    """Logarithms of 1 + n for whole numbers, in single precision: the same for Python and the kernel."""

    def __init__(self) -> None:
        self._known = np.log1p(np.arange(_USUAL_BYTES + 1, dtype=np.float32))

    def to(self, largest: int) -> NDArray[np.float32]:
        """Give them for every n up to the largest one; there may be more."""
        known = self._known
        if largest >= len(known):
            self._known = known = np.log1p(np.arange(largest + 1, dtype=np.float32))
        return known


class CompiledIdentifier:
    """Identifies texts in UTF-8; any number of threads may call it.

    Parameters
    ----------
    model
        The kernel's, of all languages.
    language_of
        Number of each column's language, -1 where it is not configured, shape (n_columns,).
    n_languages
        How many are configured.
    """

    def __init__(self, model: Any, language_of: NDArray[np.int32], n_languages: int) -> None:
        self._model = model
        self._language_of = language_of
        self._n_languages = n_languages
        self._characters = Characters()
        self._logs = Logs()

    def identify(
        self,
        buffer: bytes | memoryview,
        begins: NDArray[np.int64],
        lengths: NDArray[np.int64],
        text_of: Callable[[int], str],
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Identify the language of each text.

        Parameters
        ----------
        buffer, begins, lengths
            The texts.
        text_of
            Gives one of them as a string, for those that the kernel leaves alone.

        Returns
        -------
        ndarray of shape (n_texts,)
            Number of the likeliest configured language, -1 where nothing tells any.
        ndarray of shape (n_texts,)
            Its probability.
        """
        found, probabilities = self._call(buffer, begins, lengths, worded=False)
        asked = np.flatnonzero(found == _ASK)
        if len(asked):
            texts = [text_of(place)[:LOOKED_AT] for place in asked.tolist()]
            words = [encoded_wording(text) for text in texts]
            sizes = np.array([len(each) for each in words], dtype=np.int64)
            starts = np.cumsum(sizes) - sizes
            found[asked], probabilities[asked] = self._call(b"".join(words), starts, sizes, worded=True)
            # The next text with such characters is read by the kernel, unless they change under NFKC.
            for text in texts:
                self._characters.learn(text)
        return found, probabilities

    def _call(
        self, buffer: bytes | memoryview, begins: NDArray[np.int64], lengths: NDArray[np.int64], *, worded: bool
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        logs = self._logs.to(max(int(lengths.max(initial=0)), _USUAL_BYTES) if worded else _USUAL_BYTES)
        found, probabilities = self._model.identify(
            buffer,
            begins,
            lengths,
            self._characters.flags,
            logs,
            self._language_of,
            self._n_languages,
            SHARPNESS,
            PRIOR_LOG_ODDS,
            worded,
        )
        return found, probabilities
