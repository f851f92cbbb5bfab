"""``sluicegate model``: train, inspect and verify bundles."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from sluicegate.cli import early
from sluicegate.cli.examples import examples
from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from sluicegate.models.bundle import Bundle
    from sluicegate.models.labelled import BadRow

app = typer.Typer(name="model", help="Train, inspect and verify model bundles.", no_args_is_help=True)
BundleFolder = Annotated[
    Path | None,
    typer.Argument(metavar="BUNDLE", help="Folder of a bundle; the one that is set (or the shipped one) without."),
]
SHOWN_BAD_ROWS = 10


def _fail(error: Exception | str) -> typer.Exit:
    Console(stderr=True, soft_wrap=True, markup=False, highlight=False).print(f"sluicegate: {error}")
    return typer.Exit(1)


@app.command(
    epilog=examples(
        "sluicegate model train posts.jsonl.gz --out bundles/mine --recipe mine.yaml --no-grammar",
        "sluicegate model train posts.jsonl.gz --out bundles/mine --version 2 --replace --assume mail:hate",
    ),
)
def train(
    data: Annotated[list[Path], typer.Argument(help="Labelled texts as JSON lines, plain or gzip.")],
    out: Annotated[Path, typer.Option(help="Folder of the bundle to make.")],
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
) -> None:
    """Train one calibrated model for each harm and write a bundle.

    A line is {"text": "...", "labels": {"spam": 1, "hate": 0}}, with source, lang, gid and user where they are
    known; a harm without a label is unknown, not 0. Every harm of the recipe needs 20 positive and 20 negative texts.

    The whole way, with a recipe of one's own, is in docs/training.md of the project's source.
    """
    # Imported late: training needs scikit-learn's estimators, which other commands need not wait for.
    from sluicegate.models.bundle import BundleError
    from sluicegate.models.labelled import DataError
    from sluicegate.models.recipe import decode_recipe, shipped_recipe_path, with_assumptions
    from sluicegate.models.train import Plan, train_bundle
    from sluicegate.models.training import HarmDataError

    early.interrupts_raise()
    source = recipe or shipped_recipe_path()
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        chosen = with_assumptions(decode_recipe(_recipe_bytes(source), str(source)), assume or [])
        plan = Plan(name or out.resolve().name, version, chosen, seed, grammar, replace)
        with Progress(*columns, console=console) as bars:
            tasks: dict[str, int] = {}

            def show(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(stage, total=total)
                bars.update(tasks[stage], completed=done)  # type: ignore[arg-type]

            trained = train_bundle(data, out, plan, show)
    except HarmDataError as error:
        raise _fail(f"{error}; the recipe is {source}, and --recipe FILE takes another") from error
    except (DataError, BundleError, OSError) as error:
        raise _fail(error) from error
    _show_bad_rows(trained.bad, console)
    print(f"{out} {trained.bundle.digest}")


@app.command(epilog=examples("sluicegate model inspect", "sluicegate model inspect bundles/mine"))
def inspect(bundle: BundleFolder = None) -> None:
    """Show what a bundle is: harms, figures, thresholds, sources with licences, sizes."""
    from sluicegate.models.bundle import BundleError, load_bundle

    try:
        loaded = load_bundle(_chosen(bundle))
    except BundleError as error:
        raise _fail(error) from error
    console = Console()
    for table in (_overview(loaded), _figures(loaded), _unseen(loaded), _thresholds(loaded), _sources(loaded)):
        console.print(table)


@app.command(epilog=examples("sluicegate model verify bundles/mine"))
def verify(bundle: BundleFolder = None) -> None:
    """Check digests and versions, and that weights and pipeline give the same probabilities.

    The pipeline is unpickled: verify only bundles from a source that you trust.
    """
    from sluicegate.models.bundle import BundleError, load_bundle
    from sluicegate.models.parity import check_parity

    try:
        loaded = load_bundle(_chosen(bundle))
        largest = check_parity(loaded)
    except BundleError as error:
        raise _fail(error) from error
    print(f"{loaded.path} is whole: {loaded.digest}, weights and pipeline agree to {largest:.1g}")


def _chosen(bundle: Path | None) -> Path:
    from sluicegate.cli.settings import read_settings

    return bundle or read_settings().bundle


def _recipe_bytes(path: Path) -> bytes:
    from sluicegate.models.labelled import DataError

    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"recipe {path} cannot be read ({error.strerror}); give a file to --recipe") from error


def _show_bad_rows(bad: "tuple[BadRow, ...]", console: Console) -> None:
    if not bad:
        return
    console.print(f"{counted(len(bad), 'line')} left out:", highlight=False)
    for row in bad[:SHOWN_BAD_ROWS]:
        console.print(f"  {row.file}:{row.line}: {row.reason}", markup=False, highlight=False)
    if len(bad) > SHOWN_BAD_ROWS:
        console.print(f"  and {len(bad) - SHOWN_BAD_ROWS} more", highlight=False)


def _overview(bundle: "Bundle") -> Table:
    manifest = bundle.manifest
    table = Table("bundle", str(bundle.path), title=f"{manifest.name} {manifest.version}", title_justify="left")
    table.add_row("digest", bundle.digest)
    table.add_row("normalisation", manifest.normalisation)
    for block in manifest.features:
        sizes = f"{block.ngram_min} to {block.ngram_max}, hashed into {block.size:,}"
        table.add_row(block.name, f"{block.analyzer} n-grams of {sizes}")
    table.add_row("libraries", ", ".join(f"{name} {version}" for name, version in manifest.libraries.items()))
    for name, digest in manifest.files.items():
        table.add_row(name, f"{digest.bytes / 1e6:.1f} MB  sha256 {digest.sha256[:16]}")
    return table


def _figures(bundle: "Bundle") -> Table:
    columns = ("harm", "positives", "negatives", "AUC", "average precision", "ECE at even odds", "prevalence")
    table = Table(*columns, title="Held out", title_justify="left")
    for harm, figures in bundle.manifest.metrics.items():
        numbers = (figures.auc, figures.average_precision, figures.ece_even_odds)
        table.add_row(
            harm,
            f"{figures.positives:,}",
            f"{figures.negatives:,}",
            *("too few" if number is None else f"{number:.3f}" for number in numbers),
            f"{bundle.manifest.calibration[harm].prevalence:.1%}",
        )
    return table


def _unseen(bundle: "Bundle") -> Table:
    columns = ("harm", "source", "positives", "negatives", "AUC", "average precision")
    table = Table(*columns, title="On sources it was not trained on", title_justify="left")
    for harm, figures in bundle.manifest.metrics.items():
        for source, measured in figures.transfer.items():
            counts = (f"{measured.positives:,}", f"{measured.negatives:,}")
            table.add_row(harm, source, *counts, f"{measured.auc:.3f}", f"{measured.average_precision:.3f}")
    if not table.row_count:
        table.add_row("none was measured")
    return table


def _thresholds(bundle: "Bundle") -> Table:
    ordinary = bundle.manifest.ordinary
    table = Table("harm", title="Thresholds that flag few ordinary texts", title_justify="left")
    table.caption = (
        f"The probability from which that share of {counted(ordinary.rows, 'ordinary text')} is flagged, "
        "and in brackets the share of harmful texts that is caught then."
    )
    table.caption_justify = "left"
    first = next(iter(ordinary.thresholds.values()), [])
    for threshold in first:
        table.add_column(f"{threshold.false_alarm_rate:.1%} flagged")
    for harm, thresholds in ordinary.thresholds.items():
        table.add_row(harm, *(f"{point.probability:.3f} ({point.recall:.0%})" for point in thresholds))
    return table


def _sources(bundle: "Bundle") -> Table:
    table = Table("source", "use", "licence", "texts", "attribution", title="Sources", title_justify="left")
    for source in bundle.manifest.sources:
        table.add_row(source.name, source.use, source.licence, f"{source.rows:,}", source.attribution)
    return table
