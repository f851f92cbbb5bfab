"""The demo's screen, drawn into text."""

import io

import pytest
from rich.console import Console

from sluicegate.cli.demo.ledger import Ledger, Task
from sluicegate.cli.demo.screen import render
from sluicegate.schemas import EventReference, HarmProbability, Priority, Provenance, ReviewTaskData, TextPart

MODEL = Provenance("default", "1", "sha256:00")


def task(text: str, *why: TextPart) -> Task:
    data = ReviewTaskData(
        event=EventReference("/apps/feed", "e-1", "2026-11-22T07:00:00Z"),
        content_id="c",
        actor_id="a",
        surface="post",
        text=text,
        text_truncated=False,
        harms=(HarmProbability("violence", 0.93), HarmProbability("harassment", 0.4)),
        why=why,
        queue="threats",
        priority=Priority(10.0, 3.0, 0.0, 0),
        enqueued_at="2026-11-22T07:00:00Z",
        due_at="2026-11-22T08:00:00Z",
        content_warning="",
        rule="threat of violence",
        model=MODEL,
        policy=MODEL,
    )
    return Task(data, seen=3.0)


def drawn(ledger: Ledger, width: int = 150, height: int = 40) -> str:
    console = Console(record=True, width=width, height=height, file=io.StringIO())
    console.print(render(ledger, ["threats", "fraud"], "running", 5.0, 5.0, height, width))
    return console.export_text()


def test_a_task_is_shown_with_its_class_harms_rule_and_text() -> None:
    ledger = Ledger()
    ledger.newest.appendleft(task("see you at the gate"))
    ledger.tasks["threats", 0] = 1
    screen = drawn(ledger)
    for part in ("threats", "violence 0.93, harassment 0.40", "threat of violence", "see you at the gate", "2 s"):
        assert part in screen


def test_of_a_long_text_the_part_that_speaks_for_the_harm_is_shown() -> None:
    text = "all is well " * 100 + "I will find you " + "and so on " * 100
    start = text.index("find you")
    ledger = Ledger()
    ledger.newest.appendleft(task(text, TextPart("violence", start, start + 8, 2.0)))
    screen = drawn(ledger)
    assert "find you" in screen
    assert "…" in screen


def test_markup_in_a_text_is_shown_as_it_is() -> None:
    ledger = Ledger()
    ledger.newest.appendleft(task("[red]not red[/red] [/"))
    assert "[red]not red[/red] [/" in drawn(ledger)


@pytest.mark.parametrize(("width", "height"), [(60, 12), (80, 24), (250, 90)])
def test_the_screen_fits_any_terminal(width: int, height: int) -> None:
    ledger = Ledger()
    ledger.newest.extend(task(f"text number {number} " * 20) for number in range(60))
    lines = drawn(ledger, width, height).splitlines()
    assert len(lines) == height
    assert max(map(len, lines)) <= width


def test_an_empty_ledger_can_be_drawn() -> None:
    assert "none yet" in drawn(Ledger())


@pytest.mark.parametrize("width", [80, 100, 120, 150])
def test_queues_harms_and_addresses_can_be_read_at_usual_widths(width: int) -> None:
    ledger = Ledger()
    ledger.model, ledger.policy = "default 1", "default 2026-11"
    ledger.newest.appendleft(task("see you at the gate"))
    ledger.tasks["threats", 0] = 123
    console = Console(record=True, width=width, height=24, file=io.StringIO())
    stage = "127.0.0.1:44877"
    console.print(render(ledger, ["threats", "self_harm"], stage, 5.0, 5.0, 24, width))
    screen = console.export_text()
    for part in ("threats", "self_harm", "123", "violence 0.93", stage, "Ctrl-C ends it"):
        assert part in screen
