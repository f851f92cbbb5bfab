"""A fenced producer is told as such, whatever it says of itself afterwards; what is let go is committed no more."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    IllegalOperation,
    InvalidProducerIdMapping,
    KafkaError,
    ProducerFenced,
    TopicAuthorizationFailedError,
)

from sluicegate.agents.publisher import NotWrittenError
from sluicegate.agents.transaction_faults import FencedError, fault_of, told
from sluicegate.agents.transactions import TransactionalPublisher


@pytest.mark.parametrize(
    ("end", "error"),
    [("fatal_error", ProducerFenced()), ("error_transaction", TopicAuthorizationFailedError({"decisions"}))],
)
def test_an_operation_outside_of_a_transaction_is_traced_to_what_ended_it(end: str, error: KafkaError) -> None:
    async def fault() -> tuple[BaseException, BaseException]:
        producer = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1", transactional_id="t")
        manager, said = producer._txn_manager, IllegalOperation("not in a transaction")
        manager.set_pid_and_epoch(1, 1)
        manager.begin_transaction()
        before = fault_of(producer, said)
        getattr(manager, end)(error)
        found = before, fault_of(producer, said)
        await producer.stop()
        return found

    before, after = asyncio.run(fault())
    assert isinstance(before, IllegalOperation)
    assert after is error


async def connect(_: object) -> None:
    """Start no client."""


def create_publisher(failed: list[BaseException]) -> TransactionalPublisher:
    return TransactionalPublisher({}, connect, "events", "group", 1, 1, "none", 0.1, failed.append)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (ProducerFenced(), "another worker has taken over partition 3 of events, .* or the brokers have ended"),
        (InvalidProducerIdMapping(), "the brokers have forgotten the transactional id for partition 3 of events"),
        (caused(KafkaError("unexpected"), InvalidProducerIdMapping()), "the brokers have forgotten"),
    ],
    ids=["fenced", "forgotten", "unexpectedly forgotten"],
)
def test_a_worker_from_whom_the_brokers_take_nothing_more_is_told_why_and_not_to_look_at_topics(
    cause: KafkaError, said: str
) -> None:
    found = told(caused(NotWrittenError("decisions", 3, cause), cause), "events")
    assert found.__cause__ is cause
    with pytest.raises(FencedError, match=said):
        raise found


def test_a_commit_that_waits_while_its_partitions_are_let_go_commits_nothing_and_fails_nothing() -> None:
    async def failures() -> list[BaseException]:
        failed: list[BaseException] = []
        publisher = create_publisher(failed)
        publisher._producers = {0: AIOKafkaProducer(bootstrap_servers="127.0.0.1:1", transactional_id="t")}
        letting_go = asyncio.create_task(publisher.release())
        await asyncio.sleep(0)
        assert publisher._gate.locked()
        await asyncio.wait_for(publisher.commit({0: 5}), 5)
        await letting_go
        return failed

    assert asyncio.run(failures()) == []
