"""``sluicegate status``: lag, rates and queues of a running deployment."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from sluicegate.cli.examples import examples
from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from sluicegate.agents.status import Status, TopicStatus
    from sluicegate.agents.worker_status import WorkerStatus, WorkerUnavailable

__all__ = ["EXAMPLES", "status"]

EXAMPLES = examples(
    "sluicegate status",
    "sluicegate status --json | jq .lag",
    "sluicegate status --metrics-url http://10.0.0.7:9464/metrics",
)


def status(
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object instead of tables."),
    metrics_url: str = typer.Option(
        "", help="A worker's metrics; that of the settings if not given, and nobody minds if it is not there."
    ),
) -> None:
    """Show lag, rates, workers and review queues, read from the broker and from a worker's metrics.

    Takes about a second. Exit 1 if no broker, or not the worker that was named, can be reached, or if somebody is at
    the address of the settings and does not give a worker's metrics.
    """
    from sluicegate.agents.broker import admin_client
    from sluicegate.agents.status import read_status
    from sluicegate.cli.settings import read_settings

    settings = read_settings()
    with admin_client(settings) as admin:
        worker, trouble = _worker(metrics_url)
        found = read_status(admin, settings, worker=worker)
    for note in found.notes:
        print(f"sluicegate: {note}", file=sys.stderr)
    if as_json:
        print(json.dumps({**asdict(found), "lag": found.lag}, indent=2))
    else:
        _show(found)
    if trouble is not None:
        # What the broker said was shown, which may be all that was asked for.
        raise trouble


def _worker(url: str) -> "tuple[WorkerStatus | None, WorkerUnavailable | None]":
    """Read a worker's metrics; of one that nobody named, also what keeps them from being read."""
    from sluicegate.agents.worker_status import WorkerUnavailable, read_own_worker, read_worker
    from sluicegate.cli.settings import read_settings

    settings = read_settings()
    if url:
        return read_worker(url, settings), None
    try:
        return read_own_worker(settings), None
    except WorkerUnavailable as trouble:
        return None, trouble


def _show(found: "Status") -> None:
    from sluicegate.cli.tables import table_console

    console = table_console()
    for part in (_group(found), _lag_table(found), _topic_table("Topics", found.topics), _review(found)):
        console.print(part)
    if found.worker is None:
        console.print("No worker's metrics were read; name one with --metrics-url.")
    else:
        worker = found.worker
        console.print(
            f"Worker at {worker.url}: {'ready' if worker.ready else 'not ready'}, {worker.consumed} consumed = "
            f"{worker.decided} decided + {worker.dead_lettered} dead-lettered + {worker.in_flight} in flight",
            highlight=False,
        )


def _group(found: "Status") -> "RenderableType":
    group = found.group
    if group.members is None:
        return f"Group {group.name}: this broker does not tell its members"
    if group.state == "Dead" and all(each.committed is None for each in found.partitions):
        # So Kafka calls a group that it has never heard of.
        return f"Group {group.name}: no worker has joined yet"
    members = [
        f"  {member.instance or member.client} at {member.host}: partitions "
        + (", ".join(map(str, member.partitions)) or "none")
        for member in group.members
    ]
    state = f"{group.state.lower() if group.state else 'unknown'}, {counted(len(group.members), 'worker')}"
    return "\n".join([f"Group {group.name}: {state}", *members])


def _lag_table(found: "Status") -> "Table":
    table = _table("Lag of the events", "partition", "committed", "end", "lag", "oldest waits")
    for each in found.partitions:
        committed = "-" if each.committed is None else str(each.committed)
        age = "-" if each.oldest_age is None else f"{each.oldest_age:.1f} s"
        table.add_row(str(each.partition), committed, str(each.end), str(each.lag), age)
    ages = [each.oldest_age for each in found.partitions if each.oldest_age is not None]
    table.add_section()
    table.add_row("all", "", "", str(found.lag), f"{max(ages):.1f} s" if ages else "-")
    return table


def _topic_table(title: str, topics: "tuple[TopicStatus, ...]") -> "Table":
    table = _table(title, "topic", "offsets kept", "records/s")
    for each in topics:
        table.add_row(each.name, str(each.records), f"{each.per_second:.1f}")
    return table


def _review(found: "Status") -> "Table":
    # They do not tell a withdrawal, or the marker of a transaction, from a task.
    title = "Review queues: offsets kept (of tasks, withdrawals and, with transactions, markers)"
    table = _table(title, "queue", "class 0", "class 1", "class 2", "messages/s")
    queues: dict[str, dict[str, TopicStatus]] = {}
    for each in found.review:
        queue, _, class_ = each.name.rpartition(".")
        queues.setdefault(queue, {})[class_] = each
    for queue, classes in queues.items():
        kept = [str(classes[number].records) if number in classes else "-" for number in ("0", "1", "2")]
        table.add_row(queue, *kept, f"{sum(each.per_second for each in classes.values()):.1f}")
    return table


def _table(title: str, first: str, *others: str) -> "Table":
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for other in others:
        table.add_column(other, justify="right")
    return table
