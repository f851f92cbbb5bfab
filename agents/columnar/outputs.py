"""What follows from a batch, as values in buffers: records ready to be written, and one by one for whoever asks."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from operator import itemgetter
from typing import Final, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from sluicegate.agents.log.codec import Codec
from sluicegate.agents.log.headers import encoded_headers
from sluicegate.agents.log.ready_batch import ReadyBatch
from sluicegate.agents.log.topic_records import TopicRecords
from sluicegate.agents.outcome import Output
from sluicegate.schemas import Headers
from sluicegate.schemas.columns import Spans

__all__ = ["ColumnOutputs", "Place", "TopicValues", "no_values"]


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


class Place(NamedTuple):
    """A partition, and those records of a batch that were read from it: from the first to the one before the last."""

    partition: int
    first: int
    last: int


_NO_VALUES: Final = Spans(b"", *np.zeros((2, 0), dtype=np.int64))


def no_values(topic: str) -> TopicValues:
    """Give that nothing is written to a topic, which keeps its place among the others."""
    return TopicValues(topic, np.zeros(0, dtype=np.intp), _NO_VALUES)


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
        self._section = encoded_headers(headers)
        self._written = written
        self._others = others

    def ready(
        self, places: Sequence[Place], timestamp: int, most_bytes: int, codec: Codec
    ) -> dict[int, dict[str, list[ReadyBatch]]]:
        """Give the same as batches of records that are ready to be sent, by the number of the partition and by topic.

        Parameters
        ----------
        places
            Where the records were read, without a gap.
        timestamp
            Of what is written, in milliseconds since the epoch.
        most_bytes
            Of a batch before compression; a larger record goes alone.
        codec
            By which they are compressed.
        """
        others: dict[str, list[tuple[int, Output]]] = defaultdict(list)
        for record in sorted(self._others):
            for output in self._others[record]:
                others[output.topic].append((record, output))
        written = {each.topic: each for each in self._written}
        writers: dict[int, dict[str, TopicRecords]] = {place.partition: {} for place in places}
        # Whoever sees a decision can find its task: also where only other records have led to the task's topic.
        for topic in (*(topic for topic in others if topic not in written), *written):
            values = written.get(topic) or no_values(topic)
            for place, run, between in _runs(places, values.records, others.get(topic, [])):
                if topic not in writers[place.partition]:
                    writers[place.partition][topic] = TopicRecords(timestamp, most_bytes)
                self._write(writers[place.partition][topic], values, run, between)
        return {
            partition: {topic: writer.finish(codec) for topic, writer in by_topic.items()}
            for partition, by_topic in writers.items()
        }

    def _write(
        self, writer: TopicRecords, written: TopicValues, run: range, between: Sequence[tuple[int, Output]]
    ) -> None:
        done = run.start
        if between:
            ends = np.searchsorted(written.records, [record for record, _ in between]).tolist()
            for end, (_, output) in zip(ends, between, strict=True):
                self._extend(writer, written, range(done, end))
                writer.append(output.key, output.value, output.headers)
                done = end
        self._extend(writer, written, range(done, run.stop))

    def _extend(self, writer: TopicRecords, written: TopicValues, run: range) -> None:
        if run:
            chosen = slice(run.start, run.stop)
            keys, values = self._keys.rows(written.records[chosen]), written.values.rows(chosen)
            writer.extend(keys, values, np.arange(len(run), dtype=np.int64), self._section)

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


def _runs(
    places: Sequence[Place], records: NDArray[np.intp], others: Sequence[tuple[int, Output]]
) -> Iterator[tuple[Place, range, Sequence[tuple[int, Output]]]]:
    """Give of each place which values follow from its records, and which other outputs; none where nothing does."""
    bounds = [places[0].first, *(place.last for place in places)]
    cuts = np.searchsorted(records, bounds).tolist()
    marks = [bisect_left(others, bound, key=itemgetter(0)) for bound in bounds]
    for place, values, between in zip(places, pairwise(cuts), pairwise(marks), strict=True):
        if values[0] < values[1] or between[0] < between[1]:
            yield place, range(*values), others[slice(*between)]
