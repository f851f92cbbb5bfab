"""Tells in one sentence where a document is no YAML: what the parser says takes three lines, and knows no file."""

import yaml

__all__ = ["not_yaml"]


def not_yaml(error: BaseException, name: str, raw: bytes) -> str | None:
    """Say where and why a document is no YAML, as ``policy check`` does; None where that is not what is wrong.

    Parameters
    ----------
    error
        Of ``msgspec.yaml.decode``, which has the parser's words and holds its error as context alone.
    name, raw
        Of the document.
    """
    fault = error.__context__
    if isinstance(fault, yaml.MarkedYAMLError):
        mark = fault.problem_mark or fault.context_mark
        place = f":{mark.line + 1}:{mark.column + 1}" if mark is not None else ""
        return (
            f"{name}{place}: not YAML: {fault.problem or fault.context or 'unreadable'}; check indentation and quotes"
        )
    if isinstance(fault, yaml.reader.ReaderError):
        before = raw[: fault.position]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
        return f"{name}:{line}:{column}: not YAML: {fault.reason}; remove the character"
    return None
