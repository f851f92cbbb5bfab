"""From nodes to a draft: known keys, types and bounds, conditions parsed. Collects every fault on the way."""

import re

from sluicegate.policy.cel import ConditionError, parse_condition
from sluicegate.policy.deciding import OUTCOME_NAMES
from sluicegate.policy.document import PRIMARY_SUBTAG, FalseAlarm, Harm, Queue
from sluicegate.policy.draft import Draft, QueueDraft, RuleDraft, When
from sluicegate.policy.reading import Reader
from sluicegate.policy.source import Node
from sluicegate.policy.views import ViewsTable

FORMAT_VERSION = "1"
MAX_RULES = 500

_NAME = re.compile(r"[a-z0-9_-]{1,64}")
_NAME_RULE = "use 1 to 64 of a-z, 0-9, _ and -"
_HARM = re.compile(r"[a-z_][a-z0-9_]{0,63}")
_HARM_RULE = "use a-z, 0-9 and _, not starting with a digit"

_REQUIRED = (
    "version",
    "name",
    "harms",
    "missed",
    "false_alarm",
    "class_bounds",
    "views",
    "queues",
    "rules",
    "default",
)
_OPTIONAL = ("revision", "description", "wait_minutes", "watch")
#: All keys of a document.
KEYS = (*_REQUIRED, *_OPTIONAL)
_DEFAULT_WAIT_MINUTES = 12.0


def parse_draft(reader: Reader, root: Node) -> Draft:
    """Read a document's root into a draft; faults are left with the reader."""
    found = reader.fields(root, "the policy", _REQUIRED, _OPTIONAL)
    version = found.get("version")
    if version is not None and version.text != FORMAT_VERSION:
        reader.fault(version, f"version is {version.text[:64]!r}", f"this release reads 'version: {FORMAT_VERSION}'")
    reader.choice(found.get("default"), "default", ("allow",))
    wait = found.get("wait_minutes")
    return Draft(
        source=reader.source,
        name=reader.text(found.get("name"), "name"),
        revision=reader.text(found.get("revision"), "revision") or FORMAT_VERSION,
        harms=_harms(reader, found.get("harms")),
        missed=reader.number(found.get("missed"), "missed", high=1.0),
        false_alarm=_false_alarm(reader, found.get("false_alarm")),
        wait_minutes=_DEFAULT_WAIT_MINUTES if wait is None else reader.number(wait, "wait_minutes", above=True),
        class_bounds=reader.numbers(found.get("class_bounds"), "class_bounds"),
        class_bounds_node=found.get("class_bounds"),
        views=_views(reader, found.get("views")),
        views_node=found.get("views"),
        queues=_queues(reader, found.get("queues")),
        rules=_rules(reader, found.get("rules")),
        watch=_when(reader, found.get("watch"), "watch"),
    )


def _harms(reader: Reader, node: Node | None) -> dict[str, Harm]:
    harms: dict[str, Harm] = {}
    if node is None:
        return harms
    members = reader.members(node, "harms")
    if not members:
        reader.fault(node, "harms is empty", "name at least one harm of the model")
    for key, value in members.values():
        name = reader.name(key, "the harm's name", _HARM, _HARM_RULE)
        found = reader.fields(value, f"harm {name!r}", ("severity", "minutes"), ("warning",))
        harms[name] = Harm(
            name,
            reader.number(found.get("severity"), f"severity of {name!r}"),
            reader.number(found.get("minutes"), f"minutes of {name!r}", above=True),
            reader.text(found.get("warning"), f"warning of {name!r}"),
            *reader.source.place(key.start),
        )
    return harms


def _false_alarm(reader: Reader, node: Node | None) -> FalseAlarm:
    if node is None:
        return FalseAlarm(0.0, 0.0, 0.0)
    found = reader.fields(node, "false_alarm", ("rate", "fixed", "per_view"))
    return FalseAlarm(
        reader.number(found.get("rate"), "rate of false_alarm", high=1.0),
        reader.number(found.get("fixed"), "fixed of false_alarm"),
        reader.number(found.get("per_view"), "per_view of false_alarm"),
    )


