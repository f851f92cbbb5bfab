"""What a manifest says of an imported pipeline, as a table."""

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from sluicegate.models.imported.recorded import NgramBlock
    from sluicegate.models.manifest import Manifest

__all__ = ["imported_table"]


def imported_table(manifest: "Manifest") -> Table:
    """Tell where it came from, what its outputs are, and why it is served as it is."""
    imported = manifest.imported
    if imported is None:
        raise ValueError(f"{manifest.name} was not imported")
    rows = [("file", f"{imported.file}  sha256 {imported.sha256[:16]}"), ("pipeline", imported.estimator)]
    rows += [("licence", imported.licence), ("attribution", imported.attribution)]
    rows += [(f"harm {harm}", output.means) for harm, output in imported.outputs.items()]
    rows += [
        (f"signal {column.name}", "absent: NaN" if column.missing is None else f"absent: {column.missing:g}")
        for column in imported.signals
    ]
    rows += [(f"features {block.name}", _reads(block)) for block in imported.blocks]
    if manifest.served == "weights":
        rows.append(("compilable", "yes: linear over n-grams; a worker unpickles nothing"))
    else:
        rows.append(("compilable", f"no: {imported.not_lowered}; slower, and unpickled by every worker"))
    rows.append(("parity samples", f"{imported.samples:,}"))
    table = Table("imported", "", title="Imported pipeline", title_justify="left")
    for name, told in rows:
        table.add_row(escape(name), escape(told))
    return table


def _reads(block: "NgramBlock") -> str:
    held = "hashed into" if block.kind == "hashed" else "looked up among"
    return f"{block.analyzer} n-grams of {block.ngram_min} to {block.ngram_max}, {held} {block.size:,}"
