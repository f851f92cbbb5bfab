"""How lines of labelled files that were left out are told."""

from typing import TYPE_CHECKING

from rich.console import Console

from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sluicegate.models.labelled import BadRow

__all__ = ["show_bad_rows"]

SHOWN_BAD_ROWS = 10


def show_bad_rows(bad: "Sequence[BadRow]", console: Console) -> None:
    """Tell the first lines that were left out, and how many there were."""
    if not bad:
        return
    console.print(f"{counted(len(bad), 'line')} left out:", highlight=False)
    for row in bad[:SHOWN_BAD_ROWS]:
        console.print(f"  {row.file}:{row.line}: {row.reason}", markup=False, highlight=False)
    if len(bad) > SHOWN_BAD_ROWS:
        console.print(f"  and {len(bad) - SHOWN_BAD_ROWS} more", highlight=False)
