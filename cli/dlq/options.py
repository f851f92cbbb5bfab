"""What the commands have in common: the options that select dead letters, and how the topics are reached."""

import difflib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from sluicegate.cli.errors import WRONG_USE, CommandError

if TYPE_CHECKING:
    from sluicegate.agents.dead_letters.reading import Run
    from sluicegate.agents.dead_letters.selection import Selection
    from sluicegate.agents.dead_letters.topics import DeadLetterTopics
    from sluicegate.agents.permissions import Need
    from sluicegate.agents.settings import Settings

__all__ = [
    "AsJson",
    "At",
    "Reasons",
    "Since",
    "Stages",
    "Until",
    "opened",
    "require_partitions",
    "selected",
    "watched",
]

Reasons = Annotated[
    list[str] | None, typer.Option("--reason", metavar="CODE", help="Of this reason; may be given several times.")
]
Stages = Annotated[
    list[str] | None, typer.Option("--stage", metavar="STAGE", help="Of this stage; may be given several times.")
]
Since = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Written then or later: 2026-11-26T07:00:00Z, or 12h for so long ago."),
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Written before then.")]
At = Annotated[
    list[str] | None,
    typer.Option(
        "--at", metavar="PLACE", help="At PARTITION:OFFSET or PARTITION:FIRST-LAST of their topic; several times."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def selected(
    reasons: Sequence[str] | None,
    stages: Sequence[str] | None,
    since: str | None,
    until: str | None,
    places: Sequence[str] | None,
) -> "Selection":
    """Read the options that select dead letters.

    Raises
    ------
    CommandError
        Where one cannot be read, or the times hold nothing between them.
    """
    from sluicegate.agents.dead_letters.selection import Selection, SelectionError, parse_moment, parse_place
    from sluicegate.agents.stretches import ends_before_it_begins
    from sluicegate.cli.dlq.printable import now
    from sluicegate.schemas import REASONS, Stage

    moment = now()
    try:
        selection = Selection(
            reasons=_known(reasons or (), REASONS, "reason"),
            stages=_known(stages or (), [stage.value for stage in Stage], "stage"),
            since=None if since is None else parse_moment(since, moment),
            until=None if until is None else parse_moment(until, moment),
            places=tuple(parse_place(place) for place in places or ()),
        )
    except SelectionError as error:
        raise CommandError(str(error), WRONG_USE) from None
    if selection.since is not None and selection.until is not None and selection.since >= selection.until:
        raise CommandError(ends_before_it_begins(str(since), str(until)), WRONG_USE)
    return selection


def _known(codes: Sequence[str], among: Iterable[str], noun: str) -> frozenset[str]:
    """Take codes that exist; for one that is like one of them, that is told in place of all."""
    from sluicegate.agents.dead_letters.selection import known

    there = sorted(among)
    for code in sorted(set(codes).difference(there)):
        near = difflib.get_close_matches(code, there, n=1)
        if near:
            raise CommandError(f"{code!r} is no {noun}; did you mean {near[0]!r}?", WRONG_USE)
    return known(codes, there, noun)


def opened(
    selection: "Selection", *, for_redrive: bool = False, needs: "Callable[[Settings], list[Need]] | None" = None
) -> "tuple[Settings, DeadLetterTopics]":
    """Read the settings, and ask the brokers for the topics; have all that follows read records in columns.

    Parameters
    ----------
    selection
        Of the dead letters, whose partitions must be there.
    for_redrive
        Whether the events and the ledger must be there.
    needs
        Gives what must be allowed beyond reading.

    Raises
    ------
    CommandError
        Where a partition is not there.
    """
    from sluicegate.agents.broker import admin_client
    from sluicegate.agents.dead_letters.topics import look_at_topics
    from sluicegate.agents.log.fetched import read_by_batches
    from sluicegate.agents.logs import silence_clients
    from sluicegate.agents.reading import read_any_header_name
    from sluicegate.cli.settings import read_settings

    settings = read_settings()
    silence_clients()
    read_any_header_name()
    read_by_batches()
    with admin_client(settings) as admin:
        beyond = [] if needs is None else needs(settings)
        topics = look_at_topics(admin, settings, for_redrive=for_redrive, needs=beyond)
    require_partitions(settings.dead_letters_topic, topics.dead_letter_partitions, selection)
    return settings, topics


def require_partitions(topic: str, partitions: int, selection: "Selection") -> None:
    """Return if the topic has every partition that a selection names.

    Raises
    ------
    CommandError
        If it has not.
    """
    from sluicegate.agents.stretches import no_partition

    for place in selection.places:
        if place.partition >= partitions:
            raise CommandError(no_partition(topic, place.partition, partitions))


@contextmanager
def watched(verb: str) -> "Iterator[Callable[[Run], None]]":
    """Show on a terminal how many records were read, and nothing of it once that has ended."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    read = 0

    def watch(run: "Run") -> None:
        nonlocal read
        read += len(run.records)
        print(f"\r{verb}: {read:,} dead letters read", end="", file=sys.stderr, flush=True)

    try:
        yield watch
    finally:
        print("\r\x1b[2K", end="", file=sys.stderr, flush=True)
