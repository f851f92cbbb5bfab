"""Policies for tests, small enough to be read, and the parts that they are made of."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sluicegate.policy import Features

HARMS = ("spam", "hate")

HEAD = """\
version: 1
name: small
harms:
  spam: {severity: 1, minutes: 0.5}
  hate: {severity: 5, minutes: 2, warning: May attack people.}
missed: 0.1
false_alarm: {rate: 0.05, fixed: 10, per_view: 0.5}
class_bounds: [100, 20]
views:
  ages: [0, 4]
  rates: [0, 10]
  left: [[20, 100], [5, 50]]
  unknown_rate: [40, 10]
queues:
  abuse_en: {languages: [en], goal_minutes: 30, planned_minutes_per_hour: 60}
  abuse: {languages: any, goal_minutes: 60, planned_minutes_per_hour: 60}
"""

RULES = """\
rules:
  - name: hate
    when: scores.hate >= 0.5
    then: review
    queue: [abuse_en, abuse]
  - name: reported
    when: type == "content.reported" && signals.reports >= 3
    then: review
    queue: abuse
  - name: spam
    when: scores.spam > 0.9
    then: act
    action: remove
default: allow
"""

SMALL = HEAD + RULES


def with_rules(rules: str) -> str:
    """Give the small policy with other rules."""
    return HEAD + rules + "default: allow\n"


def with_condition(condition: str) -> str:
    """Give the small policy with one rule that reviews on a condition, written as a block."""
    lines = "\n".join("      " + line for line in condition.splitlines())
    rule = f"rules:\n  - name: one\n    when: |-\n{lines}\n    then: review\n    queue: [abuse_en, abuse]\n"
    return with_rules(rule)


def events(
    n: int,
    *,
    type_: Sequence[str] | None = None,
    language: Sequence[str] | None = None,
    text_truncated: Sequence[bool] | None = None,
    age_hours: Sequence[float] | None = None,
    **signals: Sequence[float],
) -> Features:
    """Give n events: created, in English, new, whole, without signals, unless told otherwise."""

    def floats(values: Sequence[float]) -> NDArray[np.float64]:
        return np.asarray(values, dtype=np.float64)

    return Features(
        type=np.array(type_ or ["content.created"] * n),
        surface=np.array(["comment"] * n),
        language=np.array(language or ["en"] * n),
        tenant=np.array([""] * n),
        text_truncated=np.array(text_truncated or [False] * n),
        age_hours=floats(age_hours or [0.0] * n),
        signals={name: floats(values) for name, values in signals.items()},
    )
