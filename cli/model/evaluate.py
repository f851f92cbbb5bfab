"""``sluicegate model evaluate``: how good a bundle is on labelled texts."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sluicegate.cli.model.bad_rows import show_bad_rows
from sluicegate.cli.model.stages import stages

__all__ = ["evaluate"]


def evaluate(
    bundle: Annotated[Path, typer.Argument(help="Folder of the bundle to measure.")],
    data: Annotated[list[Path], typer.Argument(help="Labelled texts as JSON lines, plain or gzip.")],
    threshold: Annotated[
        list[str] | None,
        typer.Option(metavar="HARM=P", help="Measure at this probability, not at the bundle's. Repeatable."),
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option(help="Recipe in YAML: which labels of a source mean which harm, which texts are ordinary."),
    ] = None,
    most: Annotated[
        int | None, typer.Option(min=1, help="Measure on at most that many texts, drawn at random.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Where all chance comes from.")] = 1,
    json: Annotated[Path | None, typer.Option(help="Write all figures to this file.")] = None,
) -> None:
    """Measure a bundle on labelled texts: discrimination, calibration, and false alarms, with 95 % intervals.

    Files are those that `model train` reads. A figure of a class with too few texts is not given.
    """
    # Imported late: measuring needs scikit-learn and scipy, which other commands need not wait for.
    from sluicegate.cli.model.evaluation_tables import evaluation_tables
    from sluicegate.models.bundle import load_bundle
    from sluicegate.models.evaluation.evaluate import evaluate_sample
    from sluicegate.models.evaluation.evaluation import encode_evaluation
    from sluicegate.models.evaluation.reading import read_files
    from sluicegate.models.evaluation.sample import draw_rows, take_sample
    from sluicegate.models.evaluation.thresholds import chosen_thresholds, given_thresholds, stated_thresholds
    from sluicegate.models.recipe import read_recipe, shipped_recipe_path

    loaded = load_bundle(bundle)
    manifest = loaded.manifest
    thresholds = chosen_thresholds(stated_thresholds(manifest), given_thresholds(threshold or [], manifest.harms))
    known = read_recipe(recipe or shipped_recipe_path())
    console = Console(stderr=True)
    with stages(console) as show:
        read = read_files(data, show)
        scorer = loaded.scorer()
        sample = take_sample(scorer, draw_rows(read.rows, most, seed), known, show)
        prevalence = {harm: fitted.prevalence for harm, fitted in manifest.calibration.items()}
        measured = evaluate_sample(
            scorer, sample, thresholds, prevalence, seed, show, files=read.files, rows_read=len(read.rows)
        )
    show_bad_rows(read.bad, console)
    for table in evaluation_tables(measured):
        Console().print(table)
    if json is not None:
        json.write_bytes(encode_evaluation(measured))
