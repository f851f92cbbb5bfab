"""``sluicegate model train``: from labelled files to a bundle."""

from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli import early
from sluicegate.cli.errors import FAILED, CommandError
from sluicegate.cli.model.bad_rows import show_bad_rows
from sluicegate.cli.model.stages import stages
from sluicegate.cli.tables import message_console, table_console

__all__ = ["train"]


def train(
    data: Annotated[list[Path], typer.Argument(help="Labelled texts as JSON lines, plain or gzip.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the bundle to make; required, but with --check.")] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the model, for logs, metrics and decisions; that of the folder without.")
    ] = None,
    version: Annotated[str, typer.Option(help="Version of the model.")] = "1",
    seed: Annotated[int, typer.Option(help="Where all chance comes from.")] = 1,
    recipe: Annotated[
        Path | None,
        typer.Option(
            help="Recipe in YAML: which harms to learn, and what is known of each source. The shipped one without."
        ),
    ] = None,
    assume: Annotated[
        list[str] | None, typer.Option(help="SOURCE:HARM[,HARM]: take a missing label for 0. Repeatable.")
    ] = None,
    grammar: Annotated[bool, typer.Option(help="Train on the project's own seed texts as well.")] = True,
    replace: Annotated[bool, typer.Option(help="Replace a bundle that is there already.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Check the data and train nothing; exit code 1 if it has errors.")
    ] = False,
    despite_errors: Annotated[
        bool, typer.Option("--despite-errors", help="Train whatever checks of the data find.")
    ] = False,
) -> None:
    """Train one calibrated model for each harm and write a bundle.

    A line is {"text": "...", "labels": {"spam": 1, "hate": 0}}, with source, lang, gid and user where they are
    known; a harm without a label is unknown, not 0. Every harm of the recipe needs 20 positive and 20 negative texts.

    The data is checked first: labels that have nothing to do with their texts stop the training, and so do harms with
    too few texts. Texts with both labels, labels that never vary, groups that are too large and names that the recipe
    does not list are told.

    The whole way, with a recipe of one's own, is in docs/training.md of the project's source.
    """
    # Imported late: training needs scikit-learn's estimators, which other commands need not wait for.
    from sluicegate.cli.model.findings import show_findings, show_looks
    from sluicegate.models.recipe import read_recipe, shipped_recipe_path, with_assumptions
    from sluicegate.models.train import Plan, check_data, read_files, train_bundle
    from sluicegate.models.training import HarmDataError

    early.interrupts_raise()
    source = recipe or shipped_recipe_path()
    console = message_console()
    if out is None and not check:
        raise typer.BadParameter(
            "name the folder of the bundle to make, or check the data alone by --check", param_hint="--out"
        )
    try:
        chosen = with_assumptions(read_recipe(source), assume or [])
        plan = Plan(name or (out or Path()).resolve().name, version, chosen, seed, grammar, replace, despite_errors)
        if out is None or check:
            with stages(console) as show:
                files = read_files(data, show)
                checked = check_data(files, plan, show)
            show_bad_rows([bad for file in files for bad in file.bad], console)
            show_findings(checked, table_console())
            show_looks(checked, table_console())
            if checked.errors:
                raise typer.Exit(FAILED)
            return
        with stages(console) as show:
            trained = train_bundle(data, out, plan, show, lambda checked: show_findings(checked, console))
    except HarmDataError as error:
        raise CommandError(f"{error}; the recipe is {source}, and --recipe FILE takes another") from error
    show_bad_rows(trained.bad, console)
    print(f"{out} {trained.bundle.digest}")
