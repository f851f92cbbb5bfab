"""``sluicegate replay``: decides a stretch of the past again, and says what would have been decided otherwise."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sluicegate.cli import early
from sluicegate.cli.errors import INTERRUPTED, WRONG_USE, CommandError
from sluicegate.cli.examples import examples
from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from sluicegate.agents.replay import Progress, Targets, Wish
    from sluicegate.agents.settings import Settings
    from sluicegate.models.comparison import ReplayReport

__all__ = ["EXAMPLES", "replay"]

EXAMPLES = examples(
    "sluicegate replay --since 2026-11-22T07:00:00Z --policy new.yaml --report-only",
    "sluicegate replay --since ... --until ... --bundle my-bundle --out-prefix replay. --create-topics",
    "sluicegate replay --offsets 0:1000-1999 --offsets 3:0-499 --report-only --json report.json",
)


def replay(
    since: Annotated[
        str | None, typer.Option(help="From this time on, as 2026-11-22T07:00:00Z, or as long ago as 90m.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Before this time; the present end without.")] = None,
    offsets: Annotated[
        list[str] | None,
        typer.Option(metavar="PARTITION:FROM-TO", help="Offsets in place of times, both included; can be repeated."),
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Policy in place of the one that is set.")] = None,
    bundle: Annotated[Path | None, typer.Option(help="Bundle or store in place of the one that is set.")] = None,
    out_prefix: Annotated[
        str | None, typer.Option(help="Write to the topics of the live names with this before them.")
    ] = None,
    decisions_topic: Annotated[str | None, typer.Option(help="Topic of the decisions.")] = None,
    dead_letters_topic: Annotated[str | None, typer.Option(help="Topic of the dead letters.")] = None,
    review_prefix: Annotated[str | None, typer.Option(help="What the names of review topics begin with.")] = None,
    create_topics: Annotated[bool, typer.Option(help="Create those of these topics that are missing.")] = False,
    into_live_topics: Annotated[bool, typer.Option(help="Allow topics of the running deployment.")] = False,
    report_only: Annotated[bool, typer.Option(help="Write nothing, compare only.")] = False,
    rate: Annotated[float | None, typer.Option(min=1, help="Events a second at the most.")] = None,
    show_examples: Annotated[
        int, typer.Option("--examples", min=0, max=1000, help="Events shown of each change, by where they stand.")
    ] = 3,
    json: Annotated[Path | None, typer.Option(help="Write all figures to this file; - for standard output.")] = None,
) -> None:
    """Decide a stretch of the past again, by another policy or model, and compare with what was decided.

    Events are read from the events topic without a group: the offsets of the workers are not touched. Decisions, review
    tasks and dead letters go to topics of your choice, or nowhere; an event's decision has the same id as its live one.
    The report counts changes of outcome, action, queue, class, rule and scores against the live decisions topic.

    One model and one policy decide: a split, a shadow and a second opinion that are set are left out. docs/replay.md of
    the project's source says what the figures mean.
    """
    from sluicegate.agents.logs import silence_clients
    from sluicegate.agents.replay import Stretch, StretchError, TargetError, Wish
    from sluicegate.cli.replay_tables import laid_out
    from sluicegate.cli.settings import read_settings
    from sluicegate.cli.tables import table_console
    from sluicegate.models.comparison import encode_replay_report

    early.interrupts_raise()
    silence_clients()
    settings = read_settings()
    named = (out_prefix, decisions_topic, dead_letters_topic, review_prefix)
    try:
        stretch = Stretch.parse(since, until, offsets or [])
        targets = None if report_only else _targets(settings, *named, into_live=into_live_topics)
    except (StretchError, TargetError) as error:
        raise CommandError(str(error), WRONG_USE) from error
    if report_only and any(name is not None for name in named):
        raise CommandError("--report-only writes nothing; leave the names of topics out", WRONG_USE)
    wish = Wish(stretch, targets, policy, bundle, create_topics, rate, show_examples)
    found = _replayed(settings, wish)
    if json is not None and str(json) == "-":
        print(encode_replay_report(found).decode(), end="")
        return
    if json is not None:
        json.write_bytes(encode_replay_report(found))
    for part in laid_out(found):
        table_console().print(part, highlight=False)


def _targets(
    settings: "Settings",
    prefix: str | None,
    decisions: str | None,
    dead_letters: str | None,
    review: str | None,
    *,
    into_live: bool,
) -> "Targets":
    from sluicegate.agents.replay import Targets

    return Targets.named(settings, prefix, decisions, dead_letters, review, into_live=into_live)


def _replayed(settings: "Settings", wish: "Wish") -> "ReplayReport":
    """Replay; where Ctrl-C ends it, say how far it came."""
    from sluicegate.agents.replay import run_replay

    reached = "before the first event"
    try:
        with _shown() as show:

            def note(progress: "Progress") -> None:
                nonlocal reached
                share = progress.done / progress.total
                reached = f"after {counted(progress.events, 'event')}, {share:.0%} of the stretch"
                show(progress)

            return asyncio.run(run_replay(settings, wish, note))
    except KeyboardInterrupt:
        print(f"sluicegate: interrupted {reached}: the same command begins again at its start", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None


@contextmanager
def _shown() -> Iterator["Callable[[Progress], None]"]:
    """Show how far a replay has come: a bar on a terminal, nothing elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("Replaying"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[events]:,} events"))
    console = Console(stderr=True)
    with Bar(*columns, TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("Replaying", total=None, events=0)

        def show(progress: "Progress") -> None:
            bar.update(task, total=progress.total, completed=progress.done, events=progress.events)

        yield show
