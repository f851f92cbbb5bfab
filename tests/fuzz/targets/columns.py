"""The reader of events into columns: what it reads is what decoding gives, and it reads nothing that is refused."""

import math
from typing import Final

import numpy as np

from sluicegate.schemas import EVENT_TYPES, DecodedEvent
from sluicegate.schemas.columns import FIELDS, EventColumns, distinct_strings, read_events, spans_of
from tests.fuzz.events import EVENT_WORDS, event_seeds
from tests.fuzz.target import Target
from tests.fuzz.targets.event import outcome_of
from tests.unit.schemas.records import Given

__all__ = ["TARGET"]

WANTED: Final = ("views_per_hour", "n", "big")
_BETWEEN: Final = b"\x1e"
_RECORDS_MOST: Final = 8


def one(data: bytes) -> None:
    """Read a batch of records, which stand one after the other, and each of them by itself."""
    records = data.split(_BETWEEN, _RECORDS_MOST - 1)
    columns = read_events(spans_of(records), np.ones(len(records), dtype=np.bool_), WANTED)
    for row, value in enumerate(records):
        _compare(value, columns, row)
    found = distinct_strings(columns.spans_of("source"))
    strings = [None if number < 0 else found.strings[number] for number in found.numbers.tolist()]
    assert strings == [columns.text_of(row, "source") for row in range(len(columns))]


def _compare(value: bytes, columns: EventColumns, row: int) -> None:
    fields = [columns.text_of(row, field) for field in FIELDS]
    if not columns.plain[row]:
        assert fields == [None] * len(FIELDS)
        assert columns.type[row] == columns.text_points[row] == -1
        assert np.isnan(columns.signals[row]).all()
        return
    decoded = outcome_of(Given(value))
    assert isinstance(decoded, DecodedEvent), f"a record was read that is refused: {decoded}"
    event, data = decoded.event, decoded.event.data
    assert decoded.surrogates_replaced == 0
    assert fields == [
        *(event.id, event.source, event.time, data.content_id, data.actor_id, data.surface, data.text),
        *(data.language, data.tenant, data.content_version),
    ]
    assert EVENT_TYPES[columns.type[row]] == event.type
    assert columns.text_points[row] == (-1 if data.text is None else len(data.text))
    for name, number in zip(WANTED, columns.signals[row].tolist(), strict=True):
        wanted = (data.signals or {}).get(name)
        if wanted is None:
            assert math.isnan(number)
        else:
            assert (number, math.copysign(1, number)) == (wanted, math.copysign(1, wanted))


def _seeds() -> list[bytes]:
    values = [value for value in event_seeds() if not value.startswith(b"@")]
    return [*values, *(_BETWEEN.join(values[start::7]) for start in range(7))]


TARGET: Final = Target(
    one, _seeds, (*EVENT_WORDS, _BETWEEN), longest=4_096, inputs=4_000, modules=("sluicegate.schemas.columns.reading",)
)
