"""What a policy may ask of a batch of events, apart from the scores: one array for each question."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan

import numpy as np
from numpy.typing import NDArray

from sluicegate.schemas import ContentEvent, primary_subtag

#: The signal that holds the content's age; without it new content is 0 hours old, and other content of unknown age.
AGE_SIGNAL = "age_hours"
_CREATED = "content.created"


@dataclass(frozen=True)
class Features:
    """A batch of n events, as arrays of n.

    Parameters
    ----------
    type, surface
        Strings; ``type`` as in ``content.created``.
    language
        Lower-case primary subtag (``en`` for ``en-GB``), ``''`` where unknown.
    tenant
        Strings, ``''`` where there is none.
    text_truncated
        Whether the text could not be scored whole.
    age_hours
        Hours since the content was created; NaN where unknown.
    signals
        Each signal's values; NaN where an event lacks it. A signal that no event has may be left out.
    """

    type: NDArray[np.str_]
    surface: NDArray[np.str_]
    language: NDArray[np.str_]
    tenant: NDArray[np.str_]
    text_truncated: NDArray[np.bool_]
    age_hours: NDArray[np.float64]
    signals: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.type)


def features_of(events: Sequence[ContentEvent], text_truncated: Sequence[bool], signals: Collection[str]) -> Features:
    """Gather the features of a batch of events.

    Parameters
    ----------
    events
        The batch.
    text_truncated
        For each event, whether its text could not be scored whole.
    signals
        The names wanted: those of ``Policy.signals``.

    Returns
    -------
    Features
    """
    contents = [event.data for event in events]
    sent = [content.signals or {} for content in contents]
    gathered = {name: np.array([_number(one.get(name)) for one in sent], dtype=np.float64) for name in signals}
    ages = [
        _number(one.get(AGE_SIGNAL, 0.0 if event.type == _CREATED else None))
        for event, one in zip(events, sent, strict=True)
    ]
    return Features(
        type=_strings([event.type for event in events]),
        surface=_strings([content.surface for content in contents]),
        language=_strings([primary_subtag(content.language or "") or "" for content in contents]),
        tenant=_strings([content.tenant or "" for content in contents]),
        text_truncated=np.array(text_truncated, dtype=np.bool_),
        age_hours=np.array(ages, dtype=np.float64),
        signals=gathered,
    )


def _number(sent: float | None) -> float:
    return nan if sent is None else sent


def _strings(values: list[str]) -> NDArray[np.str_]:
    return np.array(values, dtype=np.str_)
