"""Topics as other clusters have them, and inputs whose offsets have holes: nothing stops, and lag is true."""

import asyncio
import random

from aiokafka import AIOKafkaProducer

from sluicegate.schemas import read_error_headers
from tests.integration.streams import Message, Stream, event
from tests.integration.worker_process import until


def test_output_topics_that_take_less_than_a_full_batch_get_smaller_batches(stream: Stream) -> None:
    stream.configure(stream.decisions, max_message_bytes="8000")
    random.seed(1)
    stream.publish(
        [event(n, content_id="".join(random.choices("0123456789abcdefghijklmnop", k=200)), actor=1) for n in range(300)]
    )
    worker = stream.start_worker().wait_until_ready()
    assert len(stream.wait_for_decisions(300)) == 300
    assert worker.terminate()[0] == 0


def test_a_key_and_headers_larger_than_dead_letters_may_be_do_not_stop_the_stream(stream: Stream) -> None:
    stream.configure(stream.dead_letters, max_message_bytes="100000")
    large = random.Random(2).randbytes(200_000)
    stream.publish([Message(large, b"not json", [("trace", b"1")], partition=0), event(1)._replace(partition=0)])
    worker = stream.start_worker().wait_until_ready()
    assert len(stream.wait_for_decisions(1)) == 1
    stream.wait_until_committed(2)
    (letter,) = stream.read(stream.dead_letters)
    assert (letter.key, letter.value) == (None, None)
    told = read_error_headers(letter.headers)
    assert told is not None
    assert (told.reason, told.offset) == ("json.invalid", 0)
    assert worker.terminate()[0] == 0


async def transactions(stream: Stream) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=stream.bootstrap, transactional_id=stream.name)
    await producer.start()
    try:
        for number in range(6):
            await producer.begin_transaction()
            for partition in range(2):
                message = event(10 * number + partition)
                await producer.send_and_wait(stream.events, message.value, message.key, partition=partition)
            if number % 2:
                await producer.abort_transaction()
            else:
                await producer.commit_transaction()
    finally:
        await producer.stop()


def test_lag_is_nothing_behind_aborted_transactions_and_control_records_and_offsets_stand_at_the_end(
    stream: Stream,
) -> None:
    asyncio.run(transactions(stream))
    worker = stream.start_worker().wait_until_ready()
    raw = stream.wait_for_decisions(6)
    assert len(raw) == 6
    stream.wait_until_committed(24)
    until(lambda: worker.metric("sluicegate_lag_records") == 0, 10, worker)
    assert worker.metric("sluicegate_events_consumed_total") == 6
    assert worker.terminate()[0] == 0
