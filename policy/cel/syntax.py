"""What is wrong with the text of a condition, told so that its author can mend it."""

import lark
from celpy.celparser import CELParseError


class ConditionError(Exception):
    """What is wrong with a condition.

    Attributes
    ----------
    at : int
        Offset into the condition's text.
    message, hint : str
        What is wrong, and what to do about it.
    """

    def __init__(self, at: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.hint = hint


def syntax_error(text: str, error: CELParseError) -> ConditionError:
    """Tell what cel-python's parser could not read."""
    cause = error.__context__
    if isinstance(cause, lark.UnexpectedToken) and cause.token.type == "$END":
        return ConditionError(
            max(len(text.rstrip()) - 1, 0),
            "the condition ends too early",
            "something is missing after this, or a bracket is not closed",
        )
    at = _offset(text, error.line, error.column)
    return ConditionError(at, *_told(text[at:].strip()))


def _told(rest: str) -> tuple[str, str]:
    if rest[:1] in ("'", '"'):
        return "a string is not closed", "end it with the same quote"
    if rest[:1] in ("=", "&", "|") and rest[:2] not in ("==", "&&", "||"):
        return f"{rest[0]!r} is no operator of CEL", f"write {rest[0] * 2!r}"
    word = (rest.split(maxsplit=1) or ["its end"])[0][:20]
    for python, cel in (("and", "&&"), ("or", "||"), ("not", "!")):
        if word == python:
            return f"{word!r} is no operator of CEL", f"write {cel!r}"
    return f"CEL cannot be read from {word!r} on", "check operators and brackets"


def _offset(text: str, line: int | None, column: int | None) -> int:
    if line is None or column is None or line < 1:
        return 0
    start = 0
    for _ in range(line - 1):
        start = text.find("\n", start) + 1
    return min(start + column - 1, len(text))
