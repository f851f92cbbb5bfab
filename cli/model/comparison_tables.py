"""A comparison of models as tables."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.table import Table

from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from sluicegate.models.comparison.report import Comparison, ModelRates, Shadowing
    from sluicegate.models.evaluation.evaluation import Estimate
    from sluicegate.schemas import Provenance

__all__ = ["laid_out"]

_SHOWN = ("0.01", "0.05", "0.5", "0.95", "0.99")


def laid_out(found: "Comparison") -> Iterator[Table | str]:
    """Give the parts of a comparison in the order they are shown."""
    yield (
        f"{counted(found.decisions, 'decision')} from {found.first} to {found.last}; left out: {found.duplicates:,} "
        f"repeated, {found.deleted:,} of deleted content, {found.unread:,} unreadable"
    )
    for shadowing in found.shadows:
        yield from _shadowing(shadowing)
    if not found.shadows:
        yield "No decision has a shadow."
    yield _models(found)
    if len(found.models) > 1:
        yield _queues(found.models)
        yield _differences(found)


def _shadowing(found: "Shadowing") -> Iterator[Table | str]:
    names = f"{_name(found.model)}, shadow {_name(found.shadow)}"
    yield f"\n{names}: {counted(found.events, 'event')}, the same outcome and queue for {_share(found.agreement)}"
    outcomes = list(found.outcomes)
    flips = Table("decided", *(f"shadow {name}" for name in outcomes), title="Outcomes", title_justify="left")
    for name in outcomes:
        flips.add_row(name, *(f"{found.outcomes[name][other]:,}" for other in outcomes))
    yield flips
    load = Table("queue", "tasks", "shadow", "minutes", "shadow", title="Queue load", title_justify="left")
    for queue, each in found.queues.items():
        minutes = f"{each.minutes:,.0f}", f"{each.shadow_minutes:,.0f}"
        load.add_row(queue, f"{each.tasks:,}", f"{each.shadow_tasks:,}", *minutes)
    if found.queues:
        yield load
    columns = ("harm", "mean", "mean size", *(f"{float(name):.0%}" for name in _SHOWN))
    scores = Table(*columns, title="Probability of the shadow less that decided on", title_justify="left")
    for harm, difference in found.scores.items():
        shown = (difference.mean, difference.mean_absolute, *(difference.quantiles[name] for name in _SHOWN))
        scores.add_row(harm, *(f"{value:+.4f}" for value in shown))
    yield scores


def _models(found: "Comparison") -> Table:
    names = list(found.models[0].outcomes)
    table = Table("model", "events", *names, title="By the model that decided", title_justify="left")
    for each in found.models:
        shares = (_share(each.outcomes[name]) for name in names)
        table.add_row(_name(each.model), f"{each.events:,}", *shares)
    return table


def _queues(models: "tuple[ModelRates, ...]") -> Table:
    table = Table("queue", "model", "tasks", "of its events", "minutes per 1,000 events")
    table.title, table.title_justify = "Queue load by model", "left"
    for queue in sorted({queue for each in models for queue in each.queues}):
        for each in models:
            if queue in each.queues:
                rate = each.queues[queue]
                cells = f"{rate.tasks:,}", _share(rate.share), f"{rate.minutes_per_thousand:.1f}"
                table.add_row(queue, _name(each.model), *cells)
    return table


def _differences(found: "Comparison") -> Table:
    names = list(found.differences[0].outcomes)
    table = Table("model", "less", *names, title="Differences of shares, in points of a hundred", title_justify="left")
    for each in found.differences:
        estimates = (each.outcomes[name] for name in names)
        cells = (f"{100 * one.value:+.2f} ({100 * one.low:+.2f} to {100 * one.high:+.2f})" for one in estimates)
        table.add_row(_name(each.model), _name(each.other), *cells)
    return table


def _name(model: "Provenance") -> str:
    # A bundle that was calibrated anew keeps name and version: only the digest tells it from the one it was made of.
    return f"{model.name} {model.version} ({model.digest.removeprefix('sha256:')[:8]})"


def _share(estimate: "Estimate") -> str:
    return f"{estimate.value:.2%} ({estimate.low:.2%} to {estimate.high:.2%})"
