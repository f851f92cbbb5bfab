"""``sluicegate model import``: from a scikit-learn pipeline of one's own to a bundle."""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from sluicegate.cli import early
from sluicegate.cli.errors import WRONG_USE, CommandError
from sluicegate.cli.tables import message_console

if TYPE_CHECKING:
    from sluicegate.models.bundle import Bundle
    from sluicegate.models.imported.outputs import WantedHarm
    from sluicegate.models.imported.recorded import SignalColumn
    from sluicegate.models.labelled import Row

__all__ = ["import_pipeline"]


def import_pipeline(
    pipeline: Annotated[
        Path, typer.Argument(metavar="PIPELINE.joblib", help="A fitted pipeline, written with joblib.dump.")
    ],
    name: Annotated[str, typer.Option(help="Name of the model, for logs, metrics and decisions.")],
    harms: Annotated[
        str,
        typer.Option(
            metavar="NAME[=CLASS],...",
            help="What its outputs are, in their order; of classes that exclude each other, those that are harms.",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the bundle to make; one of the model's name without.")
    ] = None,
    version: Annotated[str, typer.Option(help="Version of the model.")] = "1",
    samples: Annotated[
        Path | None,
        typer.Option(help="JSON lines with texts to compare by; they will stand in the manifest."),
    ] = None,
    signals: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[=NUMBER],...",
            help="Signals that it takes beside the text, in its order; the number stands in for an absent one.",
        ),
    ] = None,
    licence: Annotated[str, typer.Option(help="Terms on which the pipeline may be used.")] = "not stated",
    attribution: Annotated[str, typer.Option(help="Whose it is, and what it was trained on.")] = "not stated",
    replace: Annotated[bool, typer.Option(help="Replace a bundle that is there already.")] = False,
) -> None:
    """Make a bundle of a scikit-learn pipeline that takes texts and has predict_proba.

    The file is unpickled, and a pickle can execute any code: with this command you consent to that. Import only what
    you made yourself or trust as you trust a program that you run.

    What is linear over n-grams is served from weights, without unpickling; all else is served as it is, slower, and
    every worker that serves it unpickles it. docs/bundles.md of the project's source says more.
    """
    # Imported late: scikit-learn takes a second that other commands need not wait for.
    from sluicegate.models.imported.importing import ImportPlan, import_bundle
    from sluicegate.models.imported.outputs import ImportedPipelineError, wanted_harms

    early.interrupts_raise()
    try:
        wanted: tuple[WantedHarm, ...] = wanted_harms(harms)
    except ImportedPipelineError as error:
        raise CommandError(f"--harms: {error}", WRONG_USE) from error
    if out is None and Path(name).name != name:
        raise CommandError(f"{name!r} is no name of a folder; say where the bundle is to be with --out", WRONG_USE)
    columns = _signals(signals) if signals is not None else ()
    rows = _samples(samples) if samples is not None else ()
    plan = ImportPlan(name, version, wanted, rows, columns, licence, attribution, replace)
    made = import_bundle(pipeline, out or Path(name), plan)
    _tell(made, message_console())
    print(f"{made.path} {made.digest}")


def _tell(made: "Bundle", console: Console) -> None:
    imported = made.manifest.imported
    if imported is None:
        return
    for harm, output in imported.outputs.items():
        console.print(f"{harm} is {output.means} of {imported.estimator}", highlight=False, soft_wrap=True)
    if made.manifest.served == "weights":
        told = f"served from weights; pipeline and weights agree on {imported.samples} texts"
    else:
        told = (
            f"served as a pipeline, slower, and unpickled by every worker: {imported.not_lowered}\n"
            f"what serves it asks for SLUICEGATE_PINNED_BUNDLES={made.digest}, or for a signature"
        )
    console.print(told, highlight=False, soft_wrap=True)


def _samples(file: Path) -> "tuple[Row, ...]":
    from sluicegate.models.labelled import read_labelled

    read = read_labelled(file, plain=True)
    if read.bad:
        bad = read.bad[0]
        raise CommandError(f"{file}:{bad.line}: {bad.reason}; mend the line, or leave it out")
    return read.rows


def _signals(text: str) -> "tuple[SignalColumn, ...]":
    from sluicegate.models.imported.recorded import SignalColumn

    columns: list[SignalColumn] = []
    for part in text.split(","):
        name, mark, number = part.strip().partition("=")
        if not name or name in {column.name for column in columns}:
            raise CommandError(f"--signals: {part.strip()!r} is no name, or is named twice; name each once", WRONG_USE)
        try:
            missing = float(number) if mark else None
        except ValueError:
            missing = math.nan
        if missing is not None and not math.isfinite(missing):
            raise CommandError(f"--signals: {part.strip()!r} is not as in {name}=0", WRONG_USE)
        columns.append(SignalColumn(name, missing))
    return tuple(columns)
