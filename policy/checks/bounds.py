"""Numbers that must fit each other."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from sluicegate.policy.draft import Draft
from sluicegate.policy.faults import Fault


def check_class_bounds(draft: Draft) -> Iterator[Fault]:
    """Check that class 0 begins above class 1."""
    node = draft.class_bounds_node
    if node is None or node.kind != "list":
        return
    bounds = draft.class_bounds
    if len(bounds) != 2 or bounds[0] <= bounds[1]:
        yield draft.source.fault(
            node.start,
            "class_bounds must be two values per minute, the first one larger",
            "write [bound of class 0, bound of class 1], as in [40, 8]",
        )


def check_views(draft: Draft) -> Iterator[Fault]:
    """Check that the table of views has a row for each age and a column for each rate, from 0 on."""
    node = draft.views_node
    if node is None or node.kind != "mapping":
        return
    table = draft.views
    for name, edges in (("ages", table.ages), ("rates", table.rates)):
        if not _rising_from_zero(edges):
            yield draft.source.fault(
                node.start, f"{name} of views must rise and start at 0", "write [0, 1, 10], for example"
            )
    if len(table.left) != len(table.ages) or any(len(row) != len(table.rates) for row in table.left):
        yield draft.source.fault(
            node.start,
            f"left of views must have {len(table.ages)} rows of {len(table.rates)} numbers",
            "give a row for each age and a column for each rate",
        )
    if len(table.unknown_rate) != len(table.ages):
        yield draft.source.fault(
            node.start,
            f"unknown_rate of views must have {len(table.ages)} numbers",
            "give one for each age",
        )


def _rising_from_zero(edges: Sequence[float]) -> bool:
    rising = all(one < other for one, other in pairwise(edges))
    return bool(edges) and edges[0] == 0 and rising
