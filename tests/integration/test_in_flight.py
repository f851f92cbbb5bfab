"""A write that brokers neither take nor refuse ends an at-least-once worker, and nothing behind it is committed."""

import re
from typing import Any, Final

from kafka.admin import KafkaAdminClient
from kafka.protocol.admin import AlterClientQuotasRequest, DescribeClientQuotasRequest

from tests.integration.streams import Stream
from tests.integration.test_delivery import assert_each_decided_in_order, events
from tests.integration.worker_process import until

MANY: Final = 200
TESTS: Final = "tests"
#: Of how quotas are described: those of a kind with whatever name, and that of all without one of their own.
_ANY: Final = 2


def hold_writes_back(stream: Stream, *, hold: bool) -> None:
    """Have the broker take one write of each connection and then none for a long time, or have it take all again.

    A quota of a byte a second does so: the write that goes beyond it is acknowledged, and then the broker, which is
    well and keeps the connection, does not read from it until the quota would have been kept. Other connections, such
    as those by which a worker reads and commits, go on. The test's own clients have a quota of their own.
    """
    entries = [_producer_quota(None, 1.0, hold=hold), _producer_quota(TESTS, float(2**40), hold=hold)]
    with KafkaAdminClient(bootstrap_servers=stream.bootstrap) as admin:
        # kafka-python knows the request, and has no method for it.
        asked = AlterClientQuotasRequest(entries=entries, validate_only=False)
        answer = admin._manager.run(admin._manager.send, asked)
        assert {entry.error_code for entry in answer.entries} == {0}
        every = DescribeClientQuotasRequest.ComponentData(entity_type="client-id", match_type=_ANY, match=None)
        asking = DescribeClientQuotasRequest(components=[every], strict=False)
        until(lambda: bool(admin._manager.run(admin._manager.send, asking).entries) is hold, 10)


def _producer_quota(client_id: str | None, bytes_a_second: float, *, hold: bool) -> Any:
    """Write the quota of one client, or that of all without one of their own."""
    entry = AlterClientQuotasRequest.EntryData
    entity = entry.EntityData(entity_type="client-id", entity_name=client_id)
    return entry(entity=[entity], ops=[entry.OpData(key="producer_byte_rate", value=bytes_a_second, remove=not hold)])


def test_a_write_that_is_never_acknowledged_ends_the_worker_by_name_and_its_successor_decides_what_it_had_begun(
    own_stream: Stream,
) -> None:
    own_stream.client = {"client_id": TESTS}
    first, *others = (each._replace(partition=number % 4) for number, each in enumerate(events(MANY)))
    worker = own_stream.start_worker(SLUICEGATE_IN_FLIGHT_DEADLINE="2").wait_until_ready()
    hold_writes_back(own_stream, hold=True)
    # Is taken, and what follows is not.
    own_stream.publish([first])
    own_stream.wait_until_committed(1)
    own_stream.publish(others)
    assert worker.wait(30) == 1
    # Which were first seen a look before the others is chance.
    assert re.fullmatch(
        rf"sluicegate: batches of {re.escape(own_stream.events)}, partitions [0-3](, [0-3])*, have been in flight for "
        r"more than 2 s \(SLUICEGATE_IN_FLIGHT_DEADLINE\); see whether the brokers take what is written: nothing that "
        "was not acknowledged is committed, and it is read again",
        worker.output().splitlines()[-1],
    )
    assert "no broker is connected" not in worker.output()
    assert "Traceback" not in worker.output()
    assert own_stream.decided_ids() == ["0"]
    assert sum(own_stream.committed().values()) == 1

    hold_writes_back(own_stream, hold=False)
    own_stream.start_worker()
    assert_each_decided_in_order(own_stream.wait_for_decisions(MANY), MANY)
    own_stream.wait_until_committed(MANY)
