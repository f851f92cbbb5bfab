"""``sluicegate demo``: see it work, with nothing else installed."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from sluicegate.cli import early
from sluicegate.cli.errors import FAILED, INTERRUPTED

__all__ = ["demo"]


def demo(
    duration: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds to produce events for; until Ctrl-C if not given.")
    ] = None,
    rate: Annotated[float, typer.Option(min=0.1, max=20_000, help="Events a second.")] = 50.0,
    plain: Annotated[bool, typer.Option("--plain", help="Print lines instead of a screen.")] = False,
    seed: Annotated[int, typer.Option(hidden=True, help="Of the generator.")] = 0,
    picture: Annotated[
        Path | None, typer.Option(hidden=True, help="Write the screen, shortly before the end, as SVG.")
    ] = None,
) -> None:
    r"""Start an embedded broker, a worker and a generator of texts, and show live what flows.

    The broker keeps everything in memory, on free ports of 127.0.0.1. At the end the books are printed; the exit code
    is 0 only if they balance: every event produced was decided or dead-lettered, in the topics and in the metrics.

    The broker comes with the extra "demo": in a clone of the project, pip install ".\[demo]", or make demo.
    """
    from sluicegate.agents.logs import silence_clients
    from sluicegate.cli.demo.plain import summary
    from sluicegate.cli.demo.running import Demo
    from sluicegate.cli.demo.showing import draw_picture, show_lines, show_screen
    from sluicegate.cli.settings import read_settings

    early.interrupts_raise()
    silence_clients()
    running = Demo(read_settings(), rate, duration, seed)
    show = show_lines if plain or not sys.stdout.isatty() else show_screen

    async def show_and_draw(demo: Demo) -> None:
        try:
            await show(demo)
        finally:
            if picture is not None and demo.ran:
                draw_picture(demo, picture)

    try:
        running.run(show_and_draw)
    except (KeyboardInterrupt, asyncio.CancelledError):
        print("Interrupted; nothing is left running.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    print(summary(running.ledger, running.first_decision))
    if running.ledger.faults():
        raise typer.Exit(FAILED)
