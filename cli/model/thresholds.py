"""``sluicegate model thresholds``: where to cut each harm's probabilities, from what that is to give."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from sluicegate.cli import early
from sluicegate.cli.errors import WRONG_USE, CommandError
from sluicegate.cli.model.bad_rows import show_bad_rows
from sluicegate.cli.model.chosen import source_bundle
from sluicegate.cli.model.per_harm import per_harm
from sluicegate.cli.model.stages import stages
from sluicegate.cli.model.threshold_tables import goal_words, trade_table
from sluicegate.cli.model.trained_on import tell_trained_on
from sluicegate.cli.tables import message_console, table_console
from sluicegate.cli.trusted import studied_bundle

if TYPE_CHECKING:
    from sluicegate.models.bundle import Bundle
    from sluicegate.models.labelled import LabelledFile
    from sluicegate.models.thresholds.chosen import HarmThresholds
    from sluicegate.models.thresholds.goals import Goal, Stream

__all__ = ["thresholds"]

_PerHarm = list[str] | None


def thresholds(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder of the bundle.")],
    data: Annotated[list[Path], typer.Option(help="Labelled texts as JSON lines, plain or gzip. Repeatable.")],
    ordinary: Annotated[
        list[Path] | None,
        typer.Option(help="Ordinary posts of your stream, labelled or not; texts labelled 0 without. Repeatable."),
    ] = None,
    harm: Annotated[list[str] | None, typer.Option(help="Only this harm. Repeatable.")] = None,
    precision: Annotated[_PerHarm, typer.Option(metavar="[HARM=]SHARE", help="Goal: right among the flagged.")] = None,
    recall: Annotated[_PerHarm, typer.Option(metavar="[HARM=]SHARE", help="Goal: caught of the harmful.")] = None,
    false_alarms: Annotated[
        _PerHarm, typer.Option(metavar="[HARM=]NUMBER", help="Goal: flagged of a thousand ordinary posts.")
    ] = None,
    hours: Annotated[
        _PerHarm,
        typer.Option(metavar="[HARM=]HOURS", help="Goal: of reviewers a day; one number is shared between the harms."),
    ] = None,
    events_per_day: Annotated[float | None, typer.Option(help="Posts a day.")] = None,
    minutes: Annotated[_PerHarm, typer.Option(metavar="[HARM=]MINUTES", help="Of a reviewer for one case.")] = None,
    prevalence: Annotated[
        _PerHarm, typer.Option(metavar="[HARM=]SHARE", help="Of all posts that hold the harm; the bundle's without.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Where all chance comes from.")] = 1,
    plot: Annotated[Path | None, typer.Option(help="Draw the trade to this file, .svg or .html.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of a new bundle with the thresholds in it.")] = None,
    replace: Annotated[bool, typer.Option(help="Replace the bundle, or the one at --out.")] = False,
) -> None:
    """Show what thresholds give, and set them by goals.

    Every goal given is set for every harm that the texts are labelled for. Without --out or --replace nothing is
    written. How to choose is in docs/thresholds.md of the project's source.
    """
    # Imported late: scoring needs scikit-learn, which other commands need not wait for.
    from sluicegate.models.bundle import check_place
    from sluicegate.models.labelled import read_labelled
    from sluicegate.models.rewriting import rewrite_manifest
    from sluicegate.models.scored import score_files
    from sluicegate.models.thresholds.chosen import choose, with_thresholds

    early.interrupts_raise()
    if plot is not None:
        _check_plot(plot)
    loaded = studied_bundle(source_bundle(bundle, in_place=replace and out is None))
    if out is not None:
        check_place(out, replace=replace)
    harms = _harms(loaded, harm)
    streams = _streams(loaded, harms, prevalence or [], events_per_day, minutes or [])
    asked = {"precision": precision, "recall": recall, "false_alarms": false_alarms, "hours": hours}
    if (out is not None or replace) and not any(asked.values()):
        raise CommandError("there is no threshold to write; give a goal, as --precision 0.9", WRONG_USE)
    console = message_console()
    files = [read_labelled(path) for path in data]
    plain = [read_labelled(path, plain=True) for path in ordinary or []]
    labelled = {name for file in files for row in file.rows for name in row.labels}
    goals = _goals({kind: values or [] for kind, values in asked.items()}, streams, labelled)
    with stages(console) as show:
        scorer = loaded.scorer()
        scored = score_files(files, scorer, lambda done, total: show("labelled", done, total))
        free = score_files(plain, scorer, lambda done, total: show("ordinary", done, total)) if plain else None
        found = choose(harms, scored, free, streams, goals, seed, lambda done, total: show("goals", done, total))
    _tell_bad([*files, *plain], console)
    tell_trained_on(loaded.manifest, [*files, *plain], console)
    _show(found)
    if plot is not None:
        from sluicegate.cli.model.threshold_plots import draw_trade

        draw_trade(found, plot, seed)
    _tell_unmet(found, console, named=harm is not None)
    if out is not None or replace:
        made = rewrite_manifest(loaded, with_thresholds(loaded.manifest, found), out, replace=replace)
        print(f"{made.path} {made.digest}")


def _harms(bundle: "Bundle", named: list[str] | None) -> tuple[str, ...]:
    harms = bundle.manifest.harms
    for name in named or []:
        if name not in harms:
            raise CommandError(f"the bundle has no harm {name!r}; its harms are {', '.join(harms)}", WRONG_USE)
    return tuple(name for name in harms if not named or name in named)


def _streams(
    bundle: "Bundle", harms: Sequence[str], prevalence: list[str], events: float | None, minutes: list[str]
) -> "dict[str, Stream]":
    from sluicegate.models.thresholds.goals import GoalError, Stream

    calibration = bundle.manifest.calibration
    stated = {name: calibration[name].prevalence for name in harms if name in calibration}
    shares = stated | per_harm("--prevalence", prevalence, harms)
    takes = per_harm("--minutes", minutes, harms)
    streams: dict[str, Stream] = {}
    for name in harms:
        if name not in shares:
            raise CommandError(f"the bundle states no prevalence of {name}; give --prevalence {name}=SHARE", WRONG_USE)
        try:
            streams[name] = Stream(shares[name], events, takes.get(name))
        except GoalError as error:
            raise CommandError(f"{name}: {error}", WRONG_USE) from error
    return streams


def _goals(asked: dict[str, list[str]], streams: "dict[str, Stream]", labelled: set[str]) -> "dict[str, list[Goal]]":
    from sluicegate.models.thresholds.goals import KINDS, Goal, GoalError, share_hours

    goals: dict[str, list[Goal]] = {harm: [] for harm in streams}
    for kind in KINDS:
        values = asked[kind]
        read = per_harm("--" + kind.replace("_", "-"), values, tuple(streams))
        together = [float(value) for value in values if "=" not in value]
        try:
            if kind == "hours" and together:
                # Harms with hours of their own are not among those that share, nor those that get no threshold.
                own = {value.rpartition("=")[0] for value in values}
                sharing = {harm: stream for harm, stream in streams.items() if harm in labelled - own}
                read = {harm: read[harm] for harm in read if harm in own} | share_hours(together[-1], sharing)
            if kind == "hours" and any(streams[harm].events_a_day is None for harm in read):
                raise GoalError("--hours needs the size of the stream; give --events-per-day")
            for harm, value in read.items():
                if kind == "hours" and streams[harm].minutes is None:
                    raise GoalError(f"--hours needs the time of a case; give --minutes {harm}=MINUTES")
                goals[harm].append(Goal(kind, value))
        except GoalError as error:
            raise CommandError(str(error), WRONG_USE) from error
    return goals


def _check_plot(path: Path) -> None:
    if path.suffix not in (".svg", ".html"):
        raise CommandError(f"--plot {path}: a plot is drawn as .svg or .html; end the name so", WRONG_USE)
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise CommandError("--plot needs matplotlib; install sluicegate[reports]") from error


def _show(found: "Sequence[HarmThresholds]") -> None:
    console = table_console()
    for of_harm in found:
        if of_harm.points:
            console.print(trade_table(of_harm))


def _tell_bad(files: "Sequence[LabelledFile]", console: Console) -> None:
    show_bad_rows([bad for file in files for bad in file.bad], console)


def _tell_unmet(found: "Sequence[HarmThresholds]", console: Console, *, named: bool) -> None:
    """Tell of harms without texts, and end the command where a goal cannot be met: then nothing is written."""
    silent = [of_harm.harm for of_harm in found if of_harm.unlabelled]
    if silent and (named or len(silent) == len(found)):
        raise CommandError(f"no text is labelled for {', '.join(silent)}; give files that are with --data")
    if silent:
        console.print(f"no text is labelled for {', '.join(silent)}: left as they are", highlight=False)
    unmet = [(of_harm.harm, one) for of_harm in found for one in of_harm.unmet]
    for harm, one in unmet:
        nearest = "none can be met" if one.nearest is None else f"nearest: {goal_words(one.goal.kind, one.nearest)}"
        words = goal_words(one.goal.kind, one.goal.value)
        console.print(f"{harm}: {words} cannot be met: {one.reason}; {nearest}", highlight=False, soft_wrap=True)
    if unmet:
        harms = ", ".join(dict.fromkeys(harm for harm, _ in unmet))
        raise CommandError(
            f"goals for {harms} cannot be met and nothing was written; give the nearest, more texts, or leave the "
            "harm out with --harm"
        )
