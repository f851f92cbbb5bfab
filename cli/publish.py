"""``sluicegate publish``: sends the events of a file to the events topic, keyed by actor."""

import asyncio
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from sluicegate.cli import early
from sluicegate.cli.errors import FAILED, INTERRUPTED

if TYPE_CHECKING:
    from sluicegate.cli.lines import ReadLine, Record, UnreadLine
    from sluicegate.cli.sending import Published
    from sluicegate.cli.unknown_members import UnknownMembers

__all__ = ["publish"]


def publish(
    file: Annotated[
        str, typer.Argument(metavar="FILE|-", help="JSONL or CSV, also gzipped; - is standard input.")
    ] = "-",
    rate: Annotated[float | None, typer.Option(min=0.001, help="Events a second at the most.")] = None,
    timeout: Annotated[
        float, typer.Option(min=1, help="Seconds that the broker may be away, or acknowledge nothing; then exit 1.")
    ] = 120.0,
    only_check: Annotated[bool, typer.Option("--check", help="Read and check everything, send nothing.")] = False,
) -> None:
    """Send events from JSONL or CSV: whole events, or just texts with any of the fields.

    A line is a CloudEvent as the contract has it, or an object (in CSV a row under a header) with [bold]text[/bold]
    and any of id, source, type, time, content_id, actor_id, surface, language, tenant, content_version, and signals
    (in CSV a column signals.NAME for each). What is missing: the id is made of the line's number and content, so that
    the same file gives the same ids again; type is content.created, source /sluicegate/publish, content_id the id,
    actor_id the content_id, surface "post".

    Lines that the stream would dead-letter are reported with number and reason, and skipped; the exit code is then 1.
    Other members are ignored; --check says which. Sent is what the broker has acknowledged.
    """
    from sluicegate.cli.progress import with_progress
    from sluicegate.cli.readers import EventFile
    from sluicegate.cli.sending import Pace, Published, send
    from sluicegate.cli.settings import read_settings
    from sluicegate.cli.unknown_members import UnknownMembers
    from sluicegate.schemas.printable import escaped

    early.interrupts_raise()
    books, unknown = Published(), UnknownMembers()
    verb = "could be sent" if only_check else "sent"
    try:
        with EventFile(file) as source:
            lines = with_progress(source, source, "Checking" if only_check else "Publishing")
            records = _reported(lines, file, books, unknown)
            if only_check:
                for _ in records:
                    books.sent += 1
            else:
                asyncio.run(send(records, read_settings(), books, Pace(rate, timeout)))
    except KeyboardInterrupt:
        more = f", {books.underway:,} more without an acknowledgement" if books.underway else ""
        print(f"{books.sent:,} {verb}, {books.skipped:,} skipped; interrupted{more}")
        raise typer.Exit(INTERRUPTED) from None
    if only_check and (sentence := unknown.sentence(file)) is not None:
        print(escaped(sentence), file=sys.stderr)
    print(f"{books.sent:,} {verb}, {books.skipped:,} skipped")
    if books.skipped:
        raise typer.Exit(FAILED)


def _reported(
    lines: "Iterable[ReadLine | UnreadLine]", name: str, books: "Published", unknown: "UnknownMembers"
) -> "Iterator[Record]":
    from sluicegate.cli.lines import UnreadLine
    from sluicegate.schemas.printable import escaped

    for line in lines:
        unknown.see(line)
        if isinstance(line, UnreadLine):
            books.skipped += 1
            print(escaped(f"{name}:{line.number}: {line.reason}: {line.message}"), file=sys.stderr)
        else:
            yield line.record
