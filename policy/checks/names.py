"""Names that conditions and rules use must exist, and say which rule is meant."""

from collections.abc import Iterator

from sluicegate.policy.cel.ast import Score, walk
from sluicegate.policy.draft import Draft, When
from sluicegate.policy.faults import Fault, did_you_mean


def conditions_of(draft: Draft) -> list[When]:
    """Give all conditions of a policy that could be read."""
    stated = [rule.when for rule in draft.rules] + [draft.watch]
    return [when for when in stated if when is not None]


def check_harm_names(draft: Draft) -> Iterator[Fault]:
    """Check that each ``scores.<harm>`` names a harm of the policy."""
    for when in conditions_of(draft):
        for part in walk(when.condition):
            if isinstance(part, Score) and part.harm not in draft.harms:
                offset = draft.source.offset_within(when.node, part.at)
                hint = did_you_mean(part.harm, draft.harms)
                yield draft.source.fault(offset, f"unknown harm {part.harm!r}", hint)


def check_rule_names(draft: Draft) -> Iterator[Fault]:
    """Check that each rule has a name of its own: decisions refer to it."""
    if not draft.rules:
        yield draft.source.fault(0, "the policy has no rules", "add at least one under 'rules:'")
    seen: set[str] = set()
    for rule in draft.rules:
        if rule.name and rule.name in seen:
            yield draft.source.fault(
                rule.node.start, f"a second rule has the name {rule.name!r}", "give it a name of its own"
            )
        seen.add(rule.name)
