"""What checks of training data found, laid out for the terminal."""

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from sluicegate.cli.wording import counted
from sluicegate.schemas.printable import escaped

if TYPE_CHECKING:
    from sluicegate.models.checking.check import Checked
    from sluicegate.models.checking.finding import Finding

__all__ = ["show_findings", "show_looks"]

_STYLES = {"error": "bold red", "warning": "yellow"}
_STYLE = {"box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0), "pad_edge": False, "title_justify": "left"}


def show_findings(checked: "Checked", console: Console) -> None:
    """Print every finding with its place and what to do, errors first, below how many there are."""
    errors = len(checked.errors)
    if not checked.findings:
        console.print("The training data was checked: nothing was found.", highlight=False)
        return
    warnings = len(checked.findings) - errors
    title = f"The training data was checked: {counted(errors, 'error')}, {counted(warnings, 'warning')}"
    table = Table(title=title, show_header=False, **_STYLE)  # type: ignore[arg-type]
    for finding in checked.findings:
        table.add_row(Text(finding.severity, _STYLES[finding.severity]), _told(finding))
    console.print(table)


def show_looks(checked: "Checked", console: Console) -> None:
    """Print how well texts tell each label of each source."""
    if not checked.looked:
        return
    title = "How well texts tell their labels, by a quick look"
    table = Table("source", "label", "positive", "negative", "AUC", "chance, up to", title=title, **_STYLE)  # type: ignore[arg-type]
    for column in table.columns[2:]:
        column.justify = "right"
    for (source, name), seen in checked.looked.items():
        figures = (f"{seen.positives:,}", f"{seen.negatives:,}", f"{seen.auc:.3f}", f"{seen.chance:.3f}")
        table.add_row(source, name, *figures)
    console.print(table)


def _told(finding: "Finding") -> RenderableType:
    about = " of ".join(filter(None, (finding.harm, finding.source)))
    lines: list[RenderableType] = [
        Text(finding.kind, "bold").append(f"  {escaped(about)}" if about else "", "not bold"),
        f"{finding.message}; {finding.remedy}",
    ]
    if finding.places:
        lines.append(Text(escaped("at " + ", ".join(finding.places)), "dim", overflow="fold"))
    return Group(*lines, "")
