"""``sluicegate model transfer``: what a recipe is worth on sources that it does not train on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from sluicegate.cli import early
from sluicegate.cli.errors import WRONG_USE, CommandError
from sluicegate.cli.model.bad_rows import show_bad_rows
from sluicegate.cli.model.stages import stages
from sluicegate.cli.tables import message_console, table_console

if TYPE_CHECKING:
    from sluicegate.models.evaluation.transferring import TransferReport

__all__ = ["transfer"]


def transfer(
    data: Annotated[list[Path], typer.Argument(help="Labelled texts as JSON lines, plain or gzip.")],
    recipe: Annotated[Path | None, typer.Option(help="Recipe in YAML; the shipped one without.")] = None,
    harm: Annotated[list[str] | None, typer.Option(help="Only this harm. Repeatable.")] = None,
    identity: Annotated[
        Path | None, typer.Option(help="Labelled texts that name identities, alike but for the name, for bias.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Where all chance comes from.")] = 1,
    grammar: Annotated[bool, typer.Option(help="Train on the project's own seed texts as well.")] = True,
    json: Annotated[Path | None, typer.Option(help="Write all figures to this file.")] = None,
) -> None:
    """Train without each source in turn, and measure there: by this, not by held-out rows, choose a recipe.

    Texts held out of a source come from the same hands as those trained on, and flatter. Sources of one family are
    left out together. With --identity, what is trained on all sources is tested for bias, since a better mean can hide
    a group that is flagged whole. It takes about a training for each source and harm.
    """
    # Imported late: training needs scikit-learn's estimators, which other commands need not wait for.
    from sluicegate.models.evaluation.identity import read_terms, shipped_terms_path
    from sluicegate.models.evaluation.transferring import transfer_report
    from sluicegate.models.labelled import read_labelled
    from sluicegate.models.recipe import read_recipe, shipped_recipe_path
    from sluicegate.models.train import own_rows, read_files

    early.interrupts_raise()
    known = read_recipe(recipe or shipped_recipe_path())
    harms = tuple(name for name in known.harms if not harm or name in harm)
    for name in harm or []:
        if name not in known.harms:
            raise CommandError(f"the recipe has no harm {name!r}; its harms are {', '.join(known.harms)}", WRONG_USE)
    console = message_console()
    identities = read_labelled(identity) if identity else None
    with stages(console) as show:
        files = read_files(data, show)
        rows = [row for file in files for row in file.rows] + (own_rows(known, seed) if grammar else [])
        report = transfer_report(known, rows, harms, identities, read_terms(shipped_terms_path()), seed, show)
    show_bad_rows([bad for file in files for bad in file.bad], console)
    _show(report)
    if json is not None:
        import msgspec

        json.write_bytes(msgspec.json.encode(report) + b"\n")


def _show(report: "TransferReport") -> None:
    console = table_console()
    grid = Table("harm", "source left out", "language", "harmful", "not", "AUC", "against ordinary")
    for each in report.sources:
        counts = f"{each.positives:,}", f"{each.negatives:,}"
        grid.add_row(
            each.harm, each.source, each.language, *counts, _figure(each.auc), _figure(each.auc_against_ordinary)
        )
    for harm, (auc, ordinary) in report.means.items():
        mean, *bold = (Text(told, "bold") for told in ("mean", _figure(auc), _figure(ordinary)))
        grid.add_row(harm, mean, "", "", "", *bold)
    console.print(grid)
    if report.identity is None:
        return
    bias = Table("harm", "gap", "most", "least", title="Harmless texts flagged, between identities, where 5 % are")
    for harm, figures in report.identity.harms.items():
        bias.add_row(harm, _figure(figures.gap), figures.highest, figures.lowest)
    console.print(bias)


def _figure(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.3f}"
