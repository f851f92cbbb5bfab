"""Rules send content to queues that exist, in any language; no queue stands without a rule."""

from collections.abc import Iterator

from sluicegate.policy.cel.ast import Variable
from sluicegate.policy.checks.regions import TooManyBoxes, boxes_of
from sluicegate.policy.document import Queue
from sluicegate.policy.draft import Draft, RuleDraft
from sluicegate.policy.faults import Fault, did_you_mean


def check_queue_names(draft: Draft) -> Iterator[Fault]:
    """Check that each queue that a rule names exists, and is named once in it."""
    for rule in draft.rules:
        seen: set[str] = set()
        for node in rule.queues:
            name = node.text
            if name not in draft.queues:
                yield draft.source.fault(node.start, f"unknown queue {name!r}", did_you_mean(name, draft.queues))
            elif name in seen:
                yield draft.source.fault(node.start, f"queue {name!r} is named twice", "remove one of the two")
            seen.add(name)


def check_unused_queues(draft: Draft) -> Iterator[Fault]:
    """Check that each queue is named by a rule."""
    used = {node.text for rule in draft.rules for node in rule.queues}
    for name, stated in draft.queues.items():
        if name not in used:
            yield draft.source.fault(
                stated.node.start, f"no rule sends to queue {name!r}", "name it in a rule, or remove it"
            )


def check_fallbacks(draft: Draft) -> Iterator[Fault]:
    """Check that the candidates of a rule serve every language together, an unknown one included."""
    for rule in draft.rules:
        known = [draft.queues[node.text].queue for node in rule.queues if node.text in draft.queues]
        if not known or len(known) < len(rule.queues):
            continue
        for place, queue in enumerate(known[1:], start=1):
            if _served_before(queue, known[:place]):
                yield draft.source.fault(
                    rule.queues[place].start,
                    f"queue {queue.name!r} is never reached: those before it serve its languages",
                    "put it before them, or remove it",
                )
        if not _all_served(rule, known):
            yield draft.source.fault(
                rule.queues[-1].start,
                f"rule {rule.name!r} has no queue for the languages that its queues do not serve",
                "add a queue with 'languages: any' as the last one",
            )


def _all_served(rule: RuleDraft, queues: list[Queue]) -> bool:
    """Say whether every language that the rule's condition lets through has a queue."""
    if any(queue.languages is None for queue in queues):
        return True
    served = frozenset(language for queue in queues for language in queue.languages or ())
    try:
        boxes = [] if rule.when is None else boxes_of(rule.when.condition)
    except TooManyBoxes:
        return False
    limits = [box.words.get(Variable("language")) for box in boxes]
    return bool(limits) and all(limit is not None and not limit.excluded and limit.named <= served for limit in limits)


def _served_before(queue: Queue, earlier: list[Queue]) -> bool:
    if any(other.languages is None for other in earlier):
        return True
    served = frozenset(language for other in earlier for language in other.languages or ())
    return queue.languages is not None and queue.languages <= served
