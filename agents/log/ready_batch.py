"""A record batch that is ready to be sent but for the producer's number in it."""

import struct
from typing import Any, Final

from aiokafka.record.util import calc_crc32c

from sluicegate.agents.log import reading
from sluicegate.agents.log.codec import Codec

__all__ = ["ReadyBatch"]

_HEADER: Final = struct.Struct(">q i i b I h i q q q h i i")
_PRODUCER: Final = struct.Struct(">q h i")
_COUNTED_FROM: Final = 12
_CHECKSUM_AT: Final = 17
_ATTRIBUTES_AT: Final = 21
_PRODUCER_AT: Final = 43
_MAGIC: Final = 2
_TRANSACTIONAL: Final = 1 << 4


class ReadyBatch:
    """Stands in for aiokafka's builder of batches where the producer sends one.

    Parameters
    ----------
    section
        The records, as the format writes them.
    count
        How many they are; at least one.
    timestamp
        Of all of them, in milliseconds since the epoch.
    codec
        The section is compressed by it here, unless that makes it no smaller.
    """

    def __init__(self, section: bytes | memoryview, count: int, timestamp: int, codec: Codec) -> None:
        compressed = codec.compress(section)
        smaller = len(compressed) < len(section)
        written = compressed if smaller else section
        self._count = count
        self._sealed = False
        header = _HEADER.pack(
            0,
            _HEADER.size + len(written) - _COUNTED_FROM,
            -1,
            _MAGIC,
            0,
            codec.number if smaller else 0,
            count - 1,
            timestamp,
            timestamp,
            -1,
            -1,
            -1,
            count,
        )
        self._buffer = bytearray().join((header, written))

    def record_count(self) -> int:
        """Give the number of records."""
        return self._count

    def size(self) -> int:
        """Give the bytes that are sent."""
        return len(self._buffer)

    def close(self) -> None:
        """Do nothing: nothing can be appended."""

    def closed(self) -> bool:
        """Say that nothing can be appended."""
        return True

    def make_transactional(self) -> None:
        """Mark it as part of a transaction, before it is handed to a producer of such."""
        self._buffer[_ATTRIBUTES_AT + 1] |= _TRANSACTIONAL

    def _set_producer_state(self, producer_id: int, producer_epoch: int, base_sequence: int) -> None:
        if self._sealed:
            # The broker tells a repeated batch from a new one by its sequence.
            raise RuntimeError("a record batch that was sent cannot be sent as another one")
        _PRODUCER.pack_into(self._buffer, _PRODUCER_AT, producer_id, producer_epoch, base_sequence)

    def _build(self) -> bytearray:
        if not self._sealed:
            self._sealed = True
            struct.pack_into(">I", self._buffer, _CHECKSUM_AT, _checksum(self._buffer))
        return self._buffer


def _checksum(buffer: bytearray) -> int:
    kernel: Any = reading
    if kernel is None:
        return int(calc_crc32c(bytes(memoryview(buffer)[_ATTRIBUTES_AT:])))
    return int(kernel.crc32c(buffer, _ATTRIBUTES_AT, len(buffer)))
