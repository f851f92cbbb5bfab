"""The language that each event of a batch is decided with, in columns."""

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.encoded import Languages
from sluicegate.models.language import BufferIdentifier
from sluicegate.schemas import UNDETERMINED, primary_subtag
from sluicegate.schemas.columns import Spans, distinct_strings

__all__ = ["policy_languages", "read_languages"]

#: Index of no tag.
_NONE = -1


def read_languages(
    named: Spans, texts: Spans, scored: NDArray[np.bool_], identifier: BufferIdentifier | None
) -> Languages:
    """Give the language of each event: the one that it names, or else the one that its text is identified as.

    Parameters
    ----------
    named, texts
        The events' members ``language`` and ``text``.
    scored
        Which events have a text that is scored; of others none is identified.
    identifier
        Identifies; None where that is switched off.
    """
    distinct = distinct_strings(named)
    subtags = [primary_subtag(string) if string else "" for string in distinct.strings]
    # Looked up and not searched for: whoever names the languages can name a new one in every event.
    index: dict[str, int] = {}
    for subtag in subtags:
        if subtag:
            index.setdefault(subtag, len(index))
    # A row without a language has the number -1, which leads to the last entry.
    places = np.array([*(index.get(subtag or "", _NONE) for subtag in subtags), _NONE], dtype=np.int32)
    tag, invalid = places[distinct.numbers], np.array([*(subtag is None for subtag in subtags), False])
    identified, confidence = np.zeros(len(tag), dtype=np.bool_), np.zeros(len(tag))
    if identifier is not None:
        identified = scored & (tag == _NONE)
        rows = np.flatnonzero(identified)
        if len(rows):
            numbers, confidence[rows] = identifier.identify_utf8(texts.buffer, texts.begins[rows], texts.lengths[rows])
            known = [each or UNDETERMINED for each in identifier.tags]
            tag[rows] = np.array([index.setdefault(each, len(index)) for each in known], dtype=np.int32)[numbers]
    return Languages(tuple(index), tag, identified, confidence, invalid[distinct.numbers])


def policy_languages(languages: Languages) -> NDArray[np.str_]:
    """Give the language of each event as a policy has it: empty where it is unknown."""
    tags = ["" if tag == UNDETERMINED else tag for tag in languages.tags]
    return np.array([*tags, ""], dtype=np.str_)[languages.tag]
