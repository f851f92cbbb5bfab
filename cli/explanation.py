"""An explanation of a decision as lines of text."""

from collections.abc import Iterator

from sluicegate.policy import Explanation
from sluicegate.policy.explain import PriorityExplained, RuleExplained, Step

__all__ = ["render"]

_MARKS = {"fired": "=>", "no": "  ", "later": "  "}


def render(explanation: Explanation, language: str | None = None) -> str:
    """Write an explanation as text: the decision, its rules in order, the arithmetic of its priority.

    Parameters
    ----------
    explanation
        Of one event.
    language
        What was identified as the language of the text, where the event names none.
    """
    lines = [_decision(explanation)]
    if language is not None:
        lines.append(f"language: {language}")
    if explanation.harms:
        lines.append("harms: " + ", ".join(f"{harm} {probability:.3f}" for harm, probability in explanation.harms))
    lines.append(f"watch: {'yes' if explanation.watch else 'no'}")
    for rule in explanation.rules:
        lines.extend(_rule(rule))
    if explanation.priority is not None:
        lines.extend(_priority(explanation.priority))
    return "\n".join(lines)


def _decision(explanation: Explanation) -> str:
    target = explanation.queue or explanation.action
    return f"{explanation.outcome}{f' -> {target}' if target else ''}, by rule: {explanation.rule}"


def _rule(rule: RuleExplained) -> Iterator[str]:
    told = {"fired": "fired", "no": "not true", "later": "not asked: an earlier rule decided"}[rule.verdict]
    yield ""
    yield f"{_MARKS[rule.verdict]} {rule.name} ({rule.then}): {told}"
    if rule.verdict != "later":
        yield from (_step(step) for step in rule.steps)


def _step(step: Step) -> str:
    values = ", ".join(f"{name} is {value}" for name, value in step.operands)
    return f"   {step.answer:>7}  {'  ' * step.depth}{step.text}{f'   [{values}]' if values else ''}"


def _priority(priority: PriorityExplained) -> Iterator[str]:
    yield ""
    yield "priority"
    for share in priority.shares:
        product = share.probability * share.severity
        yield f"   {share.harm}: probability {share.probability:.4f} x severity {share.severity:g} = {product:.4f}"
    bounds = priority.class_bounds
    yield (
        f"   averted: (1 - missed {priority.missed:g}) x their sum x views left {priority.views_left:g}"
        f" = {priority.averted:.2f}"
    )
    yield f"   value: averted - expected cost of a false alarm {priority.false_alarm_cost:.2f} = {priority.value:.2f}"
    yield f"   minutes: {priority.minutes:g} (those of {priority.shares[0].harm}, the largest product)"
    yield f"   value per minute: {priority.value_per_minute:.2f}; price of a minute in this queue: {priority.price:g}"
    yield f"   class {priority.class_}: class 0 from {bounds[0]:g}, class 1 from {bounds[1]:g}, else class 2"
