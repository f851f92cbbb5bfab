"""A fenced producer is told as such, whatever it says of itself afterwards."""

import asyncio

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IllegalOperation, ProducerFenced

from sluicegate.agents.transactions import _fault_of


def test_an_operation_outside_of_a_transaction_is_traced_to_what_ended_the_producer() -> None:
    async def fault() -> tuple[BaseException, BaseException]:
        producer = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1", transactional_id="t")
        manager, said = producer._txn_manager, IllegalOperation("not in a transaction")
        manager.set_pid_and_epoch(1, 1)
        manager.begin_transaction()
        before = _fault_of(producer, said)
        manager.fatal_error(ProducerFenced())
        found = before, _fault_of(producer, said)
        await producer.stop()
        return found

    before, after = asyncio.run(fault())
    assert isinstance(before, IllegalOperation)
    assert isinstance(after, ProducerFenced)
