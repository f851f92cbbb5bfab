"""``sluicegate dlq show``: single dead letters; what people wrote only where it is asked for."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sluicegate.cli.dlq.options import AsJson, At, Reasons, Since, Stages, Until, opened, selected
from sluicegate.cli.errors import FAILED
from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from sluicegate.agents.dead_letters.letter import Letter
    from sluicegate.agents.dead_letters.selection import Selection
    from sluicegate.agents.dead_letters.topics import DeadLetterTopics
    from sluicegate.agents.settings import Settings

__all__ = ["show"]

_SHOWN = 500


def show(
    reasons: Reasons = None,
    stages: Stages = None,
    since: Since = None,
    until: Until = None,
    at: At = None,
    limit: Annotated[int, typer.Option(min=1, help="Dead letters at the most.")] = 10,
    payload: Annotated[
        bool, typer.Option("--payload", help="Show the values as well: they hold what people wrote.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show dead letters: where they stand and came from, why, key and headers; the values only with --payload.

    Whatever does not print is escaped. With --json one object a line, with bytes that are no UTF-8 in base64. Exit 1 if
    there is none.
    """
    selection = selected(reasons, stages, since, until, at)
    settings, topics = opened(selection)
    shown = asyncio.run(_show(settings, topics, selection, limit, payload=payload, as_json=as_json))
    if not shown:
        typer.echo(f"sluicegate: {settings.dead_letters_topic} holds no such dead letter", err=True)
        raise typer.Exit(FAILED)
    if shown == limit and not selection.places and not as_json:
        print(f"the first {limit}; --limit shows more")


async def _show(
    settings: "Settings",
    topics: "DeadLetterTopics",
    selection: "Selection",
    limit: int,
    *,
    payload: bool,
    as_json: bool,
) -> int:
    from sluicegate.agents.dead_letters.listing import find

    shown = 0
    async with aclosing(find(settings, topics, selection)) as letters:
        async for letter, redriven in letters:
            if as_json:
                print(json.dumps(_as_json(letter, redriven=redriven, payload=payload)))
            else:
                print("\n".join(_lines(letter, redriven=redriven, payload=payload)), end="\n\n")
            shown += 1
            if shown == limit:
                break
    return shown


def _lines(letter: "Letter", *, redriven: bool, payload: bool) -> Iterator[str]:
    from sluicegate.cli.dlq.printable import quoted, time_of
    from sluicegate.schemas.printable import escaped

    told = letter.told
    yield f"{letter.partition}:{letter.offset}, written {time_of(letter.timestamp)}"
    if told is None:
        yield "  no dead letter of a worker's: it has none of their headers"
    else:
        yield f"  reason   {escaped(told.reason, _SHOWN)}, stage {escaped(told.stage, _SHOWN)}"
        yield f"  message  {escaped(told.message, _SHOWN)}"
        place = f"{escaped(told.topic, _SHOWN)}, {told.partition}:{told.offset}"
        yield f"  from     {place}, written {time_of(told.timestamp)}{', redriven' if redriven else ''}"
    if letter.attempts:
        yield f"  redriven {counted(letter.attempts, 'time')} before it came back as this"
    yield f"  key      {quoted(letter.key, _SHOWN)}"
    for name, content in letter.original_headers:
        yield f"  header   {escaped(name, _SHOWN)}: {quoted(content, _SHOWN)}"
    yield f"  value    {_value(letter, payload=payload)}"


def _value(letter: "Letter", *, payload: bool) -> str:
    from sluicegate.cli.dlq.printable import quoted
    from sluicegate.schemas.printable import escaped

    told = letter.told
    if told is not None and told.value_digest is not None:
        return f"not kept, since it did not fit: {told.value_size} bytes, {escaped(told.value_digest, _SHOWN)}"
    if letter.value is None or payload:
        return quoted(letter.value)
    return f"{len(letter.value):,} bytes; --payload shows them"


def _as_json(letter: "Letter", *, redriven: bool, payload: bool) -> dict[str, Any]:
    from msgspec import to_builtins

    from sluicegate.cli.dlq.printable import as_json, time_of

    told = letter.told
    return {
        "partition": letter.partition,
        "offset": letter.offset,
        "time": time_of(letter.timestamp),
        "error": None if told is None else to_builtins(told),
        "redriven": redriven,
        "attempts": letter.attempts,
        **as_json("key", letter.key),
        "headers": [{"name": name, **as_json("value", content)} for name, content in letter.original_headers],
        "value_bytes": None if letter.value is None else len(letter.value),
        **(as_json("value", letter.value) if payload else {}),
    }
