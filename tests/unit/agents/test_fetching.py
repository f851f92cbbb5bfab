"""A round of fetching takes of every partition what is there, up to a bound, and only of the present assignment."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from aiokafka.structs import TopicPartition
from faust.types import TP

from sluicegate.agents.fetching import BROKER_WAIT_MS, Fetched, fetch_round

PARTITIONS = {TP("events", number) for number in range(3)}


class Waiting:
    """A fetcher that has nothing until it is waited for, and then gives as aiokafka does: so many of all together."""

    _closed = False

    def __init__(self, arriving: dict[int, int], assignments: Iterable[str] = ()) -> None:
        self.left = dict.fromkeys(range(3), 0)
        self.subscription = SimpleNamespace(assignment=assigned("first"))
        self._subscriptions = self
        self._arriving = arriving
        self._assignments = [assigned(name) for name in assignments]
        self._given: dict[int, int] = dict.fromkeys(range(3), 0)

    @contextmanager
    def fetch_context(self) -> Iterator[None]:
        yield

    async def fetched_records(self, wanted: set[TP], timeout: float, max_records: int) -> dict[Any, list[Any]]:
        if timeout:
            self.left |= self._arriving
        found = {}
        for number in sorted(tp.partition for tp in wanted):
            count = min(self.left[number], max_records)
            if count:
                first = self._given[number]
                found[TopicPartition("events", number)] = list(range(first, first + count))
                self.left[number] -= count
                self._given[number] += count
                max_records -= count
        if found and self._assignments:
            self.subscription.assignment = self._assignments.pop(0)
        return found


def assigned(name: str) -> Any:
    return SimpleNamespace(name=name, active=True, tps=())


def fetch(fetcher: Waiting, most: int) -> Fetched:
    consumer = SimpleNamespace(_fetcher=fetcher, _closed=False, _subscription=fetcher)
    return asyncio.run(fetch_round(consumer, SimpleNamespace(flow_active=True), PARTITIONS, most, 0.1))


def taken(fetched: Fetched) -> dict[int, list[Any]]:
    return {tp.partition: list(run) for tp, run in fetched.records.items()}


def test_all_partitions_are_drained_after_a_wait_so_that_all_are_fetched_again() -> None:
    fetcher = Waiting({0: 4, 1: 4, 2: 4})
    fetched = fetch(fetcher, 6)
    assert taken(fetched) == {number: [0, 1, 2, 3] for number in range(3)}
    assert not any(fetcher.left.values())


def test_no_partition_gives_more_than_the_bound() -> None:
    fetcher = Waiting({0: 9, 1: 2})
    fetched = fetch(fetcher, 5)
    assert taken(fetched) == {0: [0, 1, 2, 3, 4], 1: [0, 1]}
    assert fetcher.left[0] == 4


def test_what_was_found_under_an_assignment_before_is_left_out() -> None:
    fetched = fetch(Waiting({0: 4, 1: 4, 2: 4}, ["first", "second"]), 6)
    assert fetched.assignment is not None
    assert fetched.assignment.name == "second"  # type: ignore[attr-defined]
    assert taken(fetched) == {1: [2, 3], 2: [0, 1, 2, 3]}


def test_a_broker_lets_the_records_of_a_busy_stream_gather_and_answers_at_once_where_there_are_few() -> None:
    fetcher = Waiting({0: 1, 2: 3})
    fetch(fetcher, 5)
    assert asked_for(fetcher) == (256 * 1024, 5)
    fetcher = Waiting({0: 1, 2: 2})
    fetch(fetcher, 5)
    assert asked_for(fetcher) == (1, BROKER_WAIT_MS)


def test_a_stream_that_was_busy_and_is_quiet_is_answered_at_once_again() -> None:
    fetcher = Waiting({0: 50})
    fetch(fetcher, 50)
    fetcher._arriving = {}
    fetch(fetcher, 50)
    assert asked_for(fetcher) == (1, BROKER_WAIT_MS)


def asked_for(fetcher: Any) -> tuple[int, int]:
    return fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms
