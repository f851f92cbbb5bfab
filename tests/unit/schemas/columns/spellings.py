"""The ways in which JSON can spell one value: white space, order of members, escapes, forms of numbers."""

import json
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.unit.schemas.records import EVENTS

_SHORT = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def spelled(value: Any, random: Random, strange: float = 0.2) -> str:
    """Write a value in one of the ways that JSON has, `strange` of the places in an unusual one."""
    match value:
        case dict():
            members = list(value.items())
            if random.random() < strange:
                random.shuffle(members)
            inner = ",".join(
                _string(name, random, strange / 8) + _space(random, strange) + ":" + spelled(each, random, strange)
                for name, each in members
            )
            written = "{" + (inner or _space(random, strange)) + "}"
        case list():
            written = "[" + ",".join(spelled(each, random, strange) for each in value) + _space(random, strange) + "]"
        case str():
            written = _string(value, random, strange)
        case float() if random.random() < strange:
            written = random.choice(["%.3e", "%.6f", "%E", "%.17g", "%.12g"]) % value
        case _:
            written = json.dumps(value)
    return _space(random, strange) + written + _space(random, strange)


def _space(random: Random, strange: float) -> str:
    return "".join(random.choices(" \n\t\r", k=random.randrange(1, 3))) if random.random() < strange else ""


def _string(text: str, random: Random, strange: float) -> str:
    return '"' + "".join(_character(each, random.random() < strange, random) for each in text) + '"'


def _character(character: str, escaped: bool, random: Random) -> str:
    if character in '"\\' or character < " ":
        escaped = True
    if not escaped:
        return character
    if character in _SHORT and random.random() < 0.5:
        return _SHORT[character]
    units = character.encode("utf-16-be")
    codes = (units[at : at + 2].hex() for at in range(0, len(units), 2))
    return "".join("\\u" + (code.upper() if random.random() < 0.5 else code) for code in codes)


@st.composite
def values(draw: st.DrawFn) -> bytes:
    """Give the value of a record that holds an event, in any spelling."""
    return spelled(draw(EVENTS), Random(draw(st.integers(0, 2**32)))).encode()
