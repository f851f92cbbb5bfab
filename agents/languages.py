"""The languages of events that name none: identified before a batch is decided, where that is switched on."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.rows import Row, is_scored
from sluicegate.agents.settings import Settings
from sluicegate.models.language import Buffer, Identified, Identifier, LanguageIdentifier, LanguageModel
from sluicegate.policy import Policy
from sluicegate.schemas import UNDETERMINED, DecidedLanguage

__all__ = [
    "DEFAULT_LANGUAGES",
    "LoadingIdentifier",
    "are_identified",
    "decided_language",
    "identify_languages",
    "languages_identified",
    "load_identifier",
]

#: Of what the shipped model learned from.
DEFAULT_LANGUAGES: Final = ("de", "en", "es", "fr", "pt", "zh")

#: Settings in place of languages.
_AUTO: Final = ("auto",)
_OFF: Final = ("off",)


def are_identified(settings: Settings) -> bool:
    """Tell whether the settings want languages identified."""
    return settings.languages not in ((), _OFF)


def load_identifier(settings: Settings, policy: Policy) -> LanguageIdentifier:
    """Load what identifies languages, where the settings want it.

    With ``auto`` those are the languages of the shipped model, and those of the policy's queues that can be identified.

    Raises
    ------
    LanguageError
        Where a language that is set cannot be identified, or the model cannot be unpacked.
    """
    model = LanguageModel.load()
    languages = settings.languages
    if languages == _AUTO:
        queues = {language for queue in policy.queues for language in queue.languages or ()}
        languages = (*DEFAULT_LANGUAGES, *sorted((queues & set(model.languages)) - set(DEFAULT_LANGUAGES)))
    return LanguageIdentifier(model, languages, settings.language_confidence)


class LoadingIdentifier:
    """Identifies languages by a model that a thread loads while the worker does all else that a start takes.

    Parameters
    ----------
    load
        Loads the model.
    """

    def __init__(self, load: Callable[[], LanguageIdentifier]) -> None:
        executor = ThreadPoolExecutor(1, "languages")
        self.loaded: Future[LanguageIdentifier] = executor.submit(load)
        executor.shutdown(wait=False)

    def identify(self, texts: Sequence[str]) -> list[Identified]:
        """Identify the language of each text, having waited for the model.

        Raises
        ------
        LanguageError
            Where the model cannot be had as configured.
        """
        return self.loaded.result().identify(texts)

    @property
    def tags(self) -> tuple[str, ...]:
        """What the numbers of `identify_utf8` stand for."""
        return self.loaded.result().tags

    def identify_utf8(
        self, buffer: Buffer, begins: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Identify the language of each text in a buffer, having waited for the model.

        Raises
        ------
        LanguageError
            Where the model cannot be had as configured.
        """
        return self.loaded.result().identify_utf8(buffer, begins, lengths)


def identify_languages(identifier: Identifier, rows: Sequence[Row]) -> list[Row]:
    """Give the rows with the language of each that is scored and names none."""
    wanted = [position for position, row in enumerate(rows) if is_scored(row) and not row.language]
    found = list(rows)
    for position, identified in zip(wanted, identifier.identify([rows[at].text for at in wanted]), strict=True):
        found[position] = replace(rows[position], language=identified.tag, language_confidence=identified.confidence)
    return found


def languages_identified(rows: Sequence[Row]) -> Counter[str]:
    """Count the rows whose language was to be identified, by what it was."""
    return Counter(row.language or UNDETERMINED for row in rows if row.language_confidence is not None)


def decided_language(row: Row) -> DecidedLanguage | None:
    """Give what a decision says of the language; None where the event names none and none was looked for."""
    if row.language_confidence is not None:
        return DecidedLanguage(row.language or UNDETERMINED, True, row.language_confidence)
    return DecidedLanguage(row.language, False) if row.language else None
