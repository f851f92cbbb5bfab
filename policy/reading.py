"""Reads typed values out of a document's nodes, collecting every fault instead of stopping at the first."""

import re
from collections.abc import Collection, Iterable

from sluicegate.policy.faults import Fault, did_you_mean
from sluicegate.policy.source import Node, Source

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_LARGEST = 1e15
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_WORD = re.compile(r"\w+|[^\w\s]")
#: Words and signs of all conditions of a document: reading one takes about 40 us, so that reading all ends soon.
MAX_WORDS = 4_000


class Reader:
    """Typed access to nodes.

    Attributes
    ----------
    faults : list of Fault
        What was found wrong so far.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.faults: list[Fault] = []
        self._words = 0

    def spend(self, condition: Node) -> bool:
        """Count the words and signs of a condition; tell whether the document may still have it read."""
        spent = self._words <= MAX_WORDS
        self._words += sum(1 for _ in _WORD.finditer(condition.text))
        if spent and self._words > MAX_WORDS:
            self.fault(condition, f"the conditions have more than {MAX_WORDS:,} words and signs", "join rules")
        return self._words <= MAX_WORDS

    def fault(self, where: Node | int, message: str, hint: str = "") -> None:
        """Record a fault at a node, or at an offset of the text."""
        offset = where if isinstance(where, int) else where.start
        self.faults.append(self.source.fault(offset, message, hint))

    def members(self, node: Node, what: str) -> dict[str, tuple[Node, Node]]:
        """Give a mapping's members by name as (key, value); a name given twice is a fault."""
        found: dict[str, tuple[Node, Node]] = {}
        if node.kind != "mapping":
            self.fault(node, f"{what} must be a mapping", "write 'name: value' lines")
            return found
        for key, value in node.members:
            if key.kind != "scalar":
                self.fault(key, f"a name in {what} must be a plain word", "")
            elif key.text in found:
                self.fault(key, f"{key.text!r} is given twice in {what}", "remove one of the two")
            else:
                found[key.text] = (key, value)
        return found

    def fields(self, node: Node, what: str, required: Iterable[str], optional: Iterable[str] = ()) -> dict[str, Node]:
        """Give a mapping's members of known names; unknown and missing ones are faults."""
        required = tuple(required)
        known = (*required, *optional)
        members = self.members(node, what)
        for name, (key, _) in members.items():
            if name not in known:
                self.fault(key, f"unknown key {name!r} in {what}", did_you_mean(name, known))
        if node.kind == "mapping":
            for name in required:
                if name not in members:
                    self.fault(node, f"{what} lacks {name!r}", f"add '{name}: ...'")
        return {name: value for name, (_, value) in members.items() if name in known}

    def items(self, node: Node | None, what: str) -> tuple[Node, ...]:
        """Give a list's items."""
        if node is None:
            return ()
        if node.kind != "list":
            self.fault(node, f"{what} must be a list", "write [a, b] or lines that start with '-'")
            return ()
        return node.items

    def number(
        self, node: Node | None, what: str, low: float = 0.0, high: float = _LARGEST, above: bool = False
    ) -> float:
        """Give a number within bounds; ``above`` excludes the lower one, which stands in after a fault."""
        if node is None:
            return low
        text = node.text.strip() if node.kind == "scalar" and node.style is None else ""
        if not _NUMBER.fullmatch(text[:64]) or len(text) > 64:
            self.fault(node, f"{what} must be a number", "write it without quotes, as in 0.5")
            return low
        value = float(text)
        if not low <= value <= high or (above and value == low):
            wanted = f"above {low:g}" if above else f"at least {low:g}"
            most = f" and at most {high:g}" if high < _LARGEST else f" and at most {_LARGEST:g}"
            self.fault(node, f"{what} is {text}", f"it must be {wanted}{most}")
            return low
        return value

    def numbers(self, node: Node | None, what: str) -> tuple[float, ...]:
        """Give a list of numbers that are not negative."""
        return tuple(self.number(item, f"each of {what}") for item in self.items(node, what))

    def text(self, node: Node | None, what: str, limit: int = 256) -> str:
        """Give a string that is not empty."""
        if node is None:
            return ""
        if node.kind != "scalar":
            self.fault(node, f"{what} must be a string", "")
            return ""
        if not node.text.strip() or len(node.text) > limit:
            self.fault(node, f"{what} must be 1 to {limit} characters", "")
        elif _CONTROL.search(node.text):
            # It stands in logs and on terminals.
            self.fault(node, f"{what} holds a control character", "write it in one line")
        return node.text

    def name(self, node: Node, what: str, pattern: re.Pattern[str], allowed: str) -> str:
        """Give a name that has the pattern's form."""
        if node.kind != "scalar":
            self.fault(node, f"{what} must be a name", allowed)
            return ""
        if not pattern.fullmatch(node.text):
            self.fault(node, f"{what} {node.text[:64]!r} is not allowed", allowed)
        return node.text

    def choice(self, node: Node | None, what: str, known: Collection[str]) -> str:
        """Give one of the known words."""
        if node is None:
            return ""
        if node.kind != "scalar" or node.text not in known:
            given = node.text if node.kind == "scalar" else node.kind
            self.fault(node, f"{what} is {given[:64]!r}", did_you_mean(given, known))
            return ""
        return node.text
