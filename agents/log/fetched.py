"""Fetched record batches read as columns: takes the place of what aiokafka makes an object of each record with.

Batches are checked, left out and gone on with as aiokafka does it. Message sets of the formats before version 2 come
as lists of aiokafka's records.
"""

import logging
import struct
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException

from sluicegate.agents.batch import StoredRecord
from sluicegate.agents.log import reading
from sluicegate.agents.log.decompressing import decompressed
from sluicegate.agents.log.records import ReadRecord, StoredRecords
from sluicegate.agents.reading import ReadBatch, refusing_what_is_wrong
from sluicegate.schemas import UnreadableBatch

__all__ = ["FetchedRuns", "StoredFetchResult", "joined", "read_by_batches", "stored_records"]

_LOG: Final = logging.getLogger("sluicegate.log")

_HEADER: Final = struct.Struct(">q i i b I h i q q q h i i")
#: Place of the latest timestamp among them.
_LATEST: Final = 8
#: Place of how many records there are.
_COUNT: Final = 12
#: Byte of a batch from which on its checksum covers it.
_CHECKED_FROM: Final = 21
#: Byte of a batch that holds its attributes, and those of them with which it is read by itself.
_ATTRIBUTES_AT: Final = 22
_NOT_PLAIN: Final = 0x37
_CODEC_MASK: Final = 0x07
_APPEND_TIME_MASK: Final = 0x08
#: Of a transaction, or a marker of one.
_TRANSACTION_MASK: Final = 0x30


def read_by_batches() -> None:
    """Have all consumers of this process give :class:`StoredRecords`; as before where the kernel is not built."""
    if reading is not None:
        fetcher.PartitionRecords = FetchedRuns
        fetcher.FetchResult = StoredFetchResult


