"""Every private name of Faust, mode and aiokafka that the transport stands on: an upgrade that moves one fails here."""

import asyncio
import inspect
import re
from importlib.metadata import version

import aiokafka
import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import Assignment, Subscription, SubscriptionState, TopicPartitionState
from aiokafka.producer import message_accumulator
from aiokafka.producer.sender import Sender
from aiokafka.producer.transaction_manager import TransactionManager
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy
from aiokafka.structs import TopicPartition
from faust.app.base import App
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport import conductor
from faust.transport import consumer as base
from faust.transport.drivers import aiokafka as driver
from faust.types import ConsumerMessage

from sluicegate.agents import consumer_thread, transport
from sluicegate.agents.log.fetched import FetchedRuns, StoredFetchResult
from sluicegate.agents.log.ready_batch import ReadyBatch

PINS = {"faust-streaming": "0.15.3", "mode-streaming": "0.7.1", "aiokafka": "0.14.0"}

OVERRIDDEN = {
    driver.Consumer: {
        "_commit_handler",
        "_commit_livelock_detector",
        "_new_consumer_thread",
        "_drain_messages",
        "ack",
        "on_partitions_assigned",
        "on_partitions_revoked",
        "perform_seek",
        "wait_empty",
        "force_commit",
        "_commit",
    },
    driver.AIOKafkaConsumerThread: {"_create_worker_consumer", "on_start"},
    driver.ConsumerRebalanceListener: {"on_partitions_revoked", "on_partitions_assigned"},
    driver.Producer: {"on_start", "on_stop", "flush"},
    TableManager: {"on_start"},
    fetcher.PartitionRecords: {"_unpack_records"},
    fetcher.FetchResult: {"getone", "getall"},
}

USED = {
    driver.Consumer: {
        "_commit",
        "_get_active_partitions",
        "commit_and_end_transactions",
        "stop_flow",
        "resume_flow",
        "commit",
        "maybe_wait_for_commit_to_finish",
    },
    driver.AIOKafkaConsumerThread: {"_create_consumer", "_ensure_consumer", "call_thread", "commit"},
    App: {"_on_partitions_revoked", "_on_partitions_assigned", "_stop_consumer", "_consumer_wait_empty"},
    Recovery: {"_resume_streams"},
    TableManager: {"_update_channels", "recovery"},
    Fetcher: {"fetched_records"},
    SubscriptionState: {"fetch_context", "reassignment_in_progress"},
    Subscription: {"assignment"},
    Assignment: {"active", "tps", "state_value"},
    TopicPartitionState: {"has_valid_position", "position"},
    fetcher.PartitionRecords: {"_consume_aborted_up_to", "_contains_abort_marker", "_consumer_record"},
    fetcher.FetchResult: {"check_assignment", "has_more", "_update_position"},
    GroupCoordinator: {
        "_do_commit_offsets",
        "_on_join_prepare",
        "_on_join_complete",
        "_perform_assignment",
        "_push_error_to_user",
        "_send_req",
    },
}


@pytest.mark.parametrize(("distribution", "pinned"), PINS.items())
def test_the_pinned_version_is_installed(distribution: str, pinned: str) -> None:
    assert version(distribution) == pinned


@pytest.mark.parametrize("owner", OVERRIDDEN, ids=lambda owner: owner.__name__)
def test_what_the_transport_overrides_is_there_to_be_overridden(owner: type) -> None:
    for name in OVERRIDDEN[owner]:
        assert callable(getattr(owner, name)), name


@pytest.mark.parametrize("owner", USED, ids=lambda owner: owner.__name__)
def test_what_the_transport_uses_is_there(owner: type) -> None:
    for name in USED[owner]:
        assert hasattr(owner, name), name


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (transport.Consumer.wait_empty, base.Consumer.wait_empty),
        (transport.Consumer.force_commit, base.Consumer.force_commit),
        (transport.Consumer.on_partitions_assigned, base.Consumer.on_partitions_assigned),
        (transport.Consumer.on_partitions_revoked, base.Consumer.on_partitions_revoked),
        (transport.Consumer.ack, base.Consumer.ack),
        (transport.Consumer._commit, driver.Consumer._commit),
        (transport.Consumer._drain_messages, base.Consumer._drain_messages),
        (consumer_thread.ConsumerThread._create_worker_consumer, driver.AIOKafkaConsumerThread._create_worker_consumer),
    ],
)
def test_an_override_takes_the_arguments_of_what_it_replaces(ours: object, theirs: object) -> None:
    assert callable(ours)
    assert callable(theirs)
    assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)


