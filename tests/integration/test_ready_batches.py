"""What the publisher writes a broker takes, and both aiokafka's reader and ours read it back as it was given."""

import asyncio
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.consumer import fetcher
from aiokafka.structs import TopicPartition

from sluicegate.agents.batch import StoredRecord
from sluicegate.agents.log.codec import CODECS, CodecName
from sluicegate.agents.log.fetched import FetchedRuns, StoredFetchResult, joined
from sluicegate.agents.log.headers import encoded_headers
from sluicegate.agents.log.records import StoredRecords
from sluicegate.agents.log.topic_records import TopicRecords
from sluicegate.agents.outcome import Output
from sluicegate.agents.publisher import Publisher, Written
from sluicegate.agents.reading import Records
from sluicegate.schemas import Headers
from sluicegate.schemas.columns import Spans
from tests.integration.streams import Stream

HEADERS: Headers = (("content-type", b"application/json"), ("ü", None), ("ü", b""))
TIMESTAMP = 1_700_000_000_000


def outputs(topic: str) -> list[Output]:
    noise = random.Random(0).randbytes(900_000)
    texts = [b"the same words over and over, number %d" % number for number in range(3_000)]
    values = [None, b"", noise, *texts, noise, b"last"]
    return [
        Output(topic, None if number % 5 == 0 else b"k%d" % number, value, HEADERS[: number % 4])
        for number, value in enumerate(values)
    ]


@pytest.mark.parametrize("codec", CODECS)
def test_records_come_back_as_they_were_published(
    stream: Stream, monkeypatch: pytest.MonkeyPatch, codec: CodecName
) -> None:
    given = outputs(stream.decisions)
    asyncio.run(publish(stream, codec, [given[:2_000], given[2_000:]]))
    expected = [tuple(output[1:]) for output in given]
    assert [(record.key, record.value, tuple(record.headers)) for record in stream.read(stream.decisions)] == expected
    found = read_stored(stream, len(given), monkeypatch)
    assert isinstance(found, StoredRecords)
    assert [record[:3] for record in found] == expected
    assert all(before < after for before, after in pairwise(found.offsets.tolist()))


def test_batches_that_were_made_ready_are_written_in_their_order(stream: Stream) -> None:
    keys = Spans(b"abc", np.arange(3), np.array([1, -1, 1]))
    values = Spans(b"123", np.arange(3), np.ones(3, np.int64))
    decisions, letters = (TopicRecords(TIMESTAMP, 200) for _ in range(2))
    decisions.extend(keys, values, np.array([0, 1, 2] * 20), encoded_headers(HEADERS))
    letters.append(b"k", None, HEADERS)
    codec = CODECS["snappy"]
    ready = {stream.decisions: decisions.finish(codec), stream.dead_letters: letters.finish(codec)}
    assert len(ready[stream.decisions]) > 1
    asyncio.run(publish(stream, "none", [ready]))
    read = stream.read(stream.decisions)
    assert [(record.key, record.value) for record in read] == [(b"a", b"1"), (None, b"2"), (b"c", b"3")] * 20
    assert {tuple(record.headers) for record in read} == {tuple(HEADERS)}
    assert [record[:3] for record in stream.read(stream.dead_letters)] == [(b"k", None, HEADERS)]


async def publish(stream: Stream, codec: CodecName, several: Sequence[Any]) -> None:
    publisher = Publisher({"bootstrap_servers": stream.bootstrap}, 2**20, 2**20, codec)
    await publisher.start()
    try:
        for delivered in [await publisher.send([Written(0, each)]) for each in several]:
            await delivered
    finally:
        await publisher.stop()


def read_stored(stream: Stream, count: int, monkeypatch: pytest.MonkeyPatch) -> Sequence[StoredRecord]:
    monkeypatch.setattr(fetcher, "MemoryRecords", Records)
    monkeypatch.setattr(fetcher, "PartitionRecords", FetchedRuns)
    monkeypatch.setattr(fetcher, "FetchResult", StoredFetchResult)

    async def read() -> Sequence[StoredRecord]:
        consumer = AIOKafkaConsumer(bootstrap_servers=stream.bootstrap, isolation_level="read_committed")
        partition = TopicPartition(stream.decisions, 0)
        await consumer.start()
        try:
            consumer.assign([partition])
            await consumer.seek_to_beginning(partition)
            runs: list[Sequence[StoredRecord]] = []
            async with asyncio.timeout(20):
                while sum(map(len, runs)) < count:
                    found = await consumer._fetcher.fetched_records([partition], timeout=0.2, max_records=700)
                    runs += found.values()
            return joined(runs)
        finally:
            await consumer.stop()

    return asyncio.run(read())
