"""The demo's screen: what flows, what was decided, and the newest review tasks with why they are there."""

import io
from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from sluicegate.cli.demo.ledger import Ledger, Task, quantile
from sluicegate.cli.demo.plain import milliseconds
from sluicegate.cli.wording import counted

__all__ = ["render"]

_OUTCOME_STYLES = {"allow": "green", "review": "yellow", "act": "red"}
_CLASS_STYLES = ("bold red", "yellow", "dim")
_LEFT_WIDTH = 46
# Below it the right side names classes by their numbers, and shows of a task what matters most.
_WIDE = 60
_EXCERPT_BEFORE = 20
_EXCERPT_LINES = 2
_HEADER_FRAME = 6
# Text is wrapped by a console; where it would print does not matter.
_MEASURE = Console(file=io.StringIO())


def render(
    ledger: Ledger, queues: Sequence[str], stage: str, elapsed: float, now: float, height: int, width: int
) -> RenderableType:
    """Draw the whole screen.

    Parameters
    ----------
    ledger
        What was seen so far.
    queues
        Names of the policy's queues, in its order.
    stage
        What the demo is doing.
    elapsed
        Seconds since the demo began.
    now
        On the ledger's clock.
    height, width
        Of the terminal, in lines and columns.
    """
    layout = Layout()
    layout.split_column(Layout(_header(ledger, stage, elapsed, width), size=3), Layout(name="body"))
    left = Layout(
        Group(_stream(ledger, now), _decisions(ledger), _dead_letters(ledger), _books(ledger)),
        size=_LEFT_WIDTH,
    )
    tables = len(queues) + 4
    right = Layout()
    right.split_column(
        Layout(_queues(ledger, queues, width - _LEFT_WIDTH), size=tables),
        Layout(_tasks(ledger, now, rows=max(1, height - tables - 3), width=width - _LEFT_WIDTH)),
    )
    layout["body"].split_row(left, right)
    return layout


def _header(ledger: Ledger, stage: str, elapsed: float, width: int) -> RenderableType:
    grid = Table.grid(expand=True)
    grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    grid.add_column(justify="right", no_wrap=True)
    title = Text.assemble(("sluicegate demo", "bold cyan"), f"  {stage}")
    ending = f"{elapsed:,.0f} s · Ctrl-C ends it"
    serving = f"model {ledger.model} · policy {ledger.policy} · " if ledger.model else ""
    # Where the addresses are is worth more than what serves, which the metrics tell too.
    room = width - len(title) - len(ending) - _HEADER_FRAME
    grid.add_row(title, Text(serving * (len(serving) <= room) + ending, style="dim"))
    return Panel(grid, box=box.ROUNDED, border_style="cyan")


def _grid() -> Table:
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(justify="right", no_wrap=True)
    return grid


def _stream(ledger: Ledger, now: float) -> RenderableType:
    produced, decided = ledger.rates(now)
    latencies = ledger.latencies(now)
    grid = _grid()
    grid.add_row("produced", f"{produced:,.0f}/s")
    grid.add_row("decided", Text(f"{decided:,.0f}/s", style="bold"))
    grid.add_row("latency, end to end, p50", Text(milliseconds(quantile(latencies, 0.5)), style="bold"))
    grid.add_row("latency, end to end, p99", milliseconds(quantile(latencies, 0.99)))
    figures = ledger.figures
    grid.add_row("lag (not yet committed)", counted(figures.lag_records, "record"))
    return Panel(grid, title="stream", title_align="left", box=box.ROUNDED)


