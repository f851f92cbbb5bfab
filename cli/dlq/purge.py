"""``sluicegate dlq purge``: deletes dead letters, after it has said which and has been told to."""

import asyncio
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from sluicegate.cli.dlq.options import opened, selected, watched
from sluicegate.cli.errors import FAILED, WRONG_USE, CommandError
from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from sluicegate.agents.dead_letters.purging import PurgePlan

__all__ = ["purge"]


def purge(
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="What was written before: 2026-11-26T07:00:00Z, or 7d for so long ago."),
    ] = None,
    through: Annotated[
        list[str] | None,
        typer.Option(
            "--through", metavar="PLACE", help="One partition up to PARTITION:OFFSET, that included; several times."
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is there now.")] = False,
    unredriven: Annotated[
        bool, typer.Option("--unredriven", help="With --yes: also letters that were not redriven.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete dead letters from the beginning of their topic on, after a question.

    What would be deleted is counted and told before, by reason, with how many were never redriven. Kafka deletes
    records from the beginning on alone, so no reason can be chosen; with --until each partition is deleted up to its
    first record that was not written before then. What comes meanwhile is kept. Nothing brings back what was deleted.
    """
    from sluicegate.agents.broker import admin_client
    from sluicegate.agents.dead_letters.purging import PurgeOrder, plan_purge
    from sluicegate.agents.dead_letters.purging import purge as delete
    from sluicegate.agents.dead_letters.topics import purge_needs
    from sluicegate.cli.dlq.list import print_table

    if not (until or through or everything):
        raise CommandError("say how far: with --until, --through, or --all", WRONG_USE)
    chosen = selected(None, None, None, until, through)
    order = PurgeOrder(
        chosen.until, _last_offsets(through, [(each.partition, each.first, each.last) for each in chosen.places])
    )
    settings, topics = opened(chosen, needs=purge_needs)
    with watched("Counting") as watch:
        plan = asyncio.run(plan_purge(settings, topics, order, watch))
    if not plan.letters:
        print(f"{settings.dead_letters_topic} holds no such dead letters; nothing was deleted")
        return
    print_table(plan.summary, f"to be deleted from {settings.dead_letters_topic}")
    _tell(plan)
    _require_consent(plan, settings.dead_letters_topic, yes=yes, unredriven=unredriven)
    with admin_client(settings) as admin:
        delete(admin, settings, plan)
    print(f"{counted(plan.letters, 'dead letter')} deleted")


def _last_offsets(given: Sequence[str] | None, places: Sequence[tuple[int, int, int]]) -> dict[int, int]:
    last: dict[int, int] = {}
    for text, (partition, first, behind) in zip(given or (), places, strict=True):
        if first != behind:
            raise CommandError(f"--through {text}: records are deleted from the beginning on; name the last", WRONG_USE)
        last[partition] = max(behind, last.get(partition, -1))
    return last


def _tell(plan: "PurgePlan") -> None:
    never = plan.never_redriven
    print(f"{plan.letters:,} in all, of which {never:,} {'was' if never == 1 else 'were'} never redriven")


def _require_consent(plan: "PurgePlan", topic: str, *, yes: bool, unredriven: bool) -> None:
    if yes and plan.never_redriven and not unredriven:
        raise CommandError(
            f"nothing was deleted: {plan.never_redriven:,} of them were never redriven; "
            "add --unredriven to delete these too"
        )
    if yes:
        return
    print(f"type the name of the topic to delete them for good, {topic}: ", end="", flush=True)
    if sys.stdin.readline().strip() != topic:
        print("nothing was deleted")
        raise typer.Exit(FAILED)
