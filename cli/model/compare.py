"""``sluicegate model compare``: how two models compare by what was decided, under a shadow or a split."""

import asyncio
import sys
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli import early
from sluicegate.cli.errors import WRONG_USE, CommandError
from sluicegate.cli.tables import message_console, table_console

__all__ = ["compare"]

_SHOW_EVERY = 10_000


def compare(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE|-]...", help="Decisions as JSON lines, plain or gzip; the topic's without."),
    ] = None,
    hours: Annotated[
        float | None, typer.Option(min=0, help="Decisions of the last hours on the topic; 24 without.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Write all figures to this file.")] = None,
) -> None:
    """Compare models by their decisions: from the decisions topic of a running deployment, or from files.

    Of events that a shadow scored: agreement, flips of outcomes, queue load under either model, differences of scores.
    Of models that share the stream: shares of outcomes and queue load of each, with intervals of 95 %. Of an event that
    was decided more than once the first decision counts. What the figures mean is in docs/changing-models.md of the
    project's source.
    """
    from sluicegate.cli.model.comparison_tables import laid_out
    from sluicegate.models.comparison import Tally, encode_comparison

    early.interrupts_raise()
    if files and hours is not None:
        raise CommandError("--hours is about the topic; leave it out with files", WRONG_USE)
    tally = Tally()
    console = message_console()
    with console.status("Reading decisions") as status:
        read = 0

        def take(raw: bytes) -> None:
            nonlocal read
            tally.add(raw)
            read += 1
            if read % _SHOW_EVERY == 0:
                status.update(f"Reading decisions: {read:,}")

        if files:
            for raw in _lines(files):
                take(raw)
        else:
            _read_topic(24.0 if hours is None else hours, take)
    found = tally.comparison()
    if not found.decisions:
        where = "in what was given" if files else "on the topic in that time"
        raise CommandError(
            f"there is no decision with scores {where} ({found.unread:,} records are none, {found.deleted:,} are of "
            "deleted content); give decisions as `sluicegate worker` or `sluicegate score` write them"
        )
    if json is not None:
        json.write_bytes(encode_comparison(found))
    for part in laid_out(found):
        table_console().print(part)


def _read_topic(hours: float, take: Callable[[bytes], None]) -> None:
    from sluicegate.agents.decision_topic import read_decisions
    from sluicegate.agents.logs import silence_clients
    from sluicegate.cli.settings import read_settings

    silence_clients()
    asyncio.run(read_decisions(read_settings(), datetime.now(UTC) - timedelta(hours=hours), take))


def _lines(names: list[str]) -> Iterator[bytes]:
    from sluicegate.models.bounded_lines import lines_within

    for name in names:
        try:
            if name == "-":
                yield from filter(bytes.strip, lines_within(sys.stdin.buffer))
            else:
                with Path(name).open("rb") as file:
                    yield from filter(bytes.strip, lines_within(file))
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise CommandError(f"{name} cannot be read ({reason}); give decisions as JSON lines") from error
