"""``sluicegate model calibrate``: calibration, thresholds and references read anew on a deployment's own texts."""

from collections.abc import Mapping
from dataclasses import replace as changed
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from sluicegate.cli import early
from sluicegate.cli.errors import WRONG_USE, CommandError
from sluicegate.cli.model.bad_rows import show_bad_rows
from sluicegate.cli.model.chosen import source_bundle
from sluicegate.cli.model.per_harm import per_harm
from sluicegate.cli.model.stages import stages
from sluicegate.cli.model.threshold_tables import probability
from sluicegate.cli.model.trained_on import tell_trained_on
from sluicegate.cli.tables import message_console, table_console
from sluicegate.cli.trusted import studied_bundle

if TYPE_CHECKING:
    from sluicegate.models.calibrating.recalibrating import Recalibrated
    from sluicegate.models.calibrating.recorded import Recalibration
    from sluicegate.models.manifest import Ordinary
    from sluicegate.models.thresholds.recorded import Estimate

__all__ = ["calibrate"]


def calibrate(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder of the bundle.")],
    data: Annotated[
        list[Path] | None, typer.Option(help="Labelled texts as JSON lines, to calibrate with. Repeatable.")
    ] = None,
    plain: Annotated[
        list[Path] | None,
        typer.Option(help="Plain traffic as JSON lines, for thresholds and reference distributions. Repeatable."),
    ] = None,
    prevalence: Annotated[
        list[str] | None, typer.Option(metavar="[HARM=]SHARE", help="Move to this share of all posts. Repeatable.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Where all chance comes from.")] = 1,
    force: Annotated[bool, typer.Option(help="Calibrate also where that makes it worse.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder of the new bundle.")] = None,
    replace: Annotated[bool, typer.Option(help="Replace the bundle, or the one at --out.")] = False,
) -> None:
    """Read the calibration of a bundle anew: it does not travel from one stream to another.

    One half of the labelled texts is fitted on, the other half says whether it helped. Without --out or --replace
    nothing is written. docs/thresholds.md of the project's source says more.
    """
    # Imported late: scoring needs scikit-learn, which other commands need not wait for.
    from sluicegate.models.bundle import check_place
    from sluicegate.models.calibrating.applying import apply
    from sluicegate.models.calibrating.plain import read_plain
    from sluicegate.models.calibrating.recalibrating import recalibrate
    from sluicegate.models.drift.unknown import unknown_words
    from sluicegate.models.labelled import read_labelled
    from sluicegate.models.logit_map import map_probabilities
    from sluicegate.models.scored import Scored, score_files

    early.interrupts_raise()
    if not (data or plain or prevalence):
        raise CommandError("there is nothing to calibrate by; give --data, --plain or --prevalence", WRONG_USE)
    loaded = studied_bundle(source_bundle(bundle, in_place=replace and out is None))
    if out is not None:
        check_place(out, replace=replace)
    shares = _prevalence(prevalence or [], loaded.manifest.harms)
    console = message_console()
    files = [read_labelled(path) for path in data or []], [read_labelled(path, plain=True) for path in plain or []]
    scored: list[Scored | None] = []
    with stages(console) as show:
        scorer = loaded.scorer()
        for name, some in zip(("labelled", "plain"), files, strict=True):
            told = (lambda stage: lambda done, total: show(stage, done, total))(name)
            scored.append(score_files(some, scorer, told) if some else None)
        found = recalibrate(loaded.manifest, scored[0], shares, seed, force=force)
    show_bad_rows([bad for some in files for file in some for bad in file.bad], console)
    tell_trained_on(loaded.manifest, [file for some in files for file in some], console)
    for harm, reason in found.left.items():
        console.print(f"{harm} is left as it is: {reason}", highlight=False, soft_wrap=True)
    lines = {harm: change.map for harm, change in found.changes.items()}
    labelled, traffic = (one and changed(one, scores=map_probabilities(lines, one.harms, one.scores)) for one in scored)
    words = unknown_words(loaded.manifest, loaded.tensors)
    ordinary = read_plain(traffic, labelled, loaded.manifest.ordinary, words) if traffic else None
    _show(found, loaded.manifest.ordinary, ordinary)
    if not found.changes and ordinary is None:
        raise CommandError(
            f"no harm was calibrated and nothing was written; give more texts labelled for {', '.join(found.left)}"
            if found.left
            else "no text is labelled for a harm of the bundle and nothing was written; give files that are with --data"
        )
    if out is not None or replace:
        made = apply(loaded, found.changes, found.calibration, ordinary, out, replace=replace)
        print(f"{made.path} {made.digest}")


def _prevalence(values: list[str], harms: tuple[str, ...]) -> dict[str, float]:
    shares = per_harm("--prevalence", values, harms)
    for harm, share in shares.items():
        if not 0 < share < 1:
            raise CommandError(f"--prevalence of {harm} is {share:g}; give a share between 0 and 1", WRONG_USE)
    return shares


def _show(found: "Recalibrated", before: "Ordinary", ordinary: "Ordinary | None") -> None:
    console = table_console()
    if found.changes:
        console.print(_changes(found.changes))
    if ordinary is not None:
        console.print(_thresholds(before, ordinary))


def _changes(changes: "Mapping[str, Recalibration]") -> Table:
    table = Table(title="Calibrated anew", title_justify="left")
    for name in ("harm", "texts", "prevalence", "ECE before", "ECE after", "log-odds x become"):
        table.add_column(name, overflow="fold")
    for harm, change in changes.items():
        texts = f"{change.fitted:,} to fit\n{change.measured:,} to measure" if change.before else "none"
        table.add_row(
            harm,
            texts,
            f"{change.prevalence_before:.2%}\nto {change.prevalence:.2%}",
            _error(change.before),
            _error(change.after),
            f"{change.map.slope:.3f} x {change.map.intercept:+.3f}",
        )
    table.caption = "ECE: expected calibration error at even odds, with its interval of 95 %."
    table.caption_justify = "left"
    return table


def _error(estimate: "Estimate | None") -> str:
    return "unknown" if estimate is None else f"{estimate.value:.3f}\n{estimate.low:.3f}-{estimate.high:.3f}"


def _thresholds(before: "Ordinary", ordinary: "Ordinary") -> Table:
    rates = [one.false_alarm_rate for one in next(iter(ordinary.thresholds.values()))]
    columns = ("harm", *(f"{rate:.1%} flagged" for rate in rates))
    title = f"Thresholds from {ordinary.rows:,} texts of plain traffic, in brackets those before"
    table = Table(*columns, title=title, title_justify="left")
    for harm, found in ordinary.thresholds.items():
        old = {one.false_alarm_rate: probability(one.probability) for one in before.thresholds.get(harm, [])}
        cells = (f"{probability(one.probability)} ({old.get(one.false_alarm_rate, 'none')})" for one in found)
        table.add_row(harm, *cells)
    return table
