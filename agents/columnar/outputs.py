"""What follows from a batch, as values in buffers: records ready to be written, and one by one for whoever asks."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.log.codec import Codec
from sluicegate.agents.log.headers import encoded_headers
from sluicegate.agents.log.ready_batch import ReadyBatch
from sluicegate.agents.log.topic_records import TopicRecords
from sluicegate.agents.outcome import Output
from sluicegate.schemas import Headers
from sluicegate.schemas.columns import Spans

__all__ = ["ColumnOutputs", "TopicValues"]


class TopicValues(NamedTuple):
    """Values for one topic.

    Attributes
    ----------
    topic
        Where they go.
    records
        The record of the batch that each follows from, in order, shape (n,).
    values
        As many.
    """

    topic: str
    records: NDArray[np.intp]
    values: Spans


class ColumnOutputs(Sequence[Output]):
    """All that follows from a batch, in the order of its records.

    Parameters
    ----------
    keys
        Of the batch's records.
    headers
        Of every value.
    written
        Values by topic; of one record those of a later topic follow those of an earlier one.
    others
        Outputs of records that were not decided in columns, by the record.
    """

    def __init__(
        self, keys: Spans, headers: Headers, written: Sequence[TopicValues], others: Mapping[int, list[Output]]
    ) -> None:
        self._keys = keys
        self._headers = headers
        self._written = written
        self._others = others

    def ready(self, timestamp: int, most_bytes: int, codec: Codec) -> dict[str, list[ReadyBatch]]:
        """Give the same as batches of records that are ready to be sent, by topic.

        Parameters
        ----------
        timestamp
            Of the records, in milliseconds since the epoch.
        most_bytes
            Of a batch before compression; a larger record goes alone.
        codec
            By which they are compressed.
        """
        others: dict[str, list[tuple[int, Output]]] = defaultdict(list)
        for record in sorted(self._others):
            for output in self._others[record]:
                others[output.topic].append((record, output))
        section = encoded_headers(self._headers)
        found = {}
        for topic, records, values in self._written:
            between = others.pop(topic, [])
            writer = TopicRecords(timestamp, most_bytes)
            done = 0
            for place, (_, output) in zip(
                np.searchsorted(records, [record for record, _ in between]).tolist(), between, strict=True
            ):
                self._extend(writer, records, values, done, place, section)
                writer.append(output.key, output.value, output.headers)
                done = place
            self._extend(writer, records, values, done, len(records), section)
            found[topic] = writer.finish(codec)
        for topic, rest in others.items():
            writer = TopicRecords(timestamp, most_bytes)
            for _, output in rest:
                writer.append(output.key, output.value, output.headers)
            found[topic] = writer.finish(codec)
        # Whoever sees a decision can find its task: also where only other records have led to the task's topic.
        last = self._written[-1].topic if self._written else None
        return dict(sorted(found.items(), key=lambda item: item[0] == last))

    def _extend(
        self,
        writer: TopicRecords,
        records: NDArray[np.intp],
        values: Spans,
        begin: int,
        end: int,
        section: bytes,
    ) -> None:
        if end > begin:
            keys, run = self._keys.rows(records[begin:end]), values.rows(slice(begin, end))
            writer.extend(keys, run, np.arange(end - begin, dtype=np.int64), section)

    @cached_property
    def _outputs(self) -> list[Output]:
        by_record: dict[int, list[Output]] = defaultdict(list)
        for topic, records, values in self._written:
            for record, value in zip(records.tolist(), values.contents(), strict=True):
                by_record[record].append(Output(topic, None, value, self._headers))
        keys = dict(zip(by_record, self._keys.rows(list(by_record)).contents(), strict=True))
        outputs = {record: [each._replace(key=keys[record]) for each in found] for record, found in by_record.items()}
        outputs.update(self._others)
        return [output for record in sorted(outputs) for output in outputs[record]]

    def __len__(self) -> int:
        return len(self._outputs)

    @overload
    def __getitem__(self, index: int) -> Output: ...
    @overload
    def __getitem__(self, index: slice) -> list[Output]: ...
    def __getitem__(self, index: int | slice) -> Output | list[Output]:
        """Give an output, or some."""
        return self._outputs[index]

    def __iter__(self) -> Iterator[Output]:
        return iter(self._outputs)
