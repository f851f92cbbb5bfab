"""What a replay found, as tables."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from rich.table import Table

from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from sluicegate.models.comparison import ReplayReport
    from sluicegate.models.comparison.replay_report import Served

__all__ = ["laid_out"]

#: Those that have room on a terminal of eighty columns; the others are in the JSON.
_SHOWN = ("0.01", "0.5", "0.99")
#: Changes of a kind that are shown; the others are in the JSON.
_CHANGES_MOST = 20


def laid_out(found: "ReplayReport") -> Iterator[Table | str]:
    """Give the parts of a report in the order they are shown."""
    dead = sum(found.dead_lettered.values())
    yield (
        f"{counted(found.events, 'event')} replayed: {found.decided:,} decided, {dead:,} dead letters; "
        f"{found.compared:,} compared with their live decision, {found.same:,} of them decided the same"
    )
    yield (
        f"No live decision: {found.live_missing:,}; repeated events: {found.repeated:,}; repeated live decisions: "
        f"{found.live_repeated:,}; live decisions without one now: {found.live_only:,}; changed by a second opinion "
        f"then: {found.opinions:,}"
    )
    for name, each in (("then", found.live), ("now", found.replayed)):
        if each:
            yield _served(name, each)
    columns = list(next(iter(found.outcomes.values())))
    outcomes = Table("then", *(f"now {name}" for name in columns), title="Outcomes", title_justify="left")
    for before, counts in found.outcomes.items():
        outcomes.add_row(before, *(f"{counts[name]:,}" for name in columns))
    yield outcomes
    for title, changes in (
        ("Actions", found.actions),
        ("Queues", found.queues),
        ("Classes", found.classes),
        ("Rules", found.rules),
    ):
        if changes:
            yield _changes(title, changes)
    if found.scores:
        yield _scores(found)
    if found.examples:
        yield _examples(found)


def _served(when: str, each: "tuple[Served, ...]") -> Table:
    table = Table("model", "policy", "decisions", title=f"Decided {when} by", title_justify="left")
    for one in each:
        names = (f"{part.name} {part.version} ({part.digest[7:15]})" for part in (one.model, one.policy))
        table.add_row(*names, f"{one.decisions:,}")
    return table


def _changes(title: str, changes: Mapping[str, Mapping[str, int]]) -> Table:
    pairs = sorted(((count, before, now) for before, each in changes.items() for now, count in each.items()))[::-1]
    table = Table("then", "now", "events", title=f"{title} that changed", title_justify="left")
    for count, before, now in pairs[:_CHANGES_MOST]:
        table.add_row(before, now, f"{count:,}")
    if len(pairs) > _CHANGES_MOST:
        rest = sum(count for count, _, _ in pairs[_CHANGES_MOST:])
        table.add_row("others", f"{len(pairs) - _CHANGES_MOST} changes", f"{rest:,}")
    return table


def _scores(found: "ReplayReport") -> Table:
    columns = ("harm", "events", "mean", "mean size", *(f"{float(name):.0%}" for name in _SHOWN))
    table = Table(*columns, title="Probability now less that then", title_justify="left")
    for harm, each in found.scores.items():
        shown = (each.mean, each.mean_absolute, *(each.quantiles[name] for name in _SHOWN))
        table.add_row(harm, f"{each.events:,}", *(f"{value:+.4f}" for value in shown))
    return table


def _examples(found: "ReplayReport") -> Table:
    table = Table("decision", "partition", "offset", "then", "rule", "now", "rule", title="Examples")
    table.title_justify = "left"
    for each in found.examples:
        where = (each.decision_id, str(each.partition), str(each.offset))
        table.add_row(*where, each.live, each.live_rule, each.replayed, each.replayed_rule)
    return table
