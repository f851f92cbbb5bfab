"""Records as no well-behaved publisher writes them: each is decided or dead-lettered, and none stops a worker."""

from typing import Any

from kafka import KafkaProducer

from tests.integration.streams import Stream, event


class RawName(str):
    """A header name of bytes that are no UTF-8, as clients in C and Go can write."""

    def encode(self, *_: Any) -> bytes:
        return b"\xff\xfe"


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
