"""From probabilities to decisions, as pure functions. Imports only the contracts."""

from sluicegate.policy.deciding import (
    ACT,
    ALLOW,
    DEFAULT_RULE,
    DELETED_RULE,
    DELETED_TYPE,
    OUTCOME_NAMES,
    REVIEW,
    DecidedRow,
    Decisions,
    decide,
)
from sluicegate.policy.desk import CalibrationState, DeskState, QueueState
from sluicegate.policy.document import CLASSES, FalseAlarm, Harm, Policy, Queue, Rule
from sluicegate.policy.explain import Explanation, explain
from sluicegate.policy.faults import Fault, PolicyError
from sluicegate.policy.features import Features, comparable
from sluicegate.policy.loading import check_harms, default_policy_path, load_policy, parse_policy
from sluicegate.policy.views import ViewsTable

__all__ = [
    "ACT",
    "ALLOW",
    "CLASSES",
    "DEFAULT_RULE",
    "DELETED_RULE",
    "DELETED_TYPE",
    "OUTCOME_NAMES",
    "REVIEW",
    "CalibrationState",
    "DecidedRow",
    "Decisions",
    "DeskState",
    "Explanation",
    "FalseAlarm",
    "Fault",
    "Features",
    "Harm",
    "Policy",
    "PolicyError",
    "Queue",
    "QueueState",
    "Rule",
    "ViewsTable",
    "check_harms",
    "comparable",
    "decide",
    "default_policy_path",
    "explain",
    "load_policy",
    "parse_policy",
]
