"""Header names that are no text are read in Python, which looks at nothing outside of the batch."""

import pytest
from aiokafka.errors import CorruptRecordException

from sluicegate.agents.reading import Records
from tests.unit.agents.log.record_batches import Written, built, resealed

#: So long that its length takes four bytes.
LONG = b"v" * 2**21


def batch(*, length: bytes | None = None) -> bytes:
    """Give a batch of one record whose first header's name is no text, and the length of the next one's value."""
    raw = bytearray(built([Written(0, 0, b"key", b"value", (("~~", b"v"), ("name", LONG), ("n", b"w")))]))
    first, second = raw.index(b"~~"), raw.index(b"name") + len(b"name")
    raw[first : first + 2] = b"\xff\xff"
    raw[second : second + 4] = raw[second : second + 4] if length is None else length
    return resealed(raw)


def test_a_header_name_that_is_no_text_is_read_with_replacement_characters() -> None:
    (record,) = Records(batch()).next_batch()
    assert record.headers == [("\ufffd\ufffd", b"v"), ("name", LONG), ("n", b"w")]


def test_a_length_that_leads_out_of_the_batch_behind_such_a_name_is_refused() -> None:
    # The compiled reader of numbers would look a hundred megabytes behind the batch.
    with pytest.raises(CorruptRecordException):
        list(Records(batch(length=b"\xfe\xff\xff\x7f")).next_batch())
