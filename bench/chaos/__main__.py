"""``python -m sluicegate.bench.chaos``: puts worker processes to the proof on a Kafka of its own, and reports."""

import asyncio
import logging
import shutil
import sys
import tempfile
import time
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from sluicegate.bench.chaos.report import as_json, as_tables
from sluicegate.bench.chaos.running import Run, run
from sluicegate.bench.chaos.schedule import FULL, QUICK
from sluicegate.bench.chaos.verdict import judge
from sluicegate.bench.ending import run as run_bench
from sluicegate.deploy.kafka.jars import JarsError
from sluicegate.deploy.kafka.node import KafkaNode, KafkaNodeError

_KEPT: Final = Path(__file__).resolve().parents[2] / ".cache" / "chaos"


class _Delivery(StrEnum):
    AT_LEAST_ONCE = "at_least_once"
    EXACTLY_ONCE = "exactly_once"


def chaos(
    seed: Annotated[int, typer.Option(help="Of the load and the faults.")] = 1,
    events: Annotated[int | None, typer.Option(min=500, help="Records; 100,000 if unset.")] = None,
    delivery: Annotated[_Delivery, typer.Option(help="What the workers promise.")] = _Delivery.AT_LEAST_ONCE,
    quick: Annotated[
        bool, typer.Option("--quick", help="Two minutes: four kills, and one fault of each other kind.")
    ] = False,
) -> None:
    """Inject faults into workers and a broker under load, and judge from the topics whether every guarantee held."""
    # Clients tell of every broker that is away, and of every metadata that is not there yet.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    size = QUICK if quick else FULL
    if events is not None:
        size = replace(size, events=events)
    folder = _KEPT / f"{seed}-{delivery}"
    shutil.rmtree(folder, ignore_errors=True)
    plan = Run(seed, size, delivery.value, folder)
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {line}", file=sys.stderr, flush=True)

    try:
        with tempfile.TemporaryDirectory(prefix="sluicegate-chaos-") as data, KafkaNode(Path(data)) as node:
            evidence = asyncio.run(run(node.bootstrap, plan, say, node))
    except (JarsError, KafkaNodeError, TimeoutError) as fault:
        print(fault, file=sys.stderr)
        raise typer.Exit(1) from fault
    verdict = judge(evidence)
    report = folder.with_suffix(".json")
    about = {"seed": seed, "events": size.events, "workers": size.workers, "partitions": size.partitions}
    report.write_bytes(as_json(verdict, {**about, "seconds": round(time.monotonic() - began, 1)}))
    Console().print(as_tables(verdict))
    say(f"report: {report}; what the workers said: {folder}")
    raise typer.Exit(0 if verdict.passed else 1)


if __name__ == "__main__":
    run_bench(chaos)
