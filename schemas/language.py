"""Language tags as BCP 47 has them, read as far as routing needs them."""

import re
from typing import Final

from sluicegate.schemas.limits import LANGUAGE_TAG_MAX_CHARACTERS

__all__ = ["primary_subtag"]

# RFC 5646, section 2.1: a language with script, region, variants, extensions and private use. The regular ones of the
# grandfathered tags are of this form as well.
_TAG: Final = re.compile(
    r"(?P<language>[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})"
    r"(?:-[a-z]{4})?"
    r"(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE | re.ASCII,
)

_PRIVATE_USE: Final = re.compile(r"x(?:-[a-z0-9]{1,8})+", re.IGNORECASE | re.ASCII)

# Grandfathered tags (RFC 5646, section 2.2.8) whose first subtag does not name their language, with the primary subtag
# of what the registry prefers; the empty string where it prefers nothing.
_GRANDFATHERED: Final = {
    "art-lojban": "jbo",
    "en-gb-oed": "en",
    "i-ami": "ami",
    "i-bnn": "bnn",
    "i-default": "",
    "i-enochian": "",
    "i-hak": "hak",
    "i-klingon": "tlh",
    "i-lux": "lb",
    "i-mingo": "",
    "i-navajo": "nv",
    "i-pwn": "pwn",
    "i-tao": "tao",
    "i-tay": "tay",
    "i-tsu": "tsu",
    "sgn-be-fr": "sfb",
    "sgn-be-nl": "vgt",
    "sgn-ch-de": "sgg",
}

# Tags of content without one language that is known (ISO 639-2).
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
        Such as ``pt``; the empty string where the tag names no one language (``und``, ``x-house``);
        None where this is no well-formed tag (RFC 5646, section 2.1).
    """
    if len(tag) > LANGUAGE_TAG_MAX_CHARACTERS:
        return None
    grandfathered = _GRANDFATHERED.get(tag.lower())
    if grandfathered is not None:
        return grandfathered
    match = _TAG.fullmatch(tag)
    if match is None:
        return "" if _PRIVATE_USE.fullmatch(tag) else None
    primary = match["language"].partition("-")[0].lower()
    return "" if primary in _UNDETERMINED else primary