def _views(reader: Reader, node: Node | None) -> ViewsTable:
    if node is None:
        return ViewsTable((0.0,), (0.0,), ((0.0,),), (0.0,))
    found = reader.fields(node, "views", ("ages", "rates", "left", "unknown_rate"))
    rows = reader.items(found.get("left"), "left of views")
    return ViewsTable(
        reader.numbers(found.get("ages"), "ages of views"),
        reader.numbers(found.get("rates"), "rates of views"),
        tuple(reader.numbers(row, "a row of left") for row in rows),
        reader.numbers(found.get("unknown_rate"), "unknown_rate of views"),
    )


def _queues(reader: Reader, node: Node | None) -> dict[str, QueueDraft]:
    queues: dict[str, QueueDraft] = {}
    if node is None:
        return queues
    for key, value in reader.members(node, "queues").values():
        name = reader.name(key, "the queue's name", _NAME, _NAME_RULE)
        needed = ("languages", "goal_minutes", "planned_minutes_per_hour")
        found = reader.fields(value, f"queue {name!r}", needed, ("description",))
        queue = Queue(
            name,
            _languages(reader, found.get("languages"), name),
            reader.number(found.get("goal_minutes"), f"goal_minutes of {name!r}", above=True),
            reader.number(found.get("planned_minutes_per_hour"), f"planned_minutes_per_hour of {name!r}"),
        )
        queues[name] = QueueDraft(key, queue)
    return queues


def _languages(reader: Reader, node: Node | None, queue: str) -> frozenset[str] | None:
    if node is None or (node.kind == "scalar" and node.text == "any"):
        return None
    items = reader.items(node, f"languages of {queue!r}")
    if node.kind == "list" and not items:
        reader.fault(node, f"queue {queue!r} serves no language", "list some, or write 'languages: any'")
    hint = "use the primary subtag of two or three lower-case letters, as in en, or write 'languages: any'"
    return frozenset(reader.name(item, "the language", PRIMARY_SUBTAG, hint) for item in items)


def _rules(reader: Reader, node: Node | None) -> tuple[RuleDraft, ...]:
    items = reader.items(node, "rules")
    for item in items[MAX_RULES : MAX_RULES + 1]:
        reader.fault(item, f"more than {MAX_RULES} rules", "join rules that send to the same queue")
    return tuple(_rule(reader, item) for item in items[:MAX_RULES])


def _rule(reader: Reader, node: Node) -> RuleDraft:
    found = reader.fields(node, "a rule", ("name", "when", "then"), ("queue", "action", "description"))
    name = reader.text(found.get("name"), "name of the rule", 128)
    then = reader.choice(found.get("then"), f"then of rule {name!r}", OUTCOME_NAMES)
    queue = found.get("queue")
    if queue is None:
        candidates: tuple[Node, ...] = ()
    else:
        candidates = (queue,) if queue.kind == "scalar" else reader.items(queue, f"queue of rule {name!r}")
    if then == "review" and not candidates:
        reader.fault(queue or node, f"rule {name!r} reviews without a queue", "add 'queue: ...'")
    if then in ("allow", "act") and queue is not None:
        reader.fault(queue, f"rule {name!r} has a queue, and its then is {then!r}", "remove 'queue'")
    action = found.get("action")
    if then == "act" and action is None:
        reader.fault(node, f"rule {name!r} acts without an action", "add 'action: ...', as in action: remove")
    if then in ("allow", "review") and action is not None:
        reader.fault(action, f"rule {name!r} has an action, and its then is {then!r}", "remove 'action'")
    return RuleDraft(
        node,
        name,
        _when(reader, found.get("when"), f"when of rule {name!r}"),
        then,
        candidates,
        None if action is None else reader.name(action, "the action", _NAME, _NAME_RULE),
    )


def _when(reader: Reader, node: Node | None, what: str) -> When | None:
    if node is None:
        return None
    if node.kind != "scalar":
        reader.fault(node, f"{what} must be a condition", "write it as a string, or after '|'")
        return None
    if not reader.spend(node):
        return None
    try:
        return When(node, parse_condition(node.text))
    except ConditionError as error:
        reader.fault(reader.source.offset_within(node, error.at), error.message, error.hint)
        return None
