"""An evaluation laid out for the terminal."""

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.table import Column
from rich.table import Table as Grid

from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from sluicegate.models.evaluation.evaluation import Evaluation
    from sluicegate.models.evaluation.tables import Table

__all__ = ["laid_out"]


def laid_out(evaluation: "Evaluation") -> Group:
    """Lay out all tables, below a line on what was measured on what."""
    from sluicegate.models.evaluation.tables import tables

    bundle = evaluation.bundle
    texts = counted(evaluation.rows, "text")
    if evaluation.rows < evaluation.rows_read:
        texts += f", drawn of {evaluation.rows_read:,}"
    return Group(
        f"{bundle.name} {bundle.version} on {texts}\n",
        *(part for table in tables(evaluation) for part in (_grid(table), "")),
    )


def _grid(table: "Table") -> Grid:
    # What is too wide is names broken over lines, never figures.
    head = [Column(name, no_wrap=number >= table.texts) for number, name in enumerate(table.columns)]
    style = {"title_justify": "left", "box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0), "pad_edge": False}
    grid = Grid(*head, title=table.title, caption=table.note or None, caption_justify="left", **style)  # type: ignore[arg-type]
    before = ""
    for name, *cells in table.rows:
        grid.add_row("" if name == before else name, *cells)
        before = name
    return grid
