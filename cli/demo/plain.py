"""The demo in lines: one a second while it runs, and the books at the end."""

from sluicegate.cli.demo.ledger import Ledger, quantile

__all__ = ["milliseconds", "status_line", "summary"]


def milliseconds(seconds: float | None) -> str:
    """Write a latency; a dash where there is none."""
    return "-" if seconds is None else f"{seconds * 1000:,.0f} ms"


def status_line(ledger: Ledger, elapsed: float, now: float) -> str:
    """Say in one line what flows.

    Parameters
    ----------
    ledger
        What was seen so far.
    elapsed
        Seconds since the demo began.
    now
        On the ledger's clock.
    """
    produced, decided = ledger.rates(now)
    latencies = ledger.latencies(now)
    return (
        f"{elapsed:5.1f} s  {produced:4.0f}/s in  {decided:4.0f}/s out  "
        f"p50 {milliseconds(quantile(latencies, 0.5))}  p99 {milliseconds(quantile(latencies, 0.99))}  "
        f"allow {ledger.outcomes['allow']:,}  review {ledger.outcomes['review']:,}  act {ledger.outcomes['act']:,}  "
        f"dead letters {ledger.dead_lettered:,}  lag {ledger.figures.lag_records:,}"
    )


def summary(ledger: Ledger, first_decision: float | None) -> str:
    """Write the books, and what does not balance in them.

    Parameters
    ----------
    ledger
        At rest, after the last event.
    first_decision
        Seconds from the start of the demo to the first decision.
    """
    figures = ledger.figures
    lines = [
        "",
        f"produced        {ledger.produced:>9,}",
        f"consumed        {figures.consumed:>9,}   by the worker's metrics",
        f"decided         {ledger.decided:>9,}   "
        + ", ".join(f"{name} {ledger.outcomes[name]:,}" for name in ("allow", "review", "act")),
        f"dead-lettered   {ledger.dead_lettered:>9,}   "
        + ", ".join(f"{reason} {count:,}" for reason, count in ledger.reasons.most_common()),
        f"in flight       {figures.in_flight:>9,}",
        f"review tasks    {ledger.tasks.total():>9,}   " + _by_queue(ledger),
    ]
    if first_decision is not None:
        lines.append(f"first decision  {first_decision:>9.1f} s after the start")
    faults = ledger.faults()
    lines.append("")
    lines += [f"The books do not balance: {fault}." for fault in faults] or [
        "The books balance: consumed = decided + dead-lettered, in the metrics and in the topics."
    ]
    return "\n".join(lines)


def _by_queue(ledger: Ledger) -> str:
    queues: dict[str, int] = {}
    for (queue, _), count in ledger.tasks.items():
        queues[queue] = queues.get(queue, 0) + count
    return ", ".join(f"{queue} {count:,}" for queue, count in sorted(queues.items(), key=lambda item: -item[1]))
