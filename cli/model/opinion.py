"""``sluicegate model opinion-export`` and ``opinion-train``: a second opinion, from a sentence model on."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from sluicegate.cli import early
from sluicegate.cli.errors import CommandError
from sluicegate.cli.tables import message_console
from sluicegate.cli.trusted import studied_bundle

__all__ = ["opinion_export", "opinion_train"]

_MISSING = "{} is not installed; install the extra, as in: pip install 'sluicegate[{}]'"


def opinion_export(
    source: Annotated[Path, typer.Argument(help="Folder of a sentence model: config.json, model.safetensors.")],
    out: Annotated[Path, typer.Option(help="Folder to make, with encoder.onnx and tokenizer.json.")],
) -> None:
    """Make the 8-bit encoder of a second opinion from the files of a sentence model (BERT)."""
    try:
        from sluicegate.models.opinion.bundle import check_place
        from sluicegate.models.opinion.export import export_encoder
    except ModuleNotFoundError as error:
        raise CommandError(_MISSING.format(error.name, "opinion-export")) from error

    early.interrupts_raise()
    check_place(out)
    export_encoder(source, out)
    print(out)


def opinion_train(
    data: Annotated[list[Path], typer.Argument(help="Labelled texts as JSON lines: those the model was trained on.")],
    encoder: Annotated[Path, typer.Option(help="Folder that opinion-export made.")],
    out: Annotated[Path, typer.Option(help="Folder of the second opinion to make.")],
    attribution: Annotated[str, typer.Option(help="Name and origin of the sentence model.")],
    licence: Annotated[str, typer.Option(help="Its licence, as in Apache-2.0.")],
    bundle: Annotated[
        Path | None, typer.Option(help="The model it speaks beside; the one that is set without.")
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="Recipe in YAML, whose harms get an opinion. The shipped one without.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the opinion; that of the folder without.")] = None,
    version: Annotated[str, typer.Option(help="Version of the opinion.")] = "1",
    most_per_source: Annotated[int, typer.Option(min=100, help="Texts of each source that are read.")] = 4_000,
) -> None:
    """Train a second opinion beside a model, and show what it adds on texts held out."""
    try:
        from sluicegate.models.opinion.training import OpinionPlan, train_opinion
    except ModuleNotFoundError as error:
        raise CommandError(_MISSING.format(error.name, "opinion")) from error
    from sluicegate.cli.model.chosen import chosen_bundle
    from sluicegate.models.recipe import decode_recipe, shipped_recipe_path

    early.interrupts_raise()
    source = recipe or shipped_recipe_path()
    chosen = decode_recipe(source.read_bytes(), str(source))
    first = studied_bundle(chosen_bundle(bundle))
    plan = OpinionPlan(
        name or out.resolve().name, version, encoder, first, chosen, attribution, licence, most_per_source
    )
    console = message_console()
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done)

        trained = train_opinion(data, out, plan, show)
    table = Table("harm", "texts", "AUC alone", "with opinion", "in the band alone", "with opinion")
    for harm, metrics in trained.bundle.manifest.metrics.items():
        found = (metrics.all.first, metrics.all.combined, metrics.band.first, metrics.band.combined)
        texts = f"{metrics.all.positives + metrics.all.negatives:,}"
        table.add_row(harm, texts, *("-" if figure is None else f"{figure:.3f}" for figure in found))
    console.print(table)
    if trained.bad:
        console.print(f"{len(trained.bad)} lines left out, of which the first is {trained.bad[0]}", markup=False)
    print(f"{out} {trained.bundle.digest}")
