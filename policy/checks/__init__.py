"""Static checks of a policy, one concern a file. Each is a function from a draft to faults."""

from collections.abc import Callable, Iterator

from sluicegate.policy.checks.bounds import check_class_bounds, check_views
from sluicegate.policy.checks.names import check_harm_names, check_rule_names
from sluicegate.policy.checks.queues import check_fallbacks, check_queue_names, check_unused_queues
from sluicegate.policy.checks.reach import check_impossible, check_unreachable
from sluicegate.policy.checks.words import check_words
from sluicegate.policy.draft import Draft
from sluicegate.policy.faults import Fault

CHECKS: tuple[Callable[[Draft], Iterator[Fault]], ...] = (
    check_harm_names,
    check_rule_names,
    check_queue_names,
    check_unused_queues,
    check_fallbacks,
    check_class_bounds,
    check_views,
    check_words,
    check_impossible,
    check_unreachable,
)


def run_checks(draft: Draft) -> list[Fault]:
    """Run every check on a draft."""
    return [fault for check in CHECKS for fault in check(draft)]
