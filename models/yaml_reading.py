"""Reads YAML into what a type says, and tells in one sentence, with the place, where a document is none."""

from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec
import yaml

__all__ = ["NotYamlError", "decode_yaml"]

#: Levels of a document; libyaml ends the process where some ten thousands are put together.
_DEEPEST: Final = 50
#: Bytes of a document, and characters of a value: PyYAML takes a time with the square of them for some.
_LARGEST: Final = 256 * 1024
_LONGEST: Final = 16 * 1024
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: What PyYAML passes on, without the place, where a value is not of its type, as for the thirteenth month.
_MISFITS: Final = (ValueError, LookupError, AttributeError, TypeError, ArithmeticError)
_T = TypeVar("_T")


class NotYamlError(Exception):
    """A document is no YAML that can be read; its text is one sentence with the document's name and the place."""


def decode_yaml(raw: bytes, kind: type[_T], name: str) -> _T:
    """Decode a document in YAML.

    Parameters
    ----------
    raw
        The document.
    kind
        What it should hold.
    name
        Of the document, for the error.

    Raises
    ------
    NotYamlError
        If it is no YAML, is large or deep, has aliases, or has a value that is not of the type it seems to be of.
    msgspec.ValidationError
        If it is YAML and does not hold a `kind`.
    """
    try:
        _require_plain(raw, name)
        document = yaml.load(raw, Loader=_LOADER)  # noqa: S506 - one of the safe loaders
    except yaml.YAMLError as error:
        raise NotYamlError(_told(error, name, raw)) from error
    except _MISFITS as error:
        why = str(error) if isinstance(error, ValueError) else "it does not fit its tag"
        raise NotYamlError(
            f"{name}{_place_of_value(raw)}: a value cannot be read ({why}); quote it if it is meant as text"
        ) from error
    return msgspec.convert(document, kind)


def _require_plain(raw: bytes, name: str) -> None:
    if len(raw) > _LARGEST:
        raise NotYamlError(f"{name}: larger than {_LARGEST // 1024} KiB; shorten it")
    depth = 0
    for event in yaml.parse(raw, Loader=_LOADER):
        # A few of them, each of two of those before, stand for more than any memory holds.
        if isinstance(event, yaml.AliasEvent):
            raise NotYamlError(f"{name}{_at(event.start_mark)}: aliases are not read; write the value out")
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > _LONGEST:
            raise NotYamlError(
                f"{name}{_at(event.start_mark)}: a value of more than {_LONGEST:,} characters; shorten it"
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise NotYamlError(f"{name}{_at(event.start_mark)}: nested deeper than {_DEEPEST} levels; flatten it")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _told(fault: yaml.YAMLError, name: str, raw: bytes) -> str:
    if isinstance(fault, yaml.MarkedYAMLError):
        mark = fault.problem_mark or fault.context_mark
        place = _at(mark) if mark is not None else ""
        why = fault.problem or fault.context or "unreadable"
        return f"{name}{place}: not YAML: {why}; check indentation and quotes"
    if isinstance(fault, yaml.reader.ReaderError):
        before = raw[: fault.position]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        return f"{name}:{line}:{column}: not YAML: {fault.reason}; remove the character"
    return f"{name}: not YAML: {fault}; check indentation and quotes"


def _place_of_value(raw: bytes) -> str:
    loader = _LOADER(raw)
    for node in _scalars(loader.get_single_node()):
        try:
            loader.construct_object(node)
        except _MISFITS:
            return _at(node.start_mark)
        except yaml.YAMLError:  # it has a place of its own, and is not what was found first
            continue
    return ""


def _scalars(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item)
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            for item in pair:
                yield from _scalars(item)


def _at(mark: Any) -> str:  # libyaml has a type of its own for marks
    return f":{mark.line + 1}:{mark.column + 1}"
