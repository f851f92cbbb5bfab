"""The records of a batch as columns, however they were fetched."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.batch import StoredRecord
from sluicegate.agents.log.records import StoredRecords
from sluicegate.schemas.columns import Spans, distinct_rows, is_structured, spans_of

__all__ = ["key_spans", "structured", "timestamps_of", "value_spans"]


def value_spans(records: Sequence[StoredRecord]) -> Spans:
    """Give where the values stand."""
    if isinstance(records, StoredRecords):
        return records.values
    return spans_of([record.value for record in records])


def key_spans(records: Sequence[StoredRecord]) -> Spans:
    """Give where the keys stand."""
    if isinstance(records, StoredRecords):
        return records.keys
    return spans_of([record.key for record in records])


def timestamps_of(records: Sequence[StoredRecord]) -> NDArray[np.int64]:
    """Give the timestamps, in milliseconds since the epoch: shape (n,)."""
    if isinstance(records, StoredRecords):
        return records.timestamps
    return np.fromiter((record.timestamp for record in records), dtype=np.int64, count=len(records))


def structured(records: Sequence[StoredRecord]) -> NDArray[np.bool_]:
    """Tell of each record whether its headers are of structured mode: shape (n,)."""
    if not isinstance(records, StoredRecords):
        return np.fromiter((is_structured(record.headers) for record in records), dtype=np.bool_, count=len(records))
    numbers, firsts = distinct_rows(records.header_sections)
    return np.array([is_structured(records[row].headers) for row in firsts.tolist()], dtype=np.bool_)[numbers]
