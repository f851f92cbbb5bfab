"""Faults wait for what they need of the load, and the load for the faults: neither waits for ever."""

import asyncio
from pathlib import Path

from sluicegate.bench.chaos.commits import CommitWatch
from sluicegate.bench.chaos.evidence import Sample
from sluicegate.bench.chaos.fleet import Fleet
from sluicegate.bench.chaos.striking import Striker

#: Records that may be published beyond those at which a fault is due.
AHEAD = 10


def test_a_frozen_worker_whose_partitions_have_nothing_left_to_be_done_has_more_of_the_load_published(
    tmp_path: Path,
) -> None:
    async def moved() -> int:
        watch = CommitWatch("127.0.0.1:1", "group", "events")
        striker = Striker(None, Fleet((), {}, tmp_path, 1), watch, 60, lambda _: None)
        striker.due = 100
        # All that may be published is done, and the last records were of another partition than the frozen worker's.
        watch.samples.append(Sample(0, {0: 100, 1: AHEAD}))
        waiting = asyncio.create_task(striker._wait_until_moved([0], watch.offsets))
        async with asyncio.timeout(10):
            while not waiting.done():
                if watch.done < striker.due + AHEAD:
                    watch.samples.append(Sample(0, {0: 100 + (watch.done >= 150), 1: watch.offsets[1] + 1}))
                await asyncio.sleep(0)
        await waiting
        return watch.done

    assert asyncio.run(moved()) >= 150
