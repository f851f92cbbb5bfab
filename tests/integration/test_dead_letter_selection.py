"""Which dead letters a time selects, to the millisecond, and how fast they are put back. A real Kafka."""

import asyncio
import json
import signal
import time
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.integration.dead_letters import Letter, dlq, listed, redrive_at, write_letters
from tests.integration.streams import Stream
from tests.integration.test_dead_letters import redriven
from tests.integration.worker_process import until

MINUTE: Final = 60_000
#: Timestamps are of another clock than that of the pace, and whole milliseconds.
CLOCK_SECONDS: Final = 0.02


def rfc3339(moment: int, zone: tzinfo = UTC) -> str:
    """Write a time in milliseconds since the epoch as a user would."""
    return datetime.fromtimestamp(moment / 1000, zone).isoformat(timespec="milliseconds")


def shown(stream: Stream, *arguments: str) -> list[tuple[int, int]]:
    """Give the places of the dead letters that ``dlq show`` tells of."""
    told = dlq(stream, "show", "--json", "--limit", "1000", *arguments)
    letters = [json.loads(line) for line in told.stdout.splitlines()]
    assert told.exit_code == (0 if letters else 1), told.stderr
    return sorted((letter["partition"], letter["offset"]) for letter in letters)


def test_a_time_selects_exactly_what_was_written_from_the_one_bound_on_and_before_the_other(
    narrow_stream: Stream,
) -> None:
    stream = narrow_stream
    began = int(time.time() * 1000) - 60 * MINUTE
    since, before = began, began + MINUTE
    written = {
        0: [since - 40 * MINUTE, since - 1, since, since, since + 1, before - 1, before, before + 1, before],
        # The clocks of those who write need not agree: behind a late one stand some that are earlier.
        1: [since - 5, before + 9, since + 7, since - 1, before - 1, since, before + 40 * MINUTE],
    }
    write_letters(
        stream,
        [
            Letter(100 + place, partition=partition, written=moment)
            for partition, moments in written.items()
            for place, moment in enumerate(moments)
        ],
    )

    def within(first: int, behind: int) -> list[tuple[int, int]]:
        return [
            (partition, place)
            for partition, moments in written.items()
            for place, moment in enumerate(moments)
            if first <= moment < behind
        ]

    bounds = ("--since", rfc3339(since), "--until", rfc3339(before, timezone(timedelta(hours=2))))
    expected = within(since, before)
    assert expected == [(0, 2), (0, 3), (0, 4), (0, 5), (1, 2), (1, 4), (1, 5)]
    assert shown(stream, *bounds) == expected
    assert shown(stream, *bounds[:2]) == within(since, 2**63)
    assert shown(stream, *bounds[2:]) == within(0, before)
    assert shown(stream, "--since", "70m", "--until", "40m") == within(since - 5, before + MINUTE)
    assert shown(stream, "--since", rfc3339(before + 40 * MINUTE + 1)) == []

    group = listed(stream, *bounds)["json.invalid"]
    assert group["letters"] == len(expected)
    told = [datetime.fromisoformat(group[name]).timestamp() * 1000 for name in ("first", "last")]
    assert told == [since, before - 1]

    assert f"{len(expected)} dead letters selected" in dlq(stream, "redrive", *bounds).stdout
    done = dlq(stream, "redrive", *bounds, "--yes")
    assert done.exit_code == 0, done.stderr
    put_back = redriven(stream)
    assert sorted((each.partition, each.offset) for _, each in put_back) == expected
    assert sorted((each.source_partition, each.source_offset - 100) for _, each in put_back) == expected
    assert listed(stream, "--until", rfc3339(since))["json.invalid"]["redriven"] == 0
    assert listed(stream, "--since", rfc3339(before))["json.invalid"]["redriven"] == 0


def timestamps(stream: Stream, topic: str) -> list[int]:
    """Give the timestamps that a topic's committed records have by now, in their order of time."""
    return asyncio.run(_timestamps(stream, topic))


async def _timestamps(stream: Stream, topic: str) -> list[int]:
    async with AIOKafkaConsumer(bootstrap_servers=stream.bootstrap, isolation_level="read_committed") as consumer:
        places = [TopicPartition(topic, partition) for partition in range(stream.partitions)]
        ends = await consumer.end_offsets(places)
        consumer.assign([place for place in places if ends[place]])
        found: list[int] = []
        async with asyncio.timeout(30):
            for place in consumer.assignment():
                consumer.seek(place, 0)
                while await consumer.position(place) < ends[place]:
                    records = (await consumer.getmany(place, timeout_ms=200)).get(place, ())
                    found += [record.timestamp for record in records]
        return sorted(found)


def test_a_rate_is_kept_from_the_first_event_to_the_last_also_behind_a_moment_in_which_nothing_went_on(
    narrow_stream: Stream,
) -> None:
    stream = narrow_stream
    letters, rate = 120, 20
    # A transaction holds half a second's events, which have one time.
    at_once = rate // 2
    write_letters(stream, [Letter(number, partition=number % 2) for number in range(letters)])
    with redrive_at(stream, rate) as process:
        until(lambda: timestamps(stream, stream.events), 30)
        process.send_signal(signal.SIGSTOP)
        stopped = time.monotonic()
        # So long that two transactions more would have been due.
        until(lambda: time.monotonic() > stopped + 1, 10)
        assert len(timestamps(stream, stream.events)) <= letters - 3 * at_once
        process.send_signal(signal.SIGCONT)
        told, said = process.communicate(timeout=40)
        assert process.returncode == 0, said
    assert f"{letters} events redriven".encode() in told
    moments = timestamps(stream, stream.events)
    assert len(moments) == letters
    assert (moments[-1] - moments[0]) / 1000 >= (letters - at_once) / rate - CLOCK_SECONDS
    for first in range(letters):
        for last in range(first + at_once, letters):
            took = (moments[last] - moments[first]) / 1000
            assert took >= (last - first + 1 - at_once) / rate - CLOCK_SECONDS
