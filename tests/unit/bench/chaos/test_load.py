"""The load of a run: numbered events that can be read, and poison that gets the reason it was made for."""

from collections import Counter, defaultdict

import pytest

from sluicegate.bench.chaos.evidence import Read
from sluicegate.bench.chaos.load import CODECS, SEQUENCE, Planned, make_load
from sluicegate.bench.chaos.schedule import Size
from sluicegate.schemas import Refusal, decode_event

SIZE = Size(events=6_000, episodes={}, partitions=3, actors=50)


def as_read(planned: Planned) -> Read:
    return Read("t.events", planned.partition, 0, 0, planned.key, planned.value, planned.headers)


@pytest.fixture(scope="module")
def load() -> list[Planned]:
    return list(make_load(3, SIZE))


def test_the_same_seed_gives_the_same_load(load: list[Planned]) -> None:
    assert list(make_load(3, SIZE)) == load
    assert list(make_load(4, SIZE)) != load


def test_the_events_of_an_actor_are_numbered_from_1_without_a_gap_on_one_partition_and_by_one_codec(
    load: list[Planned],
) -> None:
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for planned in load:
        numbers[planned.actor].append(planned.number)
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert len({(planned.actor, planned.partition, planned.codec) for planned in load}) == len(numbers)
    assert {planned.partition for planned in load} == set(range(SIZE.partitions))
    assert {planned.codec for planned in load} == set(CODECS)


def test_every_record_bears_its_number_in_the_load(load: list[Planned]) -> None:
    assert [dict(planned.headers)[SEQUENCE] for planned in load] == [b"%d" % number for number in range(len(load))]


def test_one_record_in_a_hundred_is_poison_of_fifteen_reasons_at_least(load: list[Planned]) -> None:
    reasons = Counter(planned.reason for planned in load if planned.reason is not None)
    assert 0.007 < reasons.total() / len(load) < 0.013
    assert len(reasons) >= 15


def test_what_is_good_can_be_read_as_it_was_planned_and_poison_is_refused_for_its_reason(load: list[Planned]) -> None:
    for planned in load:
        if planned.reason is not None:
            with pytest.raises(Refusal) as refused:
                decode_event(as_read(planned))
            assert refused.value.code == planned.reason
        else:
            event = decode_event(as_read(planned)).event
            assert (event.source, event.id, event.type) == (planned.source, planned.event_id, planned.type)
            assert event.data.actor_id == planned.actor


def test_some_events_come_in_binary_mode_and_some_are_deletions(load: list[Planned]) -> None:
    assert any("ce_id" in dict(planned.headers) for planned in load)
    assert {planned.type for planned in load} == {
        "content.created",
        "content.updated",
        "content.reported",
        "content.deleted",
    }
