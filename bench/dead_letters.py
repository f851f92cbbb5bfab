"""``python -m sluicegate.bench.dead_letters``: time and memory of the work on dead letters, on a Kafka of its own.

A topic is filled with many small dead letters; each command is a process of its own, whose greatest memory the system
tells when it has ended. A topic of one dead letter goes first: what it takes is what a command takes by itself.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer
from aiokafka import AIOKafkaProducer

from sluicegate.agents.log.codec import CODECS
from sluicegate.agents.log.topic_records import TopicRecords
from sluicegate.agents.publisher import hand_over
from sluicegate.bench.ending import run as run_bench
from sluicegate.deploy.kafka.node import KafkaNode
from sluicegate.schemas import REASONS, Refusal, error_headers

__all__ = ["Measured", "measure"]

_PARTITIONS: Final = 6
_RUN: Final = 1_000
#: Those of whole record batches are never redriven, and a purge would not be told that this is meant.
_REASONS: Final = tuple(code for code in REASONS if code != "record.unreadable_batch")[:7]
_ALL: Final = 10**9
#: In the order in which they are measured: the last find a ledger with all of them.
_COMMANDS: Final = {
    "list": ("list", "--json"),
    "show": ("show",),
    "show, all of them": ("show", "--json", "--payload", "--limit", str(_ALL)),
    "redrive, dry run": ("redrive", "--all"),
    "redrive": ("redrive", "--all", "--yes", "--rate", str(_ALL)),
    "list, all redriven": ("list", "--json"),
    "show, all redriven": ("show",),
    "redrive, dry run, all redriven": ("redrive", "--all"),
    "purge": ("purge", "--all", "--yes"),
}


class Measured(NamedTuple):
    """What a command took: seconds, seconds of processors, and MiB of memory at the most."""

    seconds: float
    cpu: float
    mebibytes: float


def measure(arguments: tuple[str, ...], environment: Mapping[str, str]) -> Measured:
    """Run ``sluicegate dlq`` in a process of its own, to its end.

    Raises
    ------
    RuntimeError
        Where it fails.
    """
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "sluicegate", "dlq", *arguments],
            env={**os.environ, **environment},
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            raise RuntimeError(f"dlq {' '.join(arguments)}: {said.read().decode()}")
    return Measured(time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


async def _fill(bootstrap: str, events: str, topic: str, letters: int) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True) as producer:
        for first in range(0, letters, _RUN):
            partition = first // _RUN % _PARTITIONS
            records = TopicRecords(int(time.time() * 1000), 512 * 1024)
            for number in range(first, min(first + _RUN, letters)):
                headers = error_headers(
                    Refusal(_REASONS[number % len(_REASONS)]), events, partition, number, 1_700_000_000_000
                )
                records.append(b"a-%d" % (number % 997), b'{"id": "%d"' % number, headers)
            for batch in records.finish(CODECS["snappy"]):
                await hand_over(producer, batch, topic, partition)
        await producer.flush()


def _environment(bootstrap: str, name: str) -> dict[str, str]:
    topics = ("EVENTS", "DECISIONS", "DEAD_LETTERS", "OUTCOMES", "DESK_STATE")
    named = {f"SLUICEGATE_{topic}_TOPIC": f"{name}.{topic.lower()}" for topic in topics}
    return {
        "SLUICEGATE_BROKERS": bootstrap,
        "SLUICEGATE_REVIEW_PREFIX": f"{name}.review.",
        "SLUICEGATE_PARTITIONS": str(_PARTITIONS),
        **named,
    }


def _main(letters: Annotated[int, typer.Option(min=2, help="Dead letters of the large topic.")] = 1_000_000) -> None:
    with tempfile.TemporaryDirectory() as folder, KafkaNode(Path(folder)) as node:
        rows: dict[str, list[Measured]] = {name: [] for name in _COMMANDS}
        for count in (1, letters):
            environment = _environment(node.bootstrap, f"t{count}")
            subprocess.run(
                [sys.executable, "-m", "sluicegate", "topics", "apply"],
                env={**os.environ, **environment},
                check=True,
                stdout=subprocess.DEVNULL,
            )
            events, topic = (environment[f"SLUICEGATE_{name}_TOPIC"] for name in ("EVENTS", "DEAD_LETTERS"))
            asyncio.run(_fill(node.bootstrap, events, topic, count))
            for name, arguments in _COMMANDS.items():
                rows[name].append(measure(arguments, environment))
                print(f"{count:,} dead letters, {name}: {rows[name][-1]}", file=sys.stderr)
    print(f"| command | 1 dead letter: CPU s | peak MiB | {letters:,}: s | CPU s | peak MiB |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, (one, many) in rows.items():
        print(
            f"| {name} | {one.cpu:.1f} | {one.mebibytes:.0f} | {many.seconds:.0f} | {many.cpu:.0f} "
            f"| {many.mebibytes:.0f} |"
        )


if __name__ == "__main__":
    run_bench(_main)
