"""``sluicegate dlq list``: dead letters counted by stage and reason."""

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from sluicegate.cli.dlq.options import AsJson, At, Reasons, Since, Stages, Until, opened, selected, watched
from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from sluicegate.agents.dead_letters.tally import Group, Summary

__all__ = ["list_", "print_table"]

_SHOWN = 60
_NUMBERS = range(2, 5)


def list_(
    reasons: Reasons = None,
    stages: Stages = None,
    since: Since = None,
    until: Until = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Count the dead letters by stage and reason, with the times of the first and the last.

    Told is also how many were redriven, and how many are events that were redriven before and came back. What the
    reasons mean, and whose it is to mend them: docs/reason-codes.md.
    """
    from sluicegate.agents.dead_letters.listing import summarise

    selection = selected(reasons, stages, since, until, at)
    settings, topics = opened(selection)
    with watched("Counting") as watch:
        summary = asyncio.run(summarise(settings, topics, selection, watch))
    if as_json:
        groups = [_as_json(group) for group in summary.groups()]
        print(
            json.dumps({"topic": settings.dead_letters_topic, "letters": summary.letters, "groups": groups}, indent=2)
        )
        return
    if not summary.letters:
        print(
            f"no dead letters in {settings.dead_letters_topic}"
            + (" that are so" if not selection.is_everything else "")
        )
        return
    print_table(summary, f"{counted(summary.letters, 'dead letter')} in {settings.dead_letters_topic}")


def print_table(summary: "Summary", title: str) -> None:
    """Print a summary, as wide as it is: what it holds is never cut where there is no terminal."""
    from sluicegate.cli.dlq.printable import time_of
    from sluicegate.schemas.printable import escaped

    rows = [("stage", "reason", "letters", "redriven", "came back", "first", "last")]
    for group in summary.groups():
        # Whoever may write to the topic may have written any codes.
        codes = escaped(group.stage, _SHOWN), escaped(group.reason, _SHOWN)
        counts = f"{group.letters:,}", f"{group.redriven:,}", f"{group.returned:,}"
        rows.append((*codes, *counts, time_of(group.first), time_of(group.last)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    print(title)
    for row in rows:
        cells = [
            cell.rjust(width) if place in _NUMBERS else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  " + "  ".join(cells).rstrip())


def _as_json(group: "Group") -> dict[str, object]:
    from sluicegate.cli.dlq.printable import time_of

    return {**asdict(group), "first": time_of(group.first), "last": time_of(group.last)}
