"""Bytes of strangers as text that a terminal or a log can be given: nothing in it steers either."""

from typing import Final

__all__ = ["escaped", "escaped_lines"]

_BYTE: Final = 0x100
_BASIC: Final = 0x10000


def escaped(content: str | bytes, most: int | None = None) -> str:
    """Give text with everything escaped that does not print.

    Parameters
    ----------
    content
        Of whoever wrote it; bytes that are no UTF-8 are escaped too.
    most
        Characters that are shown; None for all.
    """
    text = content.decode("utf-8", "backslashreplace") if isinstance(content, bytes) else content
    shown = text if most is None else text[:most]
    more = f"... ({len(text):,} characters)" if len(shown) < len(text) else ""
    return (shown if shown.isprintable() else "".join(map(_escaped, shown))) + more


def escaped_lines(text: str, indent: str = "") -> str:
    """Give text of one line or several, escaped, with the ends of its lines as they are.

    Parameters
    ----------
    text
        Of whoever wrote it.
    indent
        What stands before each line below the first, so that none looks like one that it is not.
    """
    return f"\n{indent}".join(map(escaped, text.split("\n")))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < _BYTE else f"\\u{code:04x}" if code < _BASIC else f"\\U{code:08x}"
