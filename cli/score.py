"""``sluicegate score``: decides the events of a file with the worker's own pipeline, without a broker."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli import early
from sluicegate.cli.errors import FAILED

__all__ = ["score"]


def score(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="JSONL or CSV, also gzipped; - is standard input.")
    ] = "-",
    bundle: Annotated[Path | None, typer.Option(help="The model that scores; the one that is set without.")] = None,
    policy: Annotated[Path | None, typer.Option(help="The policy; the one that is set without.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say which parts of a text carried its scores.")] = False,
) -> None:
    """Decide events from JSONL or CSV without a broker: one decision a line, in the order of the input.

    What a line may hold is told by [bold]sluicegate publish --help[/bold]. A line that cannot be read gives a line
    {"line": number, "error": {"reason": ..., "message": ...}}, and the exit code is then 1.

    With --explain a terminal shows the texts with the parts that carried their scores in colour; elsewhere each
    decision's data has a member [bold]why[/bold]: harm, start, end and weight of at most three parts for each harm.
    """
    from sluicegate.agents.languages import are_identified, load_identifier
    from sluicegate.agents.opinion import read_opinion
    from sluicegate.cli.explaining import explain_lines
    from sluicegate.cli.highlighting import show
    from sluicegate.cli.progress import with_progress
    from sluicegate.cli.readers import EventFile
    from sluicegate.cli.scoring import decide_lines, file_pipeline
    from sluicegate.cli.settings import read_settings
    from sluicegate.cli.trusted import served_bundle, served_policy
    from sluicegate.models.store import bundle_folder

    early.interrupts_raise()
    settings = read_settings()
    scorer = served_bundle(bundle_folder(bundle or settings.bundle)).scorer()
    rules = served_policy(policy or settings.policy)
    identifier = load_identifier(settings, rules) if are_identified(settings) else None
    pipeline = file_pipeline(scorer, rules, read_opinion(settings, scorer, rules.severe_harms), identifier)
    failed = False
    with EventFile(file) as source:
        now = datetime.now(UTC)
        if explain and sys.stdout.isatty():
            # No bar: it would stand amid what is shown.
            failed = show(explain_lines(source, pipeline, now))
        else:
            lines = with_progress(source, source, "Scoring")
            for decided in (explain_lines if explain else decide_lines)(lines, pipeline, now):
                failed |= decided.is_error
                sys.stdout.buffer.write(decided.value + b"\n")
    sys.stdout.buffer.flush()
    if failed:
        raise typer.Exit(FAILED)
