"""The report of a run: JSON for programs, and tables for people."""

from collections.abc import Iterator
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table

from sluicegate.bench.chaos.recovery import Recoveries
from sluicegate.bench.chaos.verdict import Figures, Verdict

__all__ = ["as_json", "as_tables"]


def as_json(verdict: Verdict, about: dict[str, Any]) -> bytes:
    """Give a verdict as JSON.

    Parameters
    ----------
    verdict
        Of the run.
    about
        What was run: seed, size and so on.
    """
    found: dict[str, Any] = {
        **about,
        "delivery": verdict.delivery,
        "passed": verdict.passed,
        "stalled": verdict.stalled,
        "guarantees": [{**msgspec.to_builtins(each), "holds": each.holds} for each in verdict.findings],
        "figures": msgspec.to_builtins(verdict.figures),
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=1)


def as_tables(verdict: Verdict) -> RenderableType:
    """Give a verdict as tables for a terminal."""
    findings = Table("guarantee", "holds", "counted", title="Guarantees", title_justify="left")
    for finding in verdict.findings:
        holds = "yes" if finding.holds else f"NO, {finding.faults:,} times"
        findings.add_row(finding.guarantee, holds, "\n".join([finding.counted, *finding.examples]))
    figures = Table("figure", "measured", title="Figures", title_justify="left")
    for name, measured in _rows(verdict.figures):
        figures.add_row(name, measured)
    return Group(findings, figures, _sentence(verdict))


def _sentence(verdict: Verdict) -> str:
    if verdict.passed:
        return f"All guarantees held ({verdict.delivery})."
    why = [f"did not hold: {', '.join(sorted(verdict.broken))}"] if verdict.broken else []
    why += ["the workers made no progress any more, and the run was given up"] if verdict.stalled else []
    return f"FAILED ({verdict.delivery}): {'; '.join(why)}."


def _rows(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "events, and poison", f"{figures.events:,}, {figures.poison:,} of {figures.poison_kinds} reasons"
    yield "lost", f"{figures.lost:,}"
    yield "decisions", f"{figures.decisions:,}"
    yield "dead letters", f"{figures.dead_letters:,}"
    yield "tasks and withdrawals", f"{figures.tasks:,}, {figures.withdrawals:,}"
    yield "raw duplicates of decisions", f"{figures.raw_duplicates:,} ({figures.duplicate_share:.2%})"
    for kind, count in sorted(figures.duplicates_by_fault.items()):
        yield f"of these, last befell: {kind}", f"{count:,}"
    yield "duplicates of tasks, withdrawals, dead letters", f"{figures.other_duplicates:,}"
    for kind, count in figures.faults.items():
        yield kind, f"{count:,}"
    yield "of these, partitions had moved", f"{figures.zombies_moved:,} frozen workers"
    yield "workers that ended by themselves", f"{figures.ended_by_themselves:,}"
    yield "memberships lost", f"{figures.expiries:,}"
    if figures.longest_stop is not None:
        yield "longest time from SIGTERM to the end", f"{figures.longest_stop:.1f} s"
    yield "from a SIGKILL until all its partitions move", _seconds(figures.worker_recovery)
    yield "the same, where nothing else befell", _seconds(figures.worker_recovery_alone)
    yield "from a broker's return until all partitions move", _seconds(figures.broker_recovery)
    yield "the same, where nothing else befell", _seconds(figures.broker_recovery_alone)


def _seconds(found: Recoveries) -> str:
    if found.median is None or found.longest is None:
        return "-"
    return f"median {found.median:.1f} s, longest {found.longest:.1f} s, of {found.count}"
