"""What is to be written to one partition of a topic, made into record batches as it comes."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.log import writing
from sluicegate.agents.log.codec import Codec
from sluicegate.agents.log.headers import encoded_headers
from sluicegate.agents.log.plain_appender import PlainAppender
from sluicegate.agents.log.ready_batch import ReadyBatch
from sluicegate.schemas import Headers
from sluicegate.schemas.columns import Spans

__all__ = ["TopicRecords"]

#: Lengths of batches are written in 32 bits.
_MOST_BYTES: Final = 2**31 - 1


class TopicRecords:
    """Records in the order in which they are to be written.

    One thread at a time may append to it.

    Parameters
    ----------
    timestamp
        Of all records, in milliseconds since the epoch.
    most_bytes
        What a batch holds before it is compressed, with its header; a single larger record is a batch of its own.
    """

    def __init__(self, timestamp: int, most_bytes: int) -> None:
        self._timestamp = timestamp
        # Most records have the headers of the one before.
        self._headers: Headers | bytes | None = None
        self._encoded = b""
        most = min(most_bytes, _MOST_BYTES)
        self._appender: Any = PlainAppender(most) if writing is None else writing.Appender(most)

    def append(self, key: bytes | None, value: bytes | None, headers: Headers | bytes) -> None:
        """Append a record; its headers may be encoded already.

        Raises
        ------
        OverflowError
            Where the format cannot hold so large a record; nothing is appended.
        """
        if headers is not self._headers:
            self._headers = headers
            self._encoded = headers if isinstance(headers, bytes) else encoded_headers(headers)
        self._appender.append(key, value, self._encoded)

    def extend(self, keys: Spans, values: Spans, rows: NDArray[np.int64], headers: bytes) -> None:
        """Append a record for each of the rows.

        Parameters
        ----------
        keys, values
            Of all rows, those that are appended and others.
        rows
            Of which to append the key and the value, in this order, shape (m,).
        headers
            Of every record, as `encoded_headers` gives them.

        Raises
        ------
        IndexError
            Where there is no such row, or it lies outside of its buffer; nothing is appended.
        OverflowError
            Where the format cannot hold so large a record; nothing is appended.
        """
        columns = map(np.ascontiguousarray, (keys.begins, keys.lengths, values.begins, values.lengths))
        key_begins, key_lengths, value_begins, value_lengths = columns
        self._appender.extend(
            keys.buffer,
            key_begins,
            key_lengths,
            values.buffer,
            value_begins,
            value_lengths,
            np.ascontiguousarray(rows, np.int64),
            headers,
        )

    def finish(self, codec: Codec) -> list[ReadyBatch]:
        """Make batches of what was appended, compressed, in order; to be done where nothing waits for it."""
        batches: list[ReadyBatch] = self._appender.finish(
            lambda section, count: ReadyBatch(section, count, self._timestamp, codec)
        )
        return batches
