"""Expansion of a pattern: slots filled by draws from the seed; opening and ending drawn alike for harm and ordinary."""

import re

from sluicegate.models.splits import draw

EXPANSIONS = 10
UNSLOTTED = 6
"""Expansions of a pattern without slots: only its opening and ending differ."""

OPENERS = "opener"
"""The slot with the openings of a language."""
_OPENED_SHARE = 0.4

SLOT = re.compile(r"\{(\w+)\}")
_ENDINGS = ("", "", "", "", "", "", "!", "!!", "...", " 🙏", " 😂", " 😭", " ❤️", " 🔥", " 👀", " 💀")
_CLOSED = re.compile(r"[.!?。！？…]+$")


def expand(pattern: str, slots: dict[str, list[str]], seed: int, expansions: int = EXPANSIONS) -> list[str]:
    """Fill the slots of a pattern, up to ``expansions`` different ways.

    Openings ("ok", "hey") and endings (exclamation marks, emoji, a missing full stop) are drawn without regard
    to the label, so that none of them can stand for harm. The first expansion has neither.
    """
    found: dict[str, None] = {}
    for number in range(expansions if SLOT.search(pattern) else UNSLOTTED):
        filled = pattern
        while slot := SLOT.search(filled):
            choices = slots[slot.group(1)]
            chosen = choices[int(draw(seed, f"{number}:{filled}") * len(choices))]
            filled = filled[: slot.start()] + chosen + filled[slot.end() :]
        if number:
            filled = _ended(filled, draw(seed, f"ending:{number}:{filled}"))
            filled = _opened(filled, slots.get(OPENERS, []), draw(seed, f"opening:{number}:{filled}"))
        found[filled] = None
    return list(found)


def _ended(text: str, share: float) -> str:
    ending = _ENDINGS[int(share * len(_ENDINGS))]
    return _CLOSED.sub("", text) + ending if ending else text


def _opened(text: str, openers: list[str], share: float) -> str:
    if not openers or share >= _OPENED_SHARE:
        return text
    opener = openers[int(share / _OPENED_SHARE * len(openers))]
    return opener + text if opener.endswith(("，", "：")) else f"{opener} {text}"
