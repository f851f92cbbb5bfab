"""The tables of ``docs/scaling.md``, between its markers; all else on the page is written by hand."""

from collections.abc import Sequence
from typing import Final

from sluicegate.bench.scaling.inputs import Assumed, Inputs
from sluicegate.bench.scaling.latency import fit
from sluicegate.bench.scaling.sizing import (
    catch_up_seconds,
    hot_limit,
    process_rate,
    size_for,
    topics_of,
    topics_touched,
)

__all__ = ["BEGIN", "END", "replaced", "tables"]

BEGIN: Final = "<!-- begin: written by python -m sluicegate.bench.scaling -->"
END: Final = "<!-- end -->"

RATES: Final = (1_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000)
_UTILISATIONS: Final = (0.25, 0.5, 0.6, 0.75, 0.85, 0.9)


def replaced(page: str, inputs: Inputs, assumed: Assumed) -> str:
    """Give a page with its tables written anew.

    Raises
    ------
    ValueError
        Where it has no markers.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no lines {BEGIN!r} and {END!r}, between which the tables go")
    return f"{before}{BEGIN}\n\n{tables(inputs, assumed)}\n{END}{after}"


def tables(inputs: Inputs, assumed: Assumed) -> str:
    """Write all tables."""
    return "\n".join(
        (
            _measured(inputs),
            _sizes(inputs, assumed),
            _latency(inputs),
            _fan_out(inputs, assumed),
            _hot(inputs),
            _recovery(inputs, assumed),
            _memory(inputs, assumed),
        )
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + "\n"


def _measured(inputs: Inputs) -> str:
    rows = [
        ("one process, events a second", f"{inputs.events_per_second:,.0f}"),
        ("its processor time an event", f"{inputs.worker_microseconds:.1f} us"),
        ("the broker's processor time an event, without replication", f"{inputs.broker_microseconds:.1f} us"),
        ("two processes to one, the broker's share of the cores allowed for", f"{inputs.two_to_one:.2f} times"),
        ("of an event in the log: itself", f"{inputs.event_bytes:,.0f} bytes"),
        ("its decision, compressed", f"{inputs.decision_bytes:,.0f} bytes"),
        (f"its tasks, compressed ({inputs.tasks:.3f} an event)", f"{inputs.task_bytes:,.0f} bytes"),
        ("memory of a process", f"{inputs.process_mb:,.0f} MB"),
        ("from start to ready", f"{inputs.ready_seconds:.1f} s"),
    ]
    said = "; ".join(f"{what}: {where}" for what, where in inputs.sources.items())
    return f"### Measured\n\nOn {inputs.measured_at}. Sources: {said}.\n\n{_table(('figure', 'value'), rows)}"


def _sizes(inputs: Inputs, assumed: Assumed) -> str:
    head = (
        "events/s at the peak",
        "machines",
        "processes",
        "cores busy with events",
        "partitions",
        "busiest process",
        "with a machine lost",
        "brokers",
        "MB/s in",
        "MB/s out",
        "disk, TB",
        "copies of partitions a broker",
    )
    rows = []
    for rate in RATES:
        try:
            found = size_for(rate, inputs, assumed)
        except ValueError:
            rows.append((f"{rate:,}", *["beyond one cluster"] * (len(head) - 1)))
            continue
        rows.append(
            (
                f"{rate:,}",
                f"{found.machines}",
                f"{found.processes}",
                f"{rate * inputs.worker_microseconds / 1e6:,.1f}",
                f"{found.partitions}",
                f"{found.usual:.0%}",
                f"{found.without_one:.0%}",
                f"{found.brokers}",
                f"{found.mb_in:,.1f}",
                f"{found.mb_out:,.1f}",
                f"{found.terabytes:,.2f}",
                f"{found.copies:,}",
            )
        )
    return (
        f"### What a rate takes\n\nA process among others does {process_rate(inputs):,.0f} events a second. Machines "
        f"of {assumed.cores_of_a_machine} cores, one process a core, {assumed.usual:.0%} full at the peak, and at most "
        f"{assumed.most:.0%} on average with one machine lost; {assumed.replicas} replicas, of which a follower costs "
        f"{assumed.follower_share:.0%} of a leader; brokers of {assumed.broker_cores} cores, "
        f"{assumed.network_mb:,.0f} MB/s each way and {assumed.disk_mb:,.0f} MB/s of disk, half used, and one more; "
        f"events kept {assumed.events_days:g} days, outputs {assumed.outputs_days:g}, at a mean rate of "
        f"{assumed.mean_to_peak:.0%} of the peak; outputs read by {assumed.readers}.\n\n" + _table(head, rows)
    )


def _latency(inputs: Inputs) -> str:
    delays = fit(inputs.latency, inputs.events_per_second)
    held = [
        (f"{rate:,.0f}", *(f"{value:,.0f}" for value in (each.p50, each.p99, *delays.at(rate))))
        for each in sorted(inputs.latency, key=lambda each: each.events_per_second)
        for rate in [each.events_per_second]
    ]
    ahead = [
        (f"{share:.0%}", *(f"{value:,.0f}" for value in delays.at(share * delays.capacity))) for share in _UTILISATIONS
    ]
    return (
        f"### Latency\n\nOf one process, in ms. Fitted: {delays.p50:.0f} ms in the median and {delays.p99:.0f} at the "
        "99th percentile, over the share that is free. Measured, beside what that gives for the same rate:\n\n"
        + _table(("events/s", "measured p50", "measured p99", "fitted p50", "fitted p99"), held)
        + "\nThe same by utilisation:\n\n"
        + _table(("utilisation", "p50", "p99"), ahead)
    )


def _fan_out(inputs: Inputs, assumed: Assumed) -> str:
    rows = []
    for batch in (1, 10, 50, inputs.batch_max):
        touched = topics_touched(batch, inputs, assumed)
        rows.append((f"{batch}", f"{touched:.2f}", f"{touched / batch:.3f}"))
    topics = topics_of(assumed)
    return (
        f"### Fan-out\n\n{assumed.queues} queues make {topics} topics with as many partitions as the events: "
        f"{topics} x 48 = {topics * 48:,} partitions at 48, {topics * 384:,} at 384. What a batch is written to:\n\n"
        + _table(("events of a batch", "record batches written", "an event"), rows)
    )


def _hot(inputs: Inputs) -> str:
    rows = [
        (f"{share:.1%}", *(f"{hot_limit(share, partitions, inputs):,.0f}" for partitions in (12, 48, 192)))
        for share in (0.0, 0.001, 0.01, 0.05, 0.2)
    ]
    head = ("share of the busiest actor", "12 partitions", "48 partitions", "192 partitions")
    return (
        "### A hot key\n\nEvents a second at which one partition alone fills a process, with a process for each:\n\n"
        + _table(head, rows)
    )


def _recovery(inputs: Inputs, assumed: Assumed) -> str:
    stops = {
        "a clean restart under a name": inputs.ready_seconds,
        "a crash, started again under a name": inputs.ready_seconds + 1,
        "a machine lost": assumed.session_timeout,
    }
    head = ("standstill of the partitions concerned", *(f"at {share:.0%}" for share in _UTILISATIONS))
    rows = [
        (
            f"{what}, {standstill:.0f} s",
            *(f"{standstill + catch_up_seconds(standstill, share):.0f} s" for share in _UTILISATIONS),
        )
        for what, standstill in stops.items()
    ]
    return (
        "### Until the lag is gone\n\nSeconds from the stop, by the utilisation of the process that does the work "
        "after it:\n\n" + _table(head, rows)
    )


def _memory(inputs: Inputs, assumed: Assumed) -> str:
    rows = [
        (
            f"{processes}",
            f"{processes * inputs.process_mb / 1e3:.1f} GB",
            f"{processes * (inputs.process_mb + assumed.buffer_mb) / 1e3:.1f} GB",
        )
        for processes in (1, 2, 4, 8, 16, 32)
    ]
    head = ("processes of a machine", "resident", "with full buffers (`SLUICEGATE_BUFFER_BYTES`)")
    return "### Memory\n\n" + _table(head, rows)
