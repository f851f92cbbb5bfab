"""Shows a running demo: on a live screen, in lines, or as a picture."""

import asyncio
import io
import re
import time
from pathlib import Path

from rich.console import Console, RenderableType
from rich.live import Live

from sluicegate.cli.demo.plain import status_line
from sluicegate.cli.demo.running import Demo
from sluicegate.cli.demo.screen import render

__all__ = ["draw_picture", "show_lines", "show_screen"]

_REFRESH = 0.25
_PICTURE_SIZE = (150, 44)
_WEB_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


async def show_screen(demo: Demo) -> None:
    """Keep the terminal's screen up to date until cancelled."""
    console = Console()
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            live.update(_screen(demo, console, demo.stage), refresh=True)
            await asyncio.sleep(_REFRESH)


async def show_lines(demo: Demo) -> None:
    """Print a line a second until cancelled."""
    stage = ""
    while True:
        if demo.stage != stage:
            stage = demo.stage
            print(f"{demo.elapsed:5.1f} s  {stage}", flush=True)
        elif demo.ran:
            print(status_line(demo.ledger, demo.elapsed, time.monotonic()), flush=True)
        await asyncio.sleep(1.0 if demo.ran else _REFRESH)


def draw_picture(demo: Demo, file: Path) -> None:
    """Write the screen as it is now into an SVG file."""
    width, height = _PICTURE_SIZE
    console = Console(record=True, width=width, height=height, file=io.StringIO(), force_terminal=True)
    console.print(_screen(demo, console, demo.addresses))
    drawing = console.export_svg(title="make demo")
    # A picture in a repository loads nothing from elsewhere; every reader has a monospaced font.
    file.write_text(_WEB_FONT.sub("", drawing), encoding="utf-8")


def _screen(demo: Demo, console: Console, stage: str) -> RenderableType:
    width, height = console.size
    return render(demo.ledger, demo.queues, stage, demo.elapsed, time.monotonic(), height, width)
