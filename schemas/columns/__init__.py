"""A batch of content events as columns, read from their bytes without an object for each.

What is in any way unusual is left to :func:`~sluicegate.schemas.decode_event`, which alone says what the contract is.
"""

from sluicegate.schemas.columns.distinct import Distinct, distinct_rows, distinct_strings
from sluicegate.schemas.columns.events import FIELDS, EventColumns, Spans, read_events, spans_of
from sluicegate.schemas.columns.mode import is_structured

__all__ = [
    "FIELDS",
    "Distinct",
    "EventColumns",
    "Spans",
    "distinct_rows",
    "distinct_strings",
    "is_structured",
    "read_events",
    "spans_of",
]
