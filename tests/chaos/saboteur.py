"""A worker with one guarantee removed: ``python saboteur.py WHICH``, in place of ``sluicegate worker``.

Each patches one thing, and is otherwise the worker as it is. They decide by the event: what they patch is in Python.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any
from uuid import uuid4

if __name__ == "__main__":
    # Looked up when the kernels are imported.
    os.environ["SLUICEGATE_COMPILED"] = "off"

from sluicegate.agents import encoding, parts, publisher, scoring
from sluicegate.agents.outcome import Output
from sluicegate.cli import early, main

#: Seconds by which what is committed already is written later.
LATE_SECONDS = 1.5


def commit_before_acknowledge() -> None:
    """Acknowledge a batch to the group before what follows from it is written."""
    send, finish = publisher.Publisher.send, scoring.ScoringAgent._finish

    async def finish_early(self: Any, stream: Any, events: Sequence[Any], processing: Awaitable[Any]) -> None:
        for event in events:
            await stream.ack(event)
        await finish(self, stream, events, processing)

    async def send_late(self: Any, written: Iterable[Any]) -> Awaitable[None]:
        ready = list(written)
        await asyncio.sleep(LATE_SECONDS)
        return await send(self, ready)

    scoring.ScoringAgent._finish = finish_early  # type: ignore[method-assign]
    publisher.Publisher.send = send_late  # type: ignore[method-assign]


def fresh_ids() -> None:
    """Give every decision an id of its own."""
    encoding.decision_id = lambda source, event_id: str(uuid4())  # type: ignore[attr-defined]


def dropped_dead_letter() -> None:
    """Write no dead letter for what is no JSON."""
    write = parts.dead_letters

    def write_some(batch: Any, encoder: Any, refusals: Any, counts: Any) -> Any:
        found = write(batch, encoder, refusals, counts)
        return {index: [] if refusals[index].code == "json.invalid" else letter for index, letter in found.items()}

    parts.dead_letters = write_some


def broken_order() -> None:
    """Write what follows from the events of a batch in reverse."""
    make = publisher.ready_by_topic

    def make_reversed(outputs: Sequence[Output], most_bytes: int, codec: Any) -> Any:
        return make(outputs[::-1], most_bytes, codec)

    publisher.ready_by_topic = make_reversed


def forgotten_tasks() -> None:
    """Write no task for a queue."""
    write = encoding.Encoder.event_outputs

    def write_some(self: Any, *arguments: Any) -> list[Output]:
        return [output for output in write(self, *arguments) if ".review.abuse_en." not in f".{output.topic}"]

    encoding.Encoder.event_outputs = write_some  # type: ignore[assignment, method-assign]


SABOTAGES: dict[str, Callable[[], None]] = {
    sabotage.__name__: sabotage
    for sabotage in (commit_before_acknowledge, fresh_ids, dropped_dead_letter, broken_order, forgotten_tasks)
}

if __name__ == "__main__":
    early.end_well_when_terminated()
    SABOTAGES[sys.argv[1]]()
    main(["worker"])
