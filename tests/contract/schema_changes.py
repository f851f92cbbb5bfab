"""Which changes of a JSON Schema old readers or old writers could not take; for schemas as this project writes them."""

from collections.abc import Iterator
from typing import Any, Final

Schema = dict[str, Any]

_UPPER: Final = ("maxLength", "maxProperties", "maximum", "maxItems")
_LOWER: Final = ("minLength", "minProperties", "minimum", "minItems")
_CONDITIONS: Final = ("if", "then", "else", "allOf", "not")


def unreadable(old: Schema, new: Schema) -> list[str]:
    """Say what of the new messages old readers could not take, and what they miss in them."""
    return [*_refused(new, old, new, old, "$"), *_missing(old, new, old, new, "$")]


def unwritable(old: Schema, new: Schema) -> list[str]:
    """Say what of the old messages is not taken any more, or is not looked at any more."""
    return [*_refused(old, new, old, new, "$"), *_missing(old, new, old, new, "$")]


def _missing(old: Schema, new: Schema, old_root: Schema, new_root: Schema, place: str) -> Iterator[str]:
    old, new = _resolved(old, old_root), _resolved(new, new_root)
    for name, schema in old.get("properties", {}).items():
        if name not in new.get("properties", {}):
            yield f"{place}.{name} is gone"
        else:
            yield from _missing(schema, new["properties"][name], old_root, new_root, f"{place}.{name}")
    if isinstance(old.get("items"), dict):
        yield from _missing(old["items"], new.get("items", {}), old_root, new_root, f"{place}[]")
    gone = set(_values(old) or ()) - set(_values(new) or _values(old) or ())
    if gone:
        yield f"{place} is never {', '.join(sorted(map(str, gone)))} any more"


def _refused(taken: Schema, by: Schema, taken_root: Schema, by_root: Schema, place: str) -> Iterator[str]:
    """Say what one schema refuses of what another takes."""
    taken, by = _resolved(taken, taken_root), _resolved(by, by_root)
    branches, others = _branches(taken, taken_root), _branches(by, by_root)
    if len(branches) > 1 or len(others) > 1:
        for kind, branch in branches.items():
            if kind not in others:
                yield f"{place} may not be {kind}"
            else:
                yield from _refused(branch, others[kind], taken_root, by_root, place)
        return
    yield from _narrower(taken, by, place)
    yield from (
        f"{place}.{name} must be there" for name in by.get("required", ()) if name not in taken.get("required", ())
    )
    for name, schema in by.get("properties", {}).items():
        if name in taken.get("properties", {}):
            yield from _refused(taken["properties"][name], schema, taken_root, by_root, f"{place}.{name}")
    for word, mark in (("items", "[]"), ("additionalProperties", ".*"), ("propertyNames", " names")):
        if isinstance(by.get(word), dict):
            yield from _refused(taken.get(word, {}), by[word], taken_root, by_root, place + mark)


def _narrower(taken: Schema, by: Schema, place: str) -> Iterator[str]:
    kinds, allowed = _kinds(taken), _kinds(by)
    if allowed is not None and (kinds is None or not kinds <= allowed):
        yield f"{place} may only be {', '.join(sorted(allowed))}"
    values, known = _values(taken), _values(by)
    if known is not None and (values is None or any(value not in known for value in values)):
        yield f"{place} may only be one of {known}"
    for words, sign in ((_UPPER, 1), (_LOWER, -1)):
        for word in words:
            if word in by and values is None and (word not in taken or sign * taken[word] > sign * by[word]):
                yield f"{place} has {word} {by[word]}"
    for word in ("pattern", "format", *_CONDITIONS):
        if word in by and values is None and by[word] != taken.get(word):
            yield f"{place} has another {word}"


def _resolved(schema: Schema, root: Schema) -> Schema:
    if "$ref" in schema:
        resolved: Schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
        return resolved
    return schema


def _branches(schema: Schema, root: Schema) -> dict[str, Schema]:
    each = [_resolved(branch, root) for branch in schema.get("anyOf", [schema])]
    return {",".join(sorted(_kinds(branch) or {"anything"})): branch for branch in each}


def _kinds(schema: Schema) -> set[str] | None:
    values = _values(schema)
    if values is not None:
        return {"integer" if isinstance(value, int) else "string" for value in values}
    if "type" not in schema:
        return None
    kinds = {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])
    return kinds | {"integer"} if "number" in kinds else kinds


def _values(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values: list[Any] | None = schema.get("enum")
    return values
