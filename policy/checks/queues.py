"""Rules send content to queues that exist, in any language; no queue stands without a rule."""

from collections.abc import Iterator

from sluicegate.policy.draft import Draft
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
        for place, queue in enumerate(known):
            if queue.languages is None and place + 1 < len(known):
                yield draft.source.fault(
                    rule.queues[place + 1].start,
                    f"queue {known[place + 1].name!r} is never reached: {queue.name!r} serves any language",
                    "put the queue for any language last",
                )
                break
        if all(queue.languages is not None for queue in known):
            yield draft.source.fault(
                rule.queues[-1].start,
                f"rule {rule.name!r} has no queue for the languages that its queues do not serve",
                "add a queue with 'languages: any' as the last one",
            )
