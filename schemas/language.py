"""Language tags as BCP 47 has them, read as far as routing needs them."""

import re
from typing import Final

from sluicegate.schemas.limits import LANGUAGE_TAG_MAX_CHARACTERS

__all__ = ["primary_subtag"]

# RFC 5646, section 2.1: a language with script, region, variants and extensions; grandfathered tags
# other than those of the form i-*, and private use alone, name no language that a queue could serve.
_TAG: Final = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})"
    r"(?:-[a-z]{4})?"
    r"(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE | re.ASCII,
)

# The three-letter codes of languages that have one of two letters are seen in the wild.
_UNDETERMINED: Final = frozenset({"und", "mul", "zxx", "mis"})


def primary_subtag(tag: str) -> str | None:
    """Give the primary language subtag of a tag, in lower case.

    Parameters
    ----------
    tag
        A language tag, such as ``pt-BR``.

    Returns
    -------
    str or None
        Such as ``pt``; the empty string where the tag says that the language is not known (``und``);
        None where this is no well-formed tag (RFC 5646, section 2.1).
    """
    if len(tag) > LANGUAGE_TAG_MAX_CHARACTERS:
        return None
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    primary = match["language"].partition("-")[0].lower()
    return "" if primary in _UNDETERMINED else primary
