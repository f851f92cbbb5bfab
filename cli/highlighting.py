"""Decisions for people: the text with the parts that carried its scores in colour, and what each part adds.

Texts come from anywhere: nothing in them may steer the terminal.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from sluicegate.cli.explaining import Explained
from sluicegate.schemas import TextPart

__all__ = ["highlighted", "show"]

#: Harms that are shown, the most probable first, each in a colour of its own.
_STYLES: Final = ("black on bright_red", "black on bright_yellow", "black on bright_cyan")
_OUTCOME_STYLES: Final = {"allow": "green", "review": "yellow", "act": "red"}

#: Of longer texts only the surroundings of the parts are shown, so many code points to each side.
_WHOLE: Final = 600
_AROUND: Final = 80

#: Categories of characters that are not seen or steer a terminal.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def highlighted(explained: Explained) -> RenderableType:
    """Show a decision: what was decided, the text, and for each of the most probable harms what carried it."""
    if explained.is_error:
        error = explained.answer["error"]
        return Text(f"{explained.number}: {error['reason']}: {_safe(error['message'])}", style="red")
    decided = explained.answer["data"]
    target = decided.get("queue") or decided.get("action")
    head = Text(f"{explained.number}: ")
    head.append(f"{decided['outcome']}{f' -> {target}' if target else ''}", _OUTCOME_STYLES.get(decided["outcome"], ""))
    head.append(f", by rule: {decided['rule']}")
    probable = sorted(decided["scores"].items(), key=lambda score: -score[1])[: len(_STYLES)]
    shown = [(harm, probability, style) for (harm, probability), style in zip(probable, _STYLES, strict=False)]
    text = Text(_safe(explained.text))
    # The most probable harm last: its colour is seen where parts are shared.
    for harm, _, style in reversed(shown):
        for part in _of(harm, explained.why):
            text.stylize(style, part.start, part.end)
    parts = [part for harm, _, _ in shown for part in _of(harm, explained.why)]
    rows = [_harm(harm, probability, style, explained) for harm, probability, style in shown]
    return Group(head, Padding(_excerpt(text, parts), (0, 0, 0, 3)), *(Padding(row, (0, 0, 0, 3)) for row in rows), "")


def show(lines: Iterable[Explained]) -> bool:
    """Print decisions on standard output; tell whether a line could not be decided."""
    console = Console()
    failed = False
    for explained in lines:
        console.print(highlighted(explained))
        failed |= explained.is_error
    return failed


def _of(harm: str, parts: Sequence[TextPart]) -> list[TextPart]:
    return [part for part in parts if part.harm == harm]


def _harm(harm: str, probability: float, style: str, explained: Explained) -> Text:
    row = Text(f"{probability:.3f}  ").append(f" {harm} ", style)
    for part in _of(harm, explained.why):
        said = " ".join(_safe(explained.text[part.start : part.end]).split())
        row.append(f"  {said if len(said) <= _AROUND else said[:_AROUND] + '…'} ").append(f"{part.weight:+.2f}", "bold")
    return row


def _excerpt(text: Text, parts: Sequence[TextPart]) -> Text:
    """Give a short text whole, of a longer one what surrounds the parts."""
    if len(text) <= _WHOLE:
        return text
    found = Text()
    done = 0
    for part in sorted(parts, key=lambda part: part.start) or [TextPart("", 0, _AROUND, 0.0)]:
        start, end = max(done, part.start - _AROUND), min(len(text), part.end + _AROUND)
        if start < end:
            found = found.append("" if start == done else "… ").append_text(text[start:end])
            done = end
    return found if done == len(text) else found.append(" …")


def _safe(text: str) -> str:
    """Put a mark of one character for each that is not seen or steers a terminal, so that offsets stay."""
    return "".join(
        "\ufffd" if unicodedata.category(letter) in _UNSEEN and letter not in "\n\t" else letter for letter in text
    )
