"""Rebalances that meet a stop, a broker's restart, a returning member or an idle one lose nothing and end well."""

import signal

from sluicegate.deploy.kafka.node import KafkaNode
from tests.integration.streams import Stream
from tests.integration.test_delivery import assert_each_decided_in_order, events
from tests.integration.test_stopping import group_state
from tests.integration.worker_process import WorkerProcess, until

MANY = 2000


def deciding(worker: WorkerProcess, least: float = MANY / 20) -> WorkerProcess:
    until(lambda: worker.metric("sluicegate_events_decided_total") > least, 60, worker)
    return worker


def rebalances(worker: WorkerProcess) -> float:
    return worker.metric("sluicegate_rebalances_total")


def test_a_worker_that_is_stopped_while_another_joins_exits_with_code_0_and_loses_nothing(stream: Stream) -> None:
    stream.publish(events(MANY))
    first = deciding(stream.start_worker(SLUICEGATE_BATCH_MAX="5"))
    second = stream.start_worker(SLUICEGATE_BATCH_MAX="5")
    until(lambda: "metrics on port" in second.output(), 60, second)
    until(lambda: "joining the group" in second.get("/readyz")[1], 60, second)
    code, seconds = first.terminate()
    assert (code, seconds < 10) == (0, True)
    raw = stream.wait_for_decisions(MANY)
    assert_each_decided_in_order(raw, MANY)
    stream.wait_until_committed(MANY)
    assert second.terminate()[0] == 0


def test_a_worker_that_is_stopped_while_it_joins_exits_with_code_0_and_takes_nothing_with_it(stream: Stream) -> None:
    stream.publish(events(MANY))
    first = deciding(stream.start_worker(SLUICEGATE_BATCH_MAX="5"))
    second = stream.start_worker(SLUICEGATE_BATCH_MAX="5")
    until(lambda: "joining the group" in second.get("/readyz")[1], 60, second)
    code, seconds = second.terminate()
    assert (code, seconds < 10) == (0, True)
    raw = stream.wait_for_decisions(MANY)
    assert_each_decided_in_order(raw, MANY)
    stream.wait_until_committed(MANY)
    assert first.terminate()[0] == 0


def test_a_broker_that_restarts_during_a_rebalance_loses_nothing_and_both_workers_go_on(
    own_stream: Stream, own_kafka: KafkaNode
) -> None:
    own_stream.publish(events(MANY))
    first = deciding(own_stream.start_worker(SLUICEGATE_BATCH_MAX="5"))
    second = own_stream.start_worker(SLUICEGATE_BATCH_MAX="5")
    until(lambda: "joining the group" in second.get("/readyz")[1], 60, second)
    own_kafka.kill()
    own_kafka.start()
    raw = own_stream.wait_for_decisions(MANY)
    assert_each_decided_in_order(raw, MANY)
    own_stream.wait_until_committed(MANY)
    until(lambda: [w.metric("sluicegate_assigned_partitions") for w in (first, second)] == [2, 2], 30, first, second)
    assert [worker.terminate()[0] for worker in (first, second)] == [0, 0]


def test_a_worker_that_was_frozen_beyond_its_session_moves_no_offset_back_where_its_successor_has_left(
    stream: Stream,
) -> None:
    stream.publish(events(MANY))
    # Between two commits nearly always: there is something that the frozen one would commit.
    zombie = deciding(stream.start_worker(SLUICEGATE_BATCH_MAX="5", SLUICEGATE_COMMIT_INTERVAL="2"))
    zombie.process.send_signal(signal.SIGSTOP)
    successor = stream.start_worker()
    stream.wait_until_committed(MANY, 60)
    assert successor.terminate()[0] == 0
    zombie.process.send_signal(signal.SIGCONT)
    until(lambda: rebalances(zombie) >= 2, 30, zombie)
    assert sum(stream.committed().values()) == MANY
    stream.publish(events(MANY, MANY))
    repeated = len(stream.wait_for_decisions(2 * MANY)) - 2 * MANY
    assert repeated < MANY


