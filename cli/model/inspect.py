"""``sluicegate model inspect``: what a bundle says of itself, as tables."""

from typing import TYPE_CHECKING

from rich.table import Table

from sluicegate.cli.model.chosen import BundleFolder, chosen_bundle
from sluicegate.cli.model.imported_table import imported_table
from sluicegate.cli.model.signatures import signature_told
from sluicegate.cli.model.threshold_tables import goals_table, probability
from sluicegate.cli.tables import table_console
from sluicegate.cli.trusted import studied_bundle
from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from sluicegate.models.bundle import Bundle

__all__ = ["inspect"]


def inspect(bundle: BundleFolder = None) -> None:
    """Show what a bundle is: harms, figures, thresholds, sources with licences, sizes."""
    loaded = studied_bundle(chosen_bundle(bundle))
    console = table_console()
    tables = [_overview(loaded)]
    if loaded.manifest.imported is not None:
        tables.append(imported_table(loaded.manifest))
        tables += [_thresholds(loaded)] if loaded.manifest.ordinary.thresholds else []
    else:
        tables += [_figures(loaded), _unseen(loaded), _thresholds(loaded), _sources(loaded)]
    for table in tables:
        console.print(table)
    if loaded.manifest.thresholds:
        console.print(goals_table(loaded.manifest.thresholds))


def _overview(bundle: "Bundle") -> Table:
    manifest = bundle.manifest
    table = Table(title=f"{manifest.name} {manifest.version}", title_justify="left")
    table.add_column("bundle")
    # A digest is taken from here to be pinned: it goes on in the next line where it has no room.
    table.add_column(str(bundle.path), overflow="fold")
    table.add_row("digest", bundle.digest)
    table.add_row("signature", signature_told(bundle.path))
    table.add_row("served from", manifest.served)
    table.add_row("normalisation", manifest.normalisation)
    for block in manifest.features:
        sizes = f"{block.ngram_min} to {block.ngram_max}, hashed into {block.size:,}"
        table.add_row(block.name, f"{block.analyzer} n-grams of {sizes}")
    for signal in manifest.signals:
        table.add_row(
            f"signal {signal.name}", f"{signal.scale}, mean {signal.mean:.4g}, deviation {signal.deviation:.4g}"
        )
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
    from sluicegate.models.thresholds.sample import RULE_OF_THREE

    ordinary = bundle.manifest.ordinary
    table = Table("harm", title="Thresholds that flag few ordinary texts", title_justify="left")
    table.caption = (
        f"The probability from which at most that share of {counted(ordinary.rows, 'ordinary text')} is flagged, in "
        "every language, and in brackets the share of harmful texts that is caught then."
    )
    table.caption_justify = "left"
    first = next(iter(ordinary.thresholds.values()), [])
    for threshold in first:
        # Fewer texts than that cannot tell the rate from one several times as high: the rule of three.
        vouched = ordinary.rows * threshold.false_alarm_rate >= RULE_OF_THREE
        table.add_column(f"{threshold.false_alarm_rate:.1%} flagged" + ("" if vouched else "\n(too few texts)"))
    for harm, thresholds in ordinary.thresholds.items():
        table.add_row(harm, *(f"{probability(point.probability)} ({_share(point.recall)})" for point in thresholds))
    return table


def _share(recall: float | None) -> str:
    return "unknown" if recall is None else f"{recall:.0%}"


def _sources(bundle: "Bundle") -> Table:
    table = Table("source", "use", "licence", "texts", "attribution", title="Sources", title_justify="left")
    for source in bundle.manifest.sources:
        table.add_row(source.name, source.use, source.licence, f"{source.rows:,}", source.attribution)
    return table
