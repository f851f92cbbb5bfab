"""What a policy may ask of the events of a batch, from their columns."""

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.columnar.languages import policy_languages
from sluicegate.agents.encoded import Languages
from sluicegate.agents.rows import AGE_SIGNAL
from sluicegate.policy import Features, comparable
from sluicegate.schemas import EVENT_TYPES
from sluicegate.schemas.columns import EventColumns, Spans, distinct_strings

__all__ = ["column_features"]

_TYPES = np.array(EVENT_TYPES, dtype=np.str_)
_CREATED = EVENT_TYPES.index("content.created")


def column_features(
    columns: EventColumns, rows: NDArray[np.intp], languages: Languages, wanted: tuple[str, ...]
) -> Features:
    """Give what a policy may ask of some of the events.

    Parameters
    ----------
    columns
        Of the batch.
    rows
        The events.
    languages
        Of these events.
    wanted
        Names of the columns of signals.
    """
    types = columns.type[rows]
    signals = {name: columns.signals[rows, place] for place, name in enumerate(wanted)}
    signals = {name: values for name, values in signals.items() if not np.isnan(values).all()}
    # What was just created has no age; of an update only the publisher can say.
    age = np.where(types == _CREATED, 0.0, np.nan)
    if AGE_SIGNAL in signals:
        age = np.where(np.isnan(signals[AGE_SIGNAL]), age, signals[AGE_SIGNAL])
    return Features(
        type=_TYPES[types],
        surface=_strings(columns.spans_of("surface").rows(rows)),
        language=policy_languages(languages),
        tenant=_strings(columns.spans_of("tenant").rows(rows)),
        text_truncated=np.zeros(len(rows), dtype=np.bool_),
        age_hours=age,
        signals=signals,
    )


def _strings(spans: Spans) -> NDArray[np.str_]:
    """Give the string of each row, empty where it has none."""
    distinct = distinct_strings(spans)
    return np.array([*map(comparable, distinct.strings), ""], dtype=np.str_)[distinct.numbers]
