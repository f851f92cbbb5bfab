"""Thresholds and what they give, as tables."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.bar import Bar
from rich.table import Table

if TYPE_CHECKING:
    from sluicegate.models.thresholds.chosen import HarmThresholds
    from sluicegate.models.thresholds.goals import GoalKind
    from sluicegate.models.thresholds.recorded import Estimate, GoalThreshold

__all__ = ["goal_words", "goals_table", "probability", "trade_table"]

_BAR = 8


def goal_words(kind: "GoalKind", value: float) -> str:
    """Give a goal in words."""
    if kind == "false_alarms":
        return f"{value:.4g} of 1,000 ordinary"
    return f"{value:.4g} hours a day" if kind == "hours" else f"{kind} {value:.4g}"


def trade_table(of_harm: "HarmThresholds") -> Table:
    """Show what thresholds of a harm give from low to high, those that goals ask for among them."""
    counts = f"{len(of_harm.sample.positives):,} with the harm, {len(of_harm.sample.harmless):,} ordinary"
    title = f"{of_harm.harm}: {counts}, at a prevalence of {of_harm.stream.prevalence:.2%}"
    table = Table(title=title, title_justify="left")
    at_goals = {one.probability.value for one in of_harm.chosen}
    rows = [(point.probability, probability(point.probability), point.gives) for point in of_harm.points]
    rows = [row for row in rows if row[0] not in at_goals]
    rows += [(one.probability.value, _at_goal(one), one.gives) for one in of_harm.chosen]
    daily = [any(gives.cases_a_day for *_, gives in rows), any(gives.hours_a_day for *_, gives in rows)]
    for name in ("threshold", "precision", "recall", "", "of 1,000 ordinary"):
        table.add_column(name, overflow="fold")
    for name, shown in zip(("cases a day", "hours a day"), daily, strict=True):
        if shown:
            table.add_column(name, overflow="fold")
    for value, threshold, gives in sorted(rows, key=lambda row: row[0]):
        bar = Bar(1, 0, gives.recall.value if gives.recall else 0, width=_BAR)
        numbers = [_decimals(gives.false_alarms, 1)]
        numbers += [_decimals(gives.cases_a_day, 0)] if daily[0] else []
        numbers += [_decimals(gives.hours_a_day, 1)] if daily[1] else []
        style = "bold" if value in at_goals else None
        table.add_row(threshold, _share(gives.precision), _share(gives.recall), bar, *numbers, style=style)
    table.caption = (
        "Flagged is a probability as high or higher. Intervals are of 95 %. The bar is recall; "
        "the column after it says how many of 1,000 ordinary posts are flagged."
    )
    table.caption_justify = "left"
    return table


def goals_table(thresholds: "Mapping[str, Sequence[GoalThreshold]]") -> Table:
    """Show the thresholds of a bundle that were set by goals."""
    columns = ("harm", "goal", "threshold", "precision", "recall", "of 1,000 ordinary", "prevalence", "texts")
    table = Table(*columns, title="Thresholds set by goals", title_justify="left")
    for harm, of_harm in thresholds.items():
        for one in of_harm:
            gives = one.gives
            table.add_row(
                harm,
                goal_words(one.goal, one.value),
                _interval(one.probability),
                _share(gives.precision),
                _share(gives.recall),
                _decimals(gives.false_alarms, 1),
                f"{one.prevalence:.2%}",
                f"{one.positives + one.harmless:,}",
            )
    return table


def probability(value: float) -> str:
    """Give a probability with as many digits as tell it from 0 and from 1."""
    # Imported late, as all of models: other commands need not wait for scikit-learn.
    from sluicegate.models.figures import shown_probability

    return shown_probability(value)


def _at_goal(threshold: "GoalThreshold") -> str:
    return f"{_interval(threshold.probability)}\n{goal_words(threshold.goal, threshold.value)}"


def _interval(estimate: "Estimate") -> str:
    return f"{probability(estimate.value)}\n{probability(estimate.low)}-{probability(estimate.high)}"


def _share(estimate: "Estimate | None") -> str:
    if estimate is None:
        return "unknown"
    return f"{estimate.value:.1%}\n{100 * estimate.low:.1f}-{100 * estimate.high:.1f}"


def _decimals(estimate: "Estimate | None", places: int) -> str:
    if estimate is None:
        return "unknown"
    return f"{estimate.value:,.{places}f}\n{estimate.low:,.{places}f}-{estimate.high:,.{places}f}"
