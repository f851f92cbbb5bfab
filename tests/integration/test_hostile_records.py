"""Records as no well-behaved publisher writes them: each is decided or dead-lettered, and none stops a worker."""

import asyncio
from typing import Any

import cramjam
from aiokafka import AIOKafkaProducer
from kafka import KafkaProducer

from sluicegate.agents.log.decompressing import DECOMPRESSED_MOST
from sluicegate.schemas import read_error_headers
from tests.integration.streams import Stream, event


class RawName(str):
    """A header name of bytes that are no UTF-8, as clients in C and Go can write."""

    def encode(self, *_: Any) -> bytes:
        return b"\xff\xfe"


def publish_batch(stream: Stream, value: bytes) -> bytes:
    """Publish one record, compressed and alone in its batch; give its value, for which the batch stands."""

    async def send() -> None:
        async with AIOKafkaProducer(
            bootstrap_servers=stream.bootstrap, compression_type="zstd", max_request_size=2 * len(value)
        ) as producer:
            await producer.send_and_wait(stream.events, value, partition=0)

    asyncio.run(send())
    return value


def test_a_batch_that_stands_for_too_much_becomes_one_dead_letter_and_what_is_around_it_is_decided(
    stream: Stream,
) -> None:
    stream.publish([event(0)._replace(partition=0)])
    large = publish_batch(stream, b"x" * (DECOMPRESSED_MOST + 1))
    stream.publish([event(1)._replace(partition=0)])
    worker = stream.start_worker().wait_until_ready()
    assert len(stream.wait_for_decisions(2)) == 2
    assert stream.decided_ids() == ["0", "1"]
    stream.wait_until_committed(3)
    (letter,) = stream.read(stream.dead_letters)
    told = read_error_headers(letter.headers)
    assert told is not None
    assert (told.offset, told.reason) == (1, "record.unreadable_batch")
    assert "offsets 1 to 1" in told.message
    # The whole batch as the broker keeps it: its header, and what is compressed.
    assert letter.value is not None
    assert cramjam.zstd.decompress(letter.value[61:]).read().count(large) == 1
    assert worker.terminate()[0] == 0
    assert "the record batch of offsets 1 to 1 is passed over" in worker.output()


def test_a_header_name_that_is_no_utf8_stops_nothing_and_costs_no_record(stream: Stream) -> None:
    stream.publish([event(0)._replace(partition=0)])
    producer = KafkaProducer(bootstrap_servers=stream.bootstrap, linger_ms=100)
    for value in (event(1).value, event(2).value, b"not json"):
        producer.send(stream.events, value=value, headers=[(RawName("x"), b"1")], partition=0)
    producer.flush()
    producer.close()
    stream.publish([event(3)._replace(partition=0)])
    worker = stream.start_worker().wait_until_ready()
    assert len(stream.wait_for_decisions(4)) == 4
    assert stream.decided_ids() == ["0", "1", "2", "3"]
    stream.wait_until_committed(5)
    assert [letter.headers[0] for letter in stream.read(stream.dead_letters)] == [("��", b"1")]
    assert worker.terminate()[0] == 0