def test_a_static_member_that_restarts_takes_its_partitions_up_again_without_a_rebalance_of_its_peer(
    narrow_stream: Stream,
) -> None:
    settings = {"SLUICEGATE_BATCH_MAX": "5", "SLUICEGATE_SESSION_TIMEOUT": "30"}
    peer = narrow_stream.start_worker(SLUICEGATE_INSTANCE="peer", **settings)
    first = narrow_stream.start_worker(SLUICEGATE_INSTANCE="first", **settings)
    until(lambda: [w.metric("sluicegate_assigned_partitions") for w in (peer, first)] == [1, 1], 30, peer, first)
    before = rebalances(peer)
    narrow_stream.publish(events(MANY))
    assert deciding(first).terminate()[0] == 0
    again = narrow_stream.start_worker(SLUICEGATE_INSTANCE="first", **settings)
    raw = narrow_stream.wait_for_decisions(MANY)
    assert_each_decided_in_order(raw, MANY)
    assert len(raw) == MANY
    narrow_stream.wait_until_committed(MANY)
    assert again.metric("sluicegate_assigned_partitions") == 1
    assert rebalances(peer) == before


def test_a_worker_more_than_there_are_partitions_is_ready_and_takes_over_from_a_static_member_that_is_gone(
    narrow_stream: Stream,
) -> None:
    workers = [narrow_stream.start_worker(SLUICEGATE_INSTANCE=f"worker-{number}") for number in range(3)]

    def assigned() -> list[float]:
        return sorted(worker.metric("sluicegate_assigned_partitions") for worker in workers)

    until(lambda: assigned() == [0, 1, 1], 60, *workers)
    (idle,) = [worker for worker in workers if not worker.metric("sluicegate_assigned_partitions")]
    idle.wait_until_ready(10)
    narrow_stream.publish(events(MANY))
    narrow_stream.wait_for_decisions(MANY)
    assert idle.get("/healthz")[0] == 200
    assert idle.metric("sluicegate_events_consumed_total") == 0
    gone = next(worker for worker in workers if worker is not idle)
    assert gone.terminate()[0] == 0
    until(lambda: idle.metric("sluicegate_assigned_partitions") == 1, 60, idle)
    narrow_stream.publish(events(MANY, MANY))
    assert_each_decided_in_order(narrow_stream.wait_for_decisions(2 * MANY), 2 * MANY)


def test_a_worker_whose_name_another_takes_says_so_and_ends_and_the_other_decides_everything(
    narrow_stream: Stream,
) -> None:
    settings = {"SLUICEGATE_INSTANCE": "same", "SLUICEGATE_BATCH_MAX": "5", "SLUICEGATE_SESSION_TIMEOUT": "10"}
    narrow_stream.publish(events(MANY))
    first = deciding(narrow_stream.start_worker(**settings))
    second = narrow_stream.start_worker(**settings)
    assert first.wait() == 1
    assert "another worker has joined the group as same" in first.output()
    narrow_stream.publish(events(MANY, MANY))
    assert_each_decided_in_order(narrow_stream.wait_for_decisions(2 * MANY), 2 * MANY)
    narrow_stream.wait_until_committed(2 * MANY)
    assert second.terminate()[0] == 0


def test_a_worker_that_still_drains_when_its_peer_leaves_repeats_nothing_and_leaves_as_well(stream: Stream) -> None:
    # What is in flight stays so until the transaction is committed, so that it drains for a while.
    settings = {"SLUICEGATE_DELIVERY": "exactly_once", "SLUICEGATE_TRANSACTION_INTERVAL": "3"}
    both = [stream.start_worker(**settings) for _ in range(2)]
    until(lambda: [w.metric("sluicegate_assigned_partitions") for w in both] == [2, 2], 60, *both)
    stream.publish([message._replace(partition=0) for message in events(100)])

    def busy() -> list[WorkerProcess]:
        return [worker for worker in both if worker.metric("sluicegate_events_in_flight") == 100]

    (draining,) = until(busy, 10, *both)
    draining.process.send_signal(signal.SIGTERM)
    (idle,) = [worker for worker in both if worker is not draining]
    assert idle.terminate()[0] == 0
    assert draining.wait(10) == 0
    # A member that only falls silent is kept for the session timeout, six seconds.
    until(lambda: group_state(stream) == "Empty", 2)
    assert len(stream.wait_for_decisions(100)) == 100
    assert stream.committed()[0] >= 100