def test_the_compiled_streams_of_faust_are_installed() -> None:
    assert getattr(conductor, "ConductorHandler", None) is not None


def test_the_state_that_is_read_from_an_aiokafka_consumer_is_there() -> None:
    async def look() -> None:
        consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1")
        assert isinstance(consumer._client, AIOKafkaClient)
        assert consumer._client._conns == {}
        assert consumer._closed is False
        assert isinstance(consumer._subscription, SubscriptionState)
        producer = aiokafka.AIOKafkaProducer(bootstrap_servers="127.0.0.1:1")
        assert producer.client._conns == {}
        assert AIOKafkaConnection("127.0.0.1", 1)._protocol is None
        await consumer.stop()
        await producer.stop()

    asyncio.run(look())


def test_an_assignment_is_active_until_the_next_one_begins() -> None:
    async def look() -> None:
        state = SubscriptionState()
        state.subscribe({"t"})
        state.assign_from_subscribed({TopicPartition("t", 0)})
        first = state.subscription.assignment
        assert first.active
        state.begin_reassignment()
        state.assign_from_subscribed({TopicPartition("t", 0)})
        assert not first.active
        assert state.subscription.assignment is not first

    asyncio.run(look())


def test_committed_offsets_are_read_within_what_is_wrapped_to_take_partitions_over_first() -> None:
    assert list(inspect.signature(GroupCoordinator._on_join_complete).parameters)[1:] == [
        "generation",
        "member_id",
        "protocol",
        "member_assignment_bytes",
    ]
    completing = inspect.getsource(GroupCoordinator._on_join_complete)
    assert "self._subscription.assign_from_subscribed(" in completing
    assert "self.start_commit_offsets_refresh_task(" in completing
    assert "await self._on_join_complete(" in inspect.getsource(GroupCoordinator._do_rejoin_group)
    assert "ConsumerProtocol.ASSIGNMENT.decode(member_assignment_bytes)" in completing


def test_a_transactional_producer_has_its_number_when_it_has_started_and_tells_whether_it_is_in_a_transaction() -> None:
    assert "await self._maybe_wait_for_pid()" in inspect.getsource(Sender.start)
    assert "await self._sender.start()" in inspect.getsource(aiokafka.AIOKafkaProducer.start)
    assert callable(TransactionManager.is_in_transaction)
    # What ended it, a fence or a refusal among others, is what the end of its transaction raises from then on.
    assert "return self._transaction_waiter" in inspect.getsource(TransactionManager.wait_for_transaction_end)
    assert "self._transaction_waiter.set_exception(exc)" in inspect.getsource(TransactionManager.fatal_error)
    assert "self._transaction_waiter.set_exception(exc)" in inspect.getsource(TransactionManager.error_transaction)
    assert "self._txn_manager = TransactionManager(" in inspect.getsource(aiokafka.AIOKafkaProducer.__init__)
    # What is handed over while a transaction ends is refused there, and not made part of the next.
    assert "not self._txn_manager.is_in_transaction()" in inspect.getsource(aiokafka.AIOKafkaProducer.send_batch)


def test_a_faust_message_carries_what_the_transport_puts_in_it() -> None:
    names = list(inspect.signature(ConsumerMessage).parameters)
    assert names[:12] == [
        "topic",
        "partition",
        "offset",
        "timestamp",
        "timestamp_type",
        "headers",
        "key",
        "value",
        "checksum",
        "serialized_key_size",
        "serialized_value_size",
        "tp",
    ]
    assert "generation_id" in names
    assert "acked" in ConsumerMessage.__slots__ or hasattr(ConsumerMessage, "acked")


