"""Tells from its headers whether a record's value is the whole event."""

from functools import lru_cache
from typing import Final

from sluicegate.schemas.decoding import Headers, check_content_type
from sluicegate.schemas.reasons import Refusal

__all__ = ["is_structured"]

_BINARY_MODE: Final = "ce_specversion"
_CONTENT_TYPE: Final = "content-type"


def is_structured(headers: Headers) -> bool:
    """Tell whether a record's headers are of structured mode, and its content type is one that is read.

    Parameters
    ----------
    headers
        As they came; of two of one name the last that has a value counts.
    """
    content_type = None
    for name, content in headers or ():
        if content is not None:
            if name == _BINARY_MODE:
                return False
            if name == _CONTENT_TYPE:
                content_type = content
    return content_type is None or _is_read(content_type)


# Producers state one or two; whoever states others at will cannot make this grow.
@lru_cache(maxsize=256)
def _is_read(content_type: bytes) -> bool:
    try:
        check_content_type(content_type.decode("utf-8", "replace"), "header content-type")
    except Refusal:
        return False
    return True
