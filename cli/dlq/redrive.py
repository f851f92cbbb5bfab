"""``sluicegate dlq redrive``: puts originals of dead letters back among the events; tells what it would do first."""

import asyncio
import sys
import uuid
from typing import TYPE_CHECKING, Annotated

import typer

from sluicegate.cli import early
from sluicegate.cli.dlq.options import At, Reasons, Since, Stages, Until, opened, selected, watched
from sluicegate.cli.errors import INTERRUPTED, WRONG_USE, CommandError
from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from sluicegate.agents.dead_letters.tally import Tally

__all__ = ["redrive"]

_SHOWN = 60


def redrive(
    reasons: Reasons = None,
    stages: Stages = None,
    since: Since = None,
    until: Until = None,
    at: At = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All of them; needed where nothing else selects any.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Also events that were redriven before and came back, up to five times.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Events at the most, the first of each partition.")] = None,
    rate: Annotated[float, typer.Option(min=0.1, help="Events a second at the most.")] = 1000.0,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only say what would be done.")] = False,
) -> None:
    """Put the originals of dead letters back among the events; without --yes, only say what would be done.

    Key, value and headers are those of the original, to the byte, and it goes to the partition that it came from, with
    headers __sluicegate.redrive.* behind its own. No original is redriven twice, also where this command is killed and
    started again: what was redriven is noted in the transaction that writes the event. Another redrive that still runs
    is ended.

    Mend first what made them dead letters: what cannot be decided comes back as a dead letter.
    """
    from sluicegate.agents.dead_letters.redriving import RedriveOrder, redrive, rehearse
    from sluicegate.agents.dead_letters.tally import Tally
    from sluicegate.agents.dead_letters.topics import redrive_needs

    selection = selected(reasons, stages, since, until, at)
    if selection.is_everything and not everything:
        raise CommandError("say which: by --reason, --stage, --since, --until or --at; or --all", WRONG_USE)
    # A dry run may be tried by those who may not write.
    settings, topics = opened(selection, for_redrive=True, needs=redrive_needs if yes else None)
    order = RedriveOrder(selection, again, rate, limit, uuid.uuid4().hex)
    if not yes:
        with watched("Counting") as watch:
            tally = asyncio.run(rehearse(settings, topics, order, watch))
        _tell(tally, settings.events_topic)
        if tally.reasons:
            print(f"nothing was changed; --yes redrives them, at up to {rate:g} a second")
        return
    early.interrupts_raise()
    tally = Tally()
    try:
        with watched("Redriving") as watch:
            asyncio.run(redrive(settings, topics, order, tally, watch))
    except KeyboardInterrupt:
        print("sluicegate: interrupted: the same command goes on where this one ended", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    finally:
        print(
            f"{counted(tally.redriven, 'event')} redriven, with the id {order.run}"
            if tally.redriven
            else "0 events redriven"
        )
    _tell(tally, settings.events_topic)


def _tell(tally: "Tally", topic: str) -> None:
    from sluicegate.agents.dead_letters.verdict import MOST_ATTEMPTS, Verdict
    from sluicegate.schemas.printable import escaped

    remarks = {
        Verdict.REDRIVE: f" to {topic}",
        Verdict.REDRIVEN: ": no original is redriven twice",
        Verdict.RETURNED: ": --again redrives them once more",
        Verdict.EXHAUSTED: f": {MOST_ATTEMPTS} times are enough, their publisher must mend them",
        Verdict.NOT_KEPT: ": too large to be kept, they cannot be redriven; their publisher must send less",
        Verdict.BATCH: ": they could not be taken apart; their publisher must send the events again",
        Verdict.ELSEWHERE: f" than those of {topic}",
        Verdict.TOO_LARGE: f": raise max.message.bytes of {topic}",
        Verdict.FOREIGN: ": they are left alone",
    }
    print(f"{counted(tally.selected, 'dead letter')} selected")
    for verdict in Verdict:
        count = tally.verdicts[verdict]
        if not count:
            continue
        done = verdict is Verdict.REDRIVE and tally.redriven
        print(f"{count:>12,}  {'redriven' if done else verdict.value}{remarks[verdict]}")
        if verdict is Verdict.REDRIVE:
            for reason, number in tally.reasons.most_common():
                print(f"{'':>12}  {number:,} {escaped(reason, _SHOWN)}")