def _decisions(ledger: Ledger) -> RenderableType:
    grid = Table.grid(expand=True, padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_column(justify="right", no_wrap=True)
    total = max(1, ledger.decided)
    for outcome, style in _OUTCOME_STYLES.items():
        count = ledger.outcomes[outcome]
        bar = ProgressBar(total=total, completed=count, complete_style=style, finished_style=style)
        grid.add_row(Text(outcome, style=style), bar, f"{count:,} · {count / total:.1%}")
    return Panel(grid, title="decisions", title_align="left", box=box.ROUNDED)


def _dead_letters(ledger: Ledger) -> RenderableType:
    grid = _grid()
    shown: Counter[str] = Counter(dict(ledger.reasons.most_common(8)))
    for reason, count in shown.most_common():
        grid.add_row(reason, f"{count:,}")
    rest = ledger.dead_lettered - shown.total()
    if rest:
        grid.add_row("others", f"{rest:,}")
    if not shown:
        grid.add_row("none yet", "")
    return Panel(grid, title=f"dead letters · {ledger.dead_lettered:,}", title_align="left", box=box.ROUNDED)


def _books(ledger: Ledger) -> RenderableType:
    figures = ledger.figures
    grid = _grid()
    grid.add_row("consumed", f"{figures.consumed:,}")
    grid.add_row("= decided", f"{figures.decided:,}")
    grid.add_row("+ dead-lettered", f"{figures.dead_lettered:,}")
    grid.add_row("+ in flight", f"{figures.in_flight:,}")
    verdict = Text("they balance", style="green") if figures.balance else Text("they do not balance", style="bold red")
    grid.add_row("", verdict)
    return Panel(grid, title="books, by the worker's metrics", title_align="left", box=box.ROUNDED)


def _queues(ledger: Ledger, queues: Sequence[str], width: int) -> RenderableType:
    wide = width >= _WIDE
    table = Table(box=None, expand=True, pad_edge=False, padding=(0, 1) if wide else (0, 1, 0, 0))
    table.add_column("queue" if wide else "queue, by class", ratio=1, no_wrap=True, overflow="ellipsis")
    for class_, style in enumerate(_CLASS_STYLES):
        table.add_column(f"class {class_}" if wide else str(class_), justify="right", style=style)
    table.add_column("tasks", justify="right")
    for queue in queues:
        counts = [ledger.tasks[queue, class_] for class_ in range(len(_CLASS_STYLES))]
        table.add_row(queue, *(f"{count:,}" if count else "·" for count in counts), f"{sum(counts):,}")
    return Panel(table, title="review queues", title_align="left", box=box.ROUNDED)


def _tasks(ledger: Ledger, now: float, rows: int, width: int) -> RenderableType:
    wide = width >= _WIDE
    table = Table(box=None, expand=True, pad_edge=False, padding=(0, 1) if wide else (0, 1, 0, 0))
    if wide:
        table.add_column("age", justify="right", width=4)
    table.add_column("queue", width=10, no_wrap=True)
    table.add_column("cl", justify="right", width=2)
    if wide:
        table.add_column("harms, and the rule that fired", width=30, no_wrap=True)
        table.add_column("text", ratio=1, no_wrap=True, overflow="ellipsis")
    else:
        table.add_column("harms, and rule", ratio=1, no_wrap=True, overflow="ellipsis")
    room = max(1, (rows - 3) // 2)
    for task in list(ledger.newest)[:room]:
        class_ = task.data.priority.class_
        shown: list[RenderableType] = [
            task.data.queue,
            Text(str(class_), style=_CLASS_STYLES[class_]),
            Group(_harms(task), Text(task.data.rule, style="dim", overflow="ellipsis")),
        ]
        if wide:
            shown = [f"{now - task.seen:.0f} s", *shown, Group(*_excerpt(task, max(8, width - _WIDE)))]
        table.add_row(*shown)
    title = "newest review tasks, and why they are there" if wide else "newest review tasks"
    return Panel(table, title=title, title_align="left", box=box.ROUNDED)


def _harms(task: Task) -> Text:
    shown = [f"{harm.harm} {harm.probability:.2f}" for harm in task.data.harms[:2]]
    return Text(", ".join(shown) or "-", style="bold", overflow="ellipsis")


def _excerpt(task: Task, width: int) -> list[Text]:
    """Give two lines of the text around its strongest spot, the spots marked."""
    text = Text(task.data.text.replace("\n", " "))
    for part in task.data.why:
        text.stylize("bold yellow", part.start, part.end)
    first = min((part.start for part in task.data.why), default=0)
    start = max(0, min(first - _EXCERPT_BEFORE, len(text) - 2 * width))
    if start:
        text = Text("…") + text[start:]
    lines = list(text.wrap(_MEASURE, width))
    if len(lines) > _EXCERPT_LINES:
        lines = lines[:_EXCERPT_LINES]
        lines[-1].rstrip()
        lines[-1].truncate(width - 1)
        lines[-1].append("…")
    return lines
