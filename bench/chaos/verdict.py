"""The verdict on a run, a pure function of its evidence: which guarantees held, and what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sluicegate.bench.chaos.evidence import Delivery, Evidence
from sluicegate.bench.chaos.guarantees import GUARANTEES, Finding
from sluicegate.bench.chaos.ledger import Ledger
from sluicegate.bench.chaos.recovery import Recoveries, moved_zombies, recoveries
from sluicegate.bench.chaos.schedule import Kind
from sluicegate.bench.chaos.timing import TIMED_GUARANTEES, duplicates, duplicates_by_fault

__all__ = ["Figures", "Verdict", "judge"]

#: Seconds before a fault in which another still disturbs.
_CALM: Final = 2.0


@dataclass(frozen=True)
class Figures:
    """What was measured.

    Attributes
    ----------
    events, poison, poison_kinds, decisions, dead_letters, tasks, withdrawals
        Published events that can be read, poison, its reasons; distinct outputs.
    lost
        Events without a decision and poison without a dead letter.
    raw_duplicates, duplicate_share
        Decisions that repeat one, and their share of the events.
    duplicates_by_fault
        How many of them each kind of fault explains, by the last that befell; "none" where none of the schedule does.
    other_duplicates
        Tasks, withdrawals and dead letters that repeat one.
    faults
        How often each befell.
    zombies_moved
        Workers that came back after every partition of theirs had moved.
    ended_by_themselves
        Workers that exited without having been told to.
    expiries
        Memberships that workers lost: those that were frozen do, and those that got no core for as long.
    longest_stop
        Seconds from SIGTERM to the end of the worker that took longest; None where none was stopped.
    worker_recovery, worker_recovery_alone
        Seconds from a SIGKILL until all partitions of that worker moved again: after all, and after those alone that
        nothing else fell together with.
    broker_recovery, broker_recovery_alone
        Seconds from a broker's return until all partitions moved again.
    """

    events: int
    poison: int
    poison_kinds: int
    decisions: int
    dead_letters: int
    tasks: int
    withdrawals: int
    lost: int
    raw_duplicates: int
    duplicate_share: float
    duplicates_by_fault: dict[str, int]
    other_duplicates: int
    faults: dict[str, int]
    zombies_moved: int
    ended_by_themselves: int
    expiries: int
    longest_stop: float | None
    worker_recovery: Recoveries
    worker_recovery_alone: Recoveries
    broker_recovery: Recoveries
    broker_recovery_alone: Recoveries


@dataclass(frozen=True)
class Verdict:
    """Findings on every guarantee, and figures.

    Attributes
    ----------
    delivery
        What the workers promise.
    stalled
        Whether the run was given up, for want of progress.
    findings, figures
        What was found.
    """

    delivery: Delivery
    stalled: bool
    findings: Sequence[Finding]
    figures: Figures

    @property
    def broken(self) -> set[str]:
        """The guarantees that did not hold."""
        return {finding.guarantee for finding in self.findings if not finding.holds}

    @property
    def passed(self) -> bool:
        """Whether all held, to the end of the load."""
        return not self.stalled and not self.broken


def judge(evidence: Evidence) -> Verdict:
    """Judge a run."""
    ledger = Ledger.of(evidence)
    findings = [guarantee(ledger) for guarantee in (*GUARANTEES, *TIMED_GUARANTEES)]
    return Verdict(evidence.delivery, evidence.stalled, findings, _figures(ledger))


def _figures(ledger: Ledger) -> Figures:
    evidence = ledger.evidence
    raw = sum(len(raw) - 1 for raw in ledger.decided.values())
    lost = [event for event in ledger.good if event not in ledger.decided]
    unlettered = [sequence for sequence in ledger.poison if sequence not in ledger.letters]
    return Figures(
        events=len(ledger.good),
        poison=len(ledger.poison),
        poison_kinds=len({planned.reason for planned in ledger.poison.values()}),
        decisions=len(ledger.decided),
        dead_letters=len(ledger.letters),
        tasks=len(ledger.tasks),
        withdrawals=len(ledger.withdrawals),
        lost=len(lost) + len(unlettered),
        raw_duplicates=raw,
        duplicate_share=raw / max(1, len(ledger.good)),
        duplicates_by_fault=duplicates_by_fault(ledger),
        other_duplicates=len(duplicates(ledger)) - raw,
        faults={kind: sum(fault.kind is kind for fault in evidence.faults) for kind in Kind},
        zombies_moved=moved_zombies(evidence),
        ended_by_themselves=sum(stop.seconds is None for stop in evidence.stops),
        expiries=len(evidence.expiries),
        longest_stop=max((stop.seconds for stop in evidence.stops if stop.seconds is not None), default=None),
        worker_recovery=_recovered(evidence, Kind.KILL, alone=False),
        worker_recovery_alone=_recovered(evidence, Kind.KILL, alone=True),
        broker_recovery=_recovered(evidence, Kind.BROKER_KILL, alone=False),
        broker_recovery_alone=_recovered(evidence, Kind.BROKER_KILL, alone=True),
    )


def _recovered(evidence: Evidence, kind: Kind, *, alone: bool) -> Recoveries:
    found = recoveries(evidence, kind, _CALM)
    return Recoveries.of([each.seconds for each in found if each.seconds is not None and each.undisturbed >= alone])
