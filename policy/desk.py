"""The desk: what a review is worth, what it takes, what a minute costs, and how soon it should be read."""

from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sluicegate.policy.document import Policy

Floats = NDArray[np.float64]


class QueueState(msgspec.Struct, frozen=True):
    """One queue, as the feedback process measured it.

    Parameters
    ----------
    outstanding_minutes
        Handling time of the tasks that were sent and not yet decided.
    capacity
        Reviewers' minutes an hour, measured from outcomes.
    """

    outstanding_minutes: float
    capacity: float


class CalibrationState(msgspec.Struct, frozen=True):
    """What was learned of one model's scores for one harm.

    Parameters
    ----------
    shift
        To add to the log-odds.
    suspended
        Score buckets in which automatic action is suspended.
    """

    shift: float = 0.0
    suspended: tuple[int, ...] = ()


class DeskState(msgspec.Struct, frozen=True):
    """The desk's state, read whole by every scoring worker.

    Parameters
    ----------
    as_of
        When it was computed, RFC 3339.
    clearing
        The price of a minute at which the work offered just fills the capacity.
    class_bounds
        Value per minute from which a task is of class 0, and of class 1.
    queues
        By name.
    models
        By model, then by harm.
    """

    as_of: str
    clearing: float
    class_bounds: tuple[float, float]
    queues: dict[str, QueueState] = {}
    models: dict[str, dict[str, CalibrationState]] = {}


def value_of(policy: "Policy", scores: Floats, views_left: Floats) -> Floats:
    """Give the harm that a review averts, less the harm that it may do.

    Parameters
    ----------
    scores
        Probabilities of the policy's harms, in its order, shape (n, h).
    views_left
        Expected views left, shape (n,).

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    weighed = np.zeros(len(scores))
    # One harm after the other: the sum of a matrix product differs in its last bits with the size of the batch,
    # and a replay in other batches must give the same.
    for column, harm in enumerate(policy.harms.values()):
        weighed += scores[:, column] * harm.severity
    averted = (1.0 - policy.missed) * weighed * views_left
    alarm = policy.false_alarm
    wronged = alarm.rate * (alarm.fixed + alarm.per_view * views_left)
    return np.asarray(averted - (1.0 - scores.max(axis=1)) * wronged)


def minutes_of(policy: "Policy", scores: Floats) -> Floats:
    """Give the handling time of the harm each task is about: the largest probability times severity."""
    severities = np.array([harm.severity for harm in policy.harms.values()])
    minutes = np.array([harm.minutes for harm in policy.harms.values()])
    return np.asarray(minutes[np.argmax(scores * severities, axis=1)])


def prices_of(policy: "Policy", state: DeskState | None) -> Floats:
    """Give the price of a minute in each queue of the policy; 0 without a state, or for a queue it lacks."""
    prices = np.zeros(len(policy.queues))
    if state is None:
        return prices
    for index, queue in enumerate(policy.queues):
        measured = state.queues.get(queue.name)
        if measured is not None and measured.capacity > 0:
            work_waited_for = policy.wait_minutes / 60.0 * measured.capacity
            prices[index] = state.clearing * (measured.outstanding_minutes / work_waited_for) ** 2
    return prices


def classes_of(policy: "Policy", state: DeskState | None, value_per_minute: Floats) -> NDArray[np.int8]:
    """Give the class of each task: 0 is read first. Without a state the policy's own bounds hold."""
    first, second = policy.class_bounds if state is None else state.class_bounds
    return np.where(value_per_minute >= first, 0, np.where(value_per_minute >= second, 1, 2)).astype(np.int8)
