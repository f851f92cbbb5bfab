"""``python -m sluicegate.bench.scaling``: calculates the plan past one machine, and writes its tables into the page."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from sluicegate.bench.scaling.inputs import INPUTS, Assumed, inputs_from, read_inputs
from sluicegate.bench.scaling.page import replaced
from sluicegate.bench.scaling.sizing import size_for

_PAGE = Path(__file__).resolve().parents[2] / "docs" / "scaling.md"


def scaling(
    results: Annotated[Path | None, typer.Option(help="JSON of a run of `make bench`.")] = None,
    processes: Annotated[Path | None, typer.Option(help="JSON of a run of `bench.processes_scaling`.")] = None,
    rate: Annotated[float | None, typer.Option(min=1, help="Only size for this rate, and write nothing.")] = None,
    cores: Annotated[int, typer.Option(min=1, help="Of a worker machine.")] = Assumed().cores_of_a_machine,
    page: Annotated[Path, typer.Option(help="Whose tables are written anew.")] = _PAGE,
) -> None:
    """Calculate from the inputs that are kept, or from new measurements, which are kept from then on."""
    if (results is None) != (processes is None):
        raise typer.BadParameter("give both --results and --processes, or none")
    inputs = read_inputs() if results is None or processes is None else inputs_from(results, processes)
    if rate is not None:
        for name, value in size_for(rate, inputs, Assumed(cores_of_a_machine=cores))._asdict().items():
            print(f"{name.replace('_', ' '):>12}: {value:,.2f}".removesuffix(".00"))
        return
    if results is not None:
        INPUTS.write_bytes(msgspec.json.format(msgspec.json.encode(inputs), indent=1) + b"\n")
    text = replaced(page.read_text(encoding="utf-8"), inputs, Assumed(cores_of_a_machine=cores))
    page.write_text(text, encoding="utf-8")
    print(f"{page.name} is written", file=sys.stderr)


if __name__ == "__main__":
    typer.run(scaling)
