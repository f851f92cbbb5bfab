"""``sluicegate model evaluate``: how good a bundle is on labelled texts."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sluicegate.cli import early
from sluicegate.cli.errors import WRONG_USE, CommandError
from sluicegate.cli.model.bad_rows import show_bad_rows
from sluicegate.cli.model.stages import stages
from sluicegate.cli.tables import message_console, table_console
from sluicegate.cli.trusted import studied_bundle

if TYPE_CHECKING:
    from sluicegate.models.evaluation.evaluation import Evaluation

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
    seed: Annotated[int, typer.Option(min=0, help="Where all chance comes from.")] = 1,
    identity: Annotated[
        Path | None, typer.Option(help="Labelled texts that name identities, alike but for the name, for bias.")
    ] = None,
    terms: Annotated[Path | None, typer.Option(help="Identity terms in YAML; about fifty are shipped.")] = None,
    disguises: Annotated[bool, typer.Option(help="Measure what leetspeak, spacing, typos and such cost.")] = True,
    against: Annotated[Path | None, typer.Option(help="A second bundle, compared on the same texts.")] = None,
    transfer: Annotated[
        Path | None, typer.Option(help="Figures of `model transfer --json`, to be shown and written with these.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write all figures to this file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write one page with plots (needs the extra: reports).")] = None,
) -> None:
    """Measure a bundle on labelled texts, with 95 % intervals.

    Discrimination, calibration, precision and recall at thresholds, false alarms on ordinary texts, by source, language
    and length; what disguises cost; whether naming an identity is flagged. Files are those that model train reads; of
    one that the bundle was trained on, only what was held out is measured. What each figure means is in
    docs/evaluation.md of the project's source.
    """
    # Imported late: measuring needs scikit-learn and scipy, which other commands need not wait for.
    from sluicegate.cli.model.evaluation_tables import laid_out
    from sluicegate.models.evaluation.evaluation import encode_evaluation
    from sluicegate.models.evaluation.examining import Plan, examine
    from sluicegate.models.evaluation.identity import read_terms, shipped_terms_path
    from sluicegate.models.evaluation.transferring import read_transfer
    from sluicegate.models.recipe import read_recipe, shipped_recipe_path
    from sluicegate.models.store import bundle_folder

    page = _page_maker() if html else None
    plan = Plan(
        recipe=read_recipe(recipe or shipped_recipe_path()),
        seed=seed,
        thresholds=tuple(threshold or ()),
        most=most,
        identity=identity,
        terms=read_terms(terms or shipped_terms_path()),
        disguises=disguises,
        against=studied_bundle(bundle_folder(against)) if against else None,
        transfer=read_transfer(transfer) if transfer else (),
    )
    loaded = studied_bundle(bundle_folder(bundle))
    early.interrupts_raise()
    console = message_console()
    with stages(console) as show:
        examined = examine(loaded, data, plan, show)
    show_bad_rows(examined.bad, console)
    for sentence in held_out(examined.evaluation):
        console.print(sentence, highlight=False, soft_wrap=True)
    table_console().print(laid_out(examined.evaluation))
    if json is not None:
        json.write_bytes(encode_evaluation(examined.evaluation))
    if html is not None and page is not None:
        html.write_text(page(examined.evaluation), encoding="utf-8")


def held_out(evaluation: "Evaluation") -> Iterator[str]:
    """Tell where only a part of a file was measured, since the bundle was trained on the rest."""
    parts = [file for file in evaluation.files if file.unseen < file.rows]
    if parts:
        rows, unseen = sum(file.rows for file in parts), sum(file.unseen for file in parts)
        names = ", ".join(file.name for file in parts)
        yield f"Trained on: {names}; of {rows:,} texts, the {unseen:,} held out are measured"


def _page_maker() -> "Callable[[Evaluation], str]":
    """Load what draws the page before anything is measured, so that what is missing is told at once."""
    try:
        from sluicegate.models.evaluation.page import evaluation_page
    except ModuleNotFoundError as error:
        raise CommandError(
            f"--html needs {error.name}, which is not installed; install the extra: pip install 'sluicegate[reports]'",
            WRONG_USE,
        ) from error
    return evaluation_page