def test_offsets_that_are_not_there_are_noted_with_the_offset_and_the_partition() -> None:
    assert fetcher.log.name == "aiokafka.consumer.fetcher"
    source = " ".join(inspect.getsource(Fetcher._proc_fetch_request).split())
    assert '"Fetch offset %s is out of range for partition %s," " resetting offset", fetch_offset, tp,' in source


def test_fetched_bytes_are_read_by_a_class_that_can_be_replaced() -> None:
    assert inspect.isclass(fetcher.MemoryRecords)
    assert "MemoryRecords(" in inspect.getsource(Fetcher._proc_fetch_request)
    assert {"_next_slice", "_buffer", "_pos", "_cache_next", "next_batch"} <= set(
        _MemoryRecordsPy.__init__.__code__.co_names
    ) | set(vars(_MemoryRecordsPy))
    assert "self._buffer" in inspect.getsource(_DefaultRecordBatchPy._read_msg)


def test_how_long_partitions_wait_for_each_other_can_be_set() -> None:
    assert "self._prefetch_backoff = prefetch_backoff" in inspect.getsource(Fetcher.__init__)
    assert "backoff=self._prefetch_backoff" in inspect.getsource(Fetcher._proc_fetch_request)
    assert "if backoff:" in inspect.getsource(Fetcher._get_actions_per_node)


def test_how_long_a_broker_lets_records_gather_can_be_set_between_two_requests() -> None:
    asked = " ".join(inspect.getsource(Fetcher._get_actions_per_node).split())
    assert "FetchRequest( self._fetch_max_wait_ms, self._fetch_min_bytes," in asked


def test_a_ready_batch_has_all_that_the_producer_asks_a_builder_for() -> None:
    asked = set(re.findall(r"_builder\.(\w+)\(", inspect.getsource(message_accumulator))) - {"append"}
    outside = {name for name in asked if hasattr(message_accumulator.BatchBuilder, name)}
    assert outside == {"close", "closed", "record_count", "_set_producer_state", "_build", "size"}
    for name in outside:
        ours, theirs = getattr(ReadyBatch, name), getattr(message_accumulator.BatchBuilder, name)
        assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters)


def test_what_is_fetched_is_given_by_classes_that_can_be_replaced() -> None:
    made, drained = inspect.getsource(Fetcher._proc_fetch_request), inspect.getsource(Fetcher.fetched_records)
    assert "PartitionRecords(" in made
    assert "self._records[tp] = FetchResult(" in made
    assert "type(res_or_error) is FetchResult" in drained
    assert "res_or_error.getall(max_records)" in drained
    records = inspect.getsource(FetchedRuns.__base__.__init__)
    for name in ("_tp", "_records", "_aborted_producers", "_key_deserializer", "_value_deserializer", "_check_crcs"):
        assert f"self.{name} =" in records
    assert "self._isolation_level =" in records
    assert "self.next_fetch_offset = fetch_offset" in records
    assert "self._records_iterator = self._unpack_records()" in records
    assert "self._records_iterator = None" in inspect.getsource(FetchedRuns.__base__.__next__)
    result = inspect.getsource(StoredFetchResult.__base__.__init__)
    assert "self._topic_partition = tp" in result
    assert "self._partition_records = partition_records" in result


def test_what_ends_a_membership_is_pushed_to_who_fetches_next_or_ends_a_task() -> None:
    routine = inspect.getsource(GroupCoordinator._GroupCoordinator__coordination_routine)
    assert "except Errors.KafkaError as exc:\n                await self._push_error_to_user(exc)" in routine
    assert "await self._error_consumed_fut" not in routine
    assert "self._coordination_task = create_task(" in inspect.getsource(GroupCoordinator.__init__)
    assert "self._closing = create_future()" in inspect.getsource(GroupCoordinator.__init__)
    assert "self._fetch_task = create_task(" in inspect.getsource(fetcher.Fetcher.__init__)
    assert callable(aiokafka.cluster.ClusterMetadata.leader_for_partition)
