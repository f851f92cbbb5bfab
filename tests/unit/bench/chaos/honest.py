"""The evidence of a small run in which everything went well, for tests to alter."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sluicegate.bench.chaos.evidence import Books, Evidence, Read, Sample
from sluicegate.bench.chaos.load import Planned, make_load
from sluicegate.bench.chaos.schedule import Size
from sluicegate.schemas import Refusal, decision_id, error_headers, withdrawal_id

SIZE = Size(events=600, episodes={}, partitions=2, workers=1, actors=20)
QUEUES = ("first", "second")
PREFIX = "t.review."
#: Milliseconds since the epoch of the first event; each is decided 10 later, and the next comes 100 later.
BEGAN = 1_000_000
STEP = 100
TAKEN = 10


class Topics:
    """Records appended to topics."""

    def __init__(self) -> None:
        self.reads: list[Read] = []
        self._ends: Counter[tuple[str, int]] = Counter()

    def append(
        self,
        topic: str,
        planned: Planned,
        timestamp: int,
        value: bytes | None,
        headers: Sequence[tuple[str, bytes]] = (),
    ) -> Read:
        place = (topic, planned.partition)
        read = Read(*place, self._ends[place], timestamp, planned.key, value, tuple(headers))
        self._ends[place] += 1
        self.reads.append(read)
        return read

    def of(self, *topics: str) -> list[Read]:
        return [read for read in self.reads if read.topic.startswith(topics)]


def is_reviewed(planned: Planned) -> bool:
    return planned.sequence % 5 == 0 and planned.type != "content.deleted"


def decision(planned: Planned, time: int) -> dict[str, Any]:
    data: dict[str, Any] = {"event": {"source": planned.source, "id": planned.event_id}, "outcome": "allow"}
    if is_reviewed(planned):
        data |= {"outcome": "review", "queue": QUEUES[0], "priority": {"class": 1}}
    return {"id": decision_id(planned.source, planned.event_id), "time": str(time), "data": data}


def append_outputs(topics: Topics, planned: Planned, event: Read, time: int) -> None:
    """Append what follows from an event or from poison."""
    if planned.reason is not None:
        ours = error_headers(Refusal(planned.reason), event.topic, event.partition, event.offset, event.timestamp)
        topics.append("t.dlq", planned, time, planned.value, [*planned.headers, *ours])
        return
    decided = decision(planned, time)
    if is_reviewed(planned):
        task = {"id": decided["id"], "type": "review.task", "time": str(time), "data": {"enqueued_at": str(time)}}
        topics.append(f"{PREFIX}{QUEUES[0]}.1", planned, time, json.dumps(task).encode())
    if planned.type == "content.deleted":
        for queue in QUEUES:
            withdrawal = {"id": withdrawal_id(decided["id"], queue), "type": "review.task.withdrawn", "data": {}}
            topics.append(f"{PREFIX}{queue}.0", planned, time, json.dumps(withdrawal).encode())
    topics.append("t.decisions", planned, time, json.dumps(decided).encode())


def honest() -> Evidence:
    """Give the evidence of a run without a fault: every event decided in its turn, and then committed."""
    load, topics, samples = list(make_load(1, SIZE)), Topics(), []
    offsets: Counter[int] = Counter()
    for planned in load:
        time = BEGAN + STEP * planned.sequence
        event = topics.append("t.events", planned, time, planned.value, planned.headers)
        append_outputs(topics, planned, event, time + TAKEN)
        offsets[planned.partition] += 1
        samples.append(Sample(time + 2 * TAKEN, dict(offsets)))
    good = sum(planned.reason is None for planned in load)
    return Evidence(
        delivery="at_least_once",
        planned=load,
        events=topics.of("t.events"),
        decisions=topics.of("t.decisions"),
        dead_letters=topics.of("t.dlq"),
        reviews=topics.of(PREFIX),
        review_prefix=PREFIX,
        queues=QUEUES,
        samples=samples,
        faults=(),
        stops=(),
        books=[Books("worker-0", len(load), good, len(load) - good, 0)],
    )


def repeated(evidence: Evidence, at: int, later: int) -> Evidence:
    """Write a decision once more, so many milliseconds after the last."""
    again = evidence.decisions[at]
    behind = sum(read.partition == again.partition for read in evidence.decisions)
    copy = again._replace(offset=behind, timestamp=evidence.decisions[-1].timestamp + later)
    return replace(evidence, decisions=[*evidence.decisions, copy])