class FetchedRuns(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka is not typed for mypy
    """The records of one partition in one answer to a fetch, in runs: those of a batch, or what is left of it."""

    _run: Sequence[StoredRecord] = ()
    _behind_run = 0

    def take(self, most: int | None) -> Sequence[StoredRecord]:
        """Give the next records, at most so many; none only where no more are left.

        Raises
        ------
        CorruptRecordException
            Where a batch was changed on its way, or is no batch; nothing of it was given.
        """
        runs: list[Sequence[StoredRecord]] = []
        room = most
        while room is None or room > 0:
            if not self._run and not self._has_read_on():
                break
            cut = len(self._run) if room is None else min(room, len(self._run))
            taken, self._run = (self._run, ()) if cut == len(self._run) else (self._run[:cut], self._run[cut:])
            runs.append(taken)
            self.next_fetch_offset = taken[-1].offset + 1 if self._run else self._behind_run
            room = None if room is None else room - cut
        return joined(runs)

    @property
    def finished(self) -> bool:
        """Whether all records were given."""
        return not self._run and (self._records_iterator is None or not self._records.has_next())

    def _has_read_on(self) -> bool:
        try:
            self._run = next(self)
        except StopIteration:
            return False
        except CorruptRecordException as error:
            # No worker comes past it: whoever is to remove it, or to go on behind it, has to know where it is.
            what = error.args[0] if error.args else type(error).__name__
            where = f"{self._tp.topic}, partition {self._tp.partition}, at offset {self.next_fetch_offset} or behind it"
            raise CorruptRecordException(f"{where}: {what}") from error
        return True

    def _unpack_records(self) -> Iterator[Sequence[StoredRecord]]:
        records = self._records
        while records.has_next():
            plain = self._plain()
            if plain:
                yield plain
            self.next_fetch_offset = self._behind_run
            if not records.has_next():
                return
            batch = records.next_batch()
            if self._check_crcs and not _is_whole(batch):
                raise CorruptRecordException(f"Invalid CRC - {self._tp}")
            with refusing_what_is_wrong():
                left_out = self._is_left_out(batch)
            if not left_out:
                run = self._read_or_kept_whole(batch)
                if run:
                    self._behind_run = batch.next_offset
                    yield run
            # Also past offsets without a record: those of markers, of aborted transactions, and what compaction took.
            self.next_fetch_offset = batch.next_offset

    def _plain(self) -> Sequence[StoredRecord]:
        """Read on in one go as far as batches are neither compressed nor of transactions, nor wrong in any way."""
        self._behind_run = self.next_fetch_offset
        if self._key_deserializer or self._value_deserializer:
            return ()
        kernel: Any = reading
        buffer, begin = self._records.place
        if len(buffer) <= begin + _ATTRIBUTES_AT or buffer[begin + _ATTRIBUTES_AT] & _NOT_PLAIN:
            return ()
        columns, end, self._behind_run = kernel.plain_batches(buffer, begin, self._check_crcs, self.next_fetch_offset)
        if end > begin:
            self._records.skip_to(end)
        return StoredRecords(buffer, columns)

    def _is_left_out(self, batch: Any) -> bool:
        if isinstance(batch, ReadBatch) and not batch.attributes & _TRANSACTION_MASK:
            return False
        if self._isolation_level == fetcher.READ_COMMITTED and batch.producer_id is not None:
            self._consume_aborted_up_to(batch.base_offset)
            if batch.is_control_batch and self._contains_abort_marker(batch):
                self._aborted_producers.discard(batch.producer_id)
            if batch.is_transactional and batch.producer_id in self._aborted_producers:
                return True
        return bool(batch.is_control_batch)

    def _contains_abort_marker(self, batch: Any) -> bool:
        """Tell whether a batch of a transaction's marker says that it was aborted.

        One that holds no record any more, as the cleaner of a compacted topic leaves it, says nothing, as in Kafka's
        own client; aiokafka would refuse it, and never come past.
        """
        if isinstance(batch, ReadBatch) and _HEADER.unpack_from(batch.buffer, batch.begin)[_COUNT] <= 0:
            return False
        return bool(super()._contains_abort_marker(batch))

    def _read_or_kept_whole(self, batch: Any) -> Sequence[StoredRecord]:
        """Take a batch apart; one that cannot be, though it is as it was written, stands for one record.

        Whoever may write to a topic could stop all its readers with it otherwise. A codec that is not known is another
        matter: brokers take none that Kafka does not have, and one of a later Kafka asks for a later worker.
        """
        try:
            return self._read(batch)
        except CorruptRecordException as error:
            if not isinstance(batch, ReadBatch) or self._key_deserializer or self._value_deserializer:
                raise
            raw, last = batch.buffer[batch.begin : batch.end], batch.next_offset - 1
            _LOG.warning(
                "%s, partition %d: the record batch of offsets %d to %d is passed over as one record: %s",
                *(self._tp.topic, self._tp.partition, batch.base_offset, last, error),
            )
            latest = _HEADER.unpack_from(raw)[_LATEST]
            return [ReadRecord(None, UnreadableBatch(raw, batch.base_offset, last), (), last, latest)]

    def _read(self, batch: Any) -> Sequence[StoredRecord]:
        if isinstance(batch, ReadBatch) and not (self._key_deserializer or self._value_deserializer):
            return stored_records(batch.buffer, batch.begin, batch.end, self.next_fetch_offset)
        kept: list[StoredRecord] = []
        with refusing_what_is_wrong():
            for record in batch:
                if record.offset >= self.next_fetch_offset:
                    kept.append(self._consumer_record(self._tp, record))
                    self.next_fetch_offset = record.offset + 1
        return kept


class StoredFetchResult(fetcher.FetchResult):  # type: ignore[misc]  # aiokafka is not typed for mypy
    """One answer for one partition, given by runs of records."""

    _partition_records: Any

    def getone(self) -> StoredRecord | None:
        """Give the next record, or None after the last."""
        found = self.getall(1)
        return found[0] if found else None

    def getall(self, max_records: int | None = None) -> Sequence[StoredRecord]:
        """Give the next records, at most so many; the position of the partition moves behind them."""
        if not self.check_assignment(self._topic_partition) or not self.has_more():
            return []
        records: FetchedRuns = self._partition_records
        found = records.take(max_records)
        self._update_position()
        if records.finished:
            self._partition_records = None
        return found


def joined(runs: Sequence[Sequence[StoredRecord]]) -> Sequence[StoredRecord]:
    """Put runs behind each other."""
    stored = [run for run in runs if isinstance(run, StoredRecords)]
    if runs and len(stored) == len(runs):
        return StoredRecords.joined(stored)
    return list(chain.from_iterable(runs))


def stored_records(buffer: bytes, begin: int, end: int, least_offset: int) -> StoredRecords:
    """Take a record batch of version 2 apart, whose checksum was compared.

    Parameters
    ----------
    buffer, begin, end
        The batch, with its header.
    least_offset
        Records below it are left out.

    Raises
    ------
    CorruptRecordException
        Where it holds anything but the records that its header announces, or decompresses to more than a worker takes.
    UnsupportedCodecError
        Where it is compressed by a codec that Kafka does not have.
    """
    kernel: Any = reading
    if end - begin < _HEADER.size:
        raise CorruptRecordException(f"a record batch of {end - begin} bytes is shorter than its header")
    base_offset, _, _, _, _, attributes, _, first, latest, _, _, _, count = _HEADER.unpack_from(buffer, begin)
    begin += _HEADER.size
    if attributes & _CODEC_MASK:
        buffer = decompressed(buffer[begin:end], attributes & _CODEC_MASK)
        begin, end = 0, len(buffer)
    appended = latest if attributes & _APPEND_TIME_MASK else None
    columns = kernel.columns(buffer, begin, end, count, base_offset, first, appended, least_offset)
    if columns is None:
        raise CorruptRecordException(f"the record batch at offset {base_offset} does not hold {count} records")
    return StoredRecords(buffer, columns)


def _is_whole(batch: Any) -> bool:
    if not isinstance(batch, ReadBatch):
        with refusing_what_is_wrong():
            return bool(batch.validate_crc())
    kernel: Any = reading
    return bool(kernel.crc32c(batch.buffer, batch.begin + _CHECKED_FROM, batch.end) == batch.crc)
