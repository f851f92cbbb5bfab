"""Says in the contract's words which type a member has and which it should have."""

import re
from typing import Final

__all__ = ["in_words_of_the_contract"]

_MISMATCH: Final = re.compile(r"Expected `(?P<wanted>[a-z |]+)`, got `(?P<found>[a-z]+)`")
_WANTED: Final = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}
# A whole number is called a number where it was found: that it is whole is not what is wrong with it.
_FOUND: Final = {**_WANTED, "int": "a number", "null": "null"}


def in_words_of_the_contract(fault: str) -> str:
    """Say a decoder's finding in the words that the contract has for types.

    Parameters
    ----------
    fault
        What msgspec says, as in ``Expected `float | null`, got `str```.

    Returns
    -------
    str
        As in ``expected a number, got a text``, null being left out, as it means absent; what is no finding about
        types stays as it is.
    """
    match = _MISMATCH.fullmatch(fault)
    if match is None:
        return fault
    wanted = [_WANTED.get(name, name) for name in match["wanted"].split(" | ") if name != "null"]
    return f"expected {' or '.join(wanted)}, got {_FOUND.get(match['found'], match['found'])}"
