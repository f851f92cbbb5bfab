"""Rules that can never fire: their condition cannot be true, or rules before them decide all it would."""

from collections.abc import Iterator

from sluicegate.policy.cel.ast import Compare, Node, Number, Score, walk
from sluicegate.policy.checks.names import conditions_of
from sluicegate.policy.checks.regions import Box, TooManyBoxes, boxes_of
from sluicegate.policy.draft import Draft
from sluicegate.policy.faults import Fault

#: Boxes compared with each other before the check is given up: it must stay quick for any document.
MAX_PAIRS = 300_000


def check_impossible(draft: Draft) -> Iterator[Fault]:
    """Check that each condition can be true, and each comparison with a probability in it."""
    for when in conditions_of(draft):
        told = False
        for part in walk(when.condition):
            if _bounded(part) and not boxes_of(part):
                told = True
                yield draft.source.fault(
                    draft.source.offset_within(when.node, part.at),
                    "this comparison is never true",
                    "a score is a probability from 0.0 to 1.0",
                )
        if not told and _boxes_or_none(when.condition) == []:
            yield draft.source.fault(
                when.node.start, "this condition can never be true", "its parts contradict each other"
            )


def check_unreachable(draft: Draft) -> Iterator[Fault]:
    """Check that no rule is covered by those before it."""
    before: list[tuple[str, Box]] = []
    budget = MAX_PAIRS
    for rule in draft.rules:
        boxes = None if rule.when is None else _boxes_or_none(rule.when.condition)
        if not boxes:
            continue
        budget -= len(boxes) * len(before)
        if budget < 0:
            return
        takers = [_taker(box, before) for box in boxes]
        names = list(dict.fromkeys(taker for taker in takers if taker is not None))
        if None not in takers:
            told = " and ".join(repr(name) for name in names[:3])
            yield draft.source.fault(
                rule.node.start,
                f"rule {rule.name!r} is never reached: {told} before it already decides all that it would",
                "move it up, or remove it",
            )
        before.extend((rule.name, box) for box in boxes)


def _bounded(part: Node) -> bool:
    if not isinstance(part, Compare):
        return False
    kinds = {type(part.left), type(part.right)}
    return kinds == {Score, Number}


def _boxes_or_none(condition: Node) -> list[Box] | None:
    try:
        return boxes_of(condition)
    except TooManyBoxes:
        return None


def _taker(box: Box, before: list[tuple[str, Box]]) -> str | None:
    for name, earlier in before:
        if box.within(earlier):
            return name
    return None
