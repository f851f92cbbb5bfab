"""A bar that shows how far a file is read, on a terminal only."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from sluicegate.cli.readers import EventFile

__all__ = ["with_progress"]

_UPDATE_EVERY = 200

T = TypeVar("T")


def with_progress(items: Iterable[T], file: EventFile, verb: str) -> Iterator[T]:
    """Pass items of a file on, showing how much of it is read.

    Parameters
    ----------
    items
        Of the file.
    file
        Asked for its position; one of unknown size shows only the number of items.
    verb
        What is done, as in ``Publishing``.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from items
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[count]:,} lines"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(verb, total=file.size, count=0)
        for count, item in enumerate(items, start=1):
            if count % _UPDATE_EVERY == 0:
                progress.update(task, completed=file.position(), count=count)
            yield item
