"""From the text of a YAML document to nodes that know their place: no objects are made, no aliases read."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final, Literal, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sluicegate.policy.faults import Fault, PolicyError

MAX_BYTES = 128 * 1024
MAX_DEPTH = 12
#: Values of a document, lists and mappings among them: they cost far more than their bytes do.
MAX_NODES = 10_000
_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")

Kind = Literal["scalar", "list", "mapping"]


@dataclass(frozen=True)
class Node:
    """One value of the document.

    ``start`` and ``end`` are offsets into the document's text; ``style`` is YAML's (``None`` for plain).
    """

    kind: Kind
    start: int
    end: int
    text: str = ""
    style: str | None = None
    items: tuple["Node", ...] = ()
    members: tuple[tuple["Node", "Node"], ...] = ()


@dataclass(frozen=True)
class Source:
    """The text of a document, and where its lines start."""

    name: str
    text: str
    lines: tuple[int, ...] = field(repr=False)

    @classmethod
    def of(cls, name: str, text: str) -> "Source":
        """Index the lines of a text."""
        starts = [0]
        starts.extend(at + 1 for at, character in enumerate(text) if character == "\n")
        return cls(name, text, tuple(starts))

    def place(self, offset: int) -> tuple[int, int]:
        """Give the line and the column of an offset of the text, both counted from 1."""
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def fault(self, offset: int, message: str, hint: str = "") -> Fault:
        """Make a fault of what is wrong at an offset of the text."""
        return Fault(self.name, *self.place(offset), message, hint)

    def offset_within(self, node: Node, position: int) -> int:
        """Give the document's offset of a position within a scalar's value.

        Quotes, escapes, indentation and folded lines stand between the two: the characters of the value
        that are not white space are found again in the document, one after the other.
        """
        at = node.start
        if node.style in ("|", ">"):
            at = self.text.find("\n", at) + 1
        elif node.style in ("'", '"'):
            at += 1
        for character in node.text[:position]:
            if not character.isspace():
                at = self.text.find(character, at, node.end) + 1
                if at == 0:
                    return node.start
        if node.text[position : position + 1].isspace():
            return at
        while at < node.end and (self.text[at].isspace() or self.text[at] == "\\"):
            at += 1
        return min(at, node.end)


def read_source(name: str, text: str) -> tuple[Source, Node]:
    """Read a YAML document into nodes.

    Raises
    ------
    PolicyError
        When it is no YAML, too large, too deep, uses anchors or tags, or is not one document with a mapping.
    """
    source = Source.of(name, text)
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise PolicyError([source.fault(0, f"the document is larger than {MAX_BYTES // 1024} KiB", "shorten it")])
    try:
        root = _compose(source)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        offset = min(mark.index, len(text)) if mark is not None else 0
        problem = error.problem or error.context or "unreadable"
        raise PolicyError([source.fault(offset, f"not YAML: {problem}", "check indentation and quotes")]) from None
    except yaml.reader.ReaderError as error:
        offset = error.position if isinstance(error.position, int) else 0
        raise PolicyError([source.fault(offset, f"not YAML: {error.reason}", "remove the character")]) from None
    if root is None or root.kind != "mapping":
        offset = root.start if root else 0
        raise PolicyError([source.fault(offset, "a policy is a mapping", "start with 'version: 1' and 'name: ...'")])
    return source, root


@dataclass
class _Open:
    """A list or mapping whose end has not been seen."""

    kind: Kind
    start: int
    children: list[Node] = field(default_factory=list)

    def close(self, end: int) -> Node:
        if self.kind == "list":
            return Node("list", self.start, end, items=tuple(self.children))
        pairs = tuple(zip(self.children[::2], self.children[1::2], strict=True))
        return Node("mapping", self.start, end, members=pairs)


def _compose(source: Source) -> Node | None:
    root: Node | None = None
    stack: list[_Open] = []
    documents = nodes = 0
    for event in yaml.parse(source.text, Loader=yaml.SafeLoader):
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                _refuse(source, event, "a second document", "one file holds one policy; remove '---'")
            continue
        _refuse_what_hides(source, event)
        nodes += isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent)
        if nodes > MAX_NODES:
            _refuse(source, event, f"more than {MAX_NODES:,} values", "shorten it")
        done: Node | None = None
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            if len(stack) >= MAX_DEPTH:
                _refuse(source, event, f"nested deeper than {MAX_DEPTH} levels", "flatten it")
            kind: Kind = "mapping" if isinstance(event, MappingStartEvent) else "list"
            stack.append(_Open(kind, _start(event)))
        elif isinstance(event, ScalarEvent):
            done = Node("scalar", _start(event), _end(event), event.value, event.style)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            done = stack.pop().close(_end(event))
        if done is not None:
            if stack:
                stack[-1].children.append(done)
            else:
                root = done
    return root


def _refuse_what_hides(source: Source, event: Event) -> None:
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
        _refuse(source, event, "anchors and aliases are not read", "write the value out")
    if getattr(event, "tag", None) not in (None, "!"):
        _refuse(source, event, "tags are not read", "remove the '!' tag")
    # An escape can write one, and no decision that names it could be written.
    if _HALF_PAIR.search(getattr(event, "value", "")) is not None:
        _refuse(source, event, "half a surrogate pair is no character", "write the character itself")


def _refuse(source: Source, event: Event, message: str, hint: str) -> NoReturn:
    raise PolicyError([source.fault(_start(event), message, hint)])


def _start(event: Event) -> int:
    return 0 if event.start_mark is None else event.start_mark.index


def _end(event: Event) -> int:
    return 0 if event.end_mark is None else event.end_mark.index
