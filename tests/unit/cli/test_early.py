"""A signal that comes while a command still loads what it needs ends it quietly, with the exit code of its kind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# Stands for a library that takes long to load: tells that it is being loaded, and waits for a signal. By a pipe that
# is written to when one comes: to `pause`, one that comes just before would be none.
STALLING = """
import os, signal
read, written = os.pipe()
os.set_blocking(written, False)
signal.set_wakeup_fd(written)
print("loading", flush=True)
os.read(read, 1)
"""


def ended_while_loading(library: str, sent: signal.Signals, folder: Path, *arguments: str) -> tuple[int, bytes]:
    """Send a signal while a library is loaded; give the exit code and all that was said."""
    (folder / f"{library}.py").write_text(STALLING)
    process = subprocess.Popen(
        [sys.executable, "-m", "sluicegate", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"loading\n"
        process.send_signal(sent)
        said, _ = process.communicate(timeout=20)
    finally:
        process.kill()
        process.communicate()
    return process.returncode, said


@pytest.mark.parametrize("library", ["typer", "faust"])
@pytest.mark.parametrize("arguments", [("worker",), ("--debug", "worker")])
def test_sigterm_ends_a_worker_that_still_loads_with_exit_code_0(
    library: str, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    assert ended_while_loading(library, signal.SIGTERM, tmp_path, *arguments) == (0, b"")


@pytest.mark.parametrize(
    ("command", "library"),
    [
        ("worker", "typer"),
        ("score", "typer"),
        ("demo", "typer"),
        ("publish", "aiokafka"),
        ("score", "numpy"),
        ("demo", "rich"),
    ],
)
def test_control_c_ends_any_command_that_still_loads_with_130_and_no_word(
    command: str, library: str, tmp_path: Path
) -> None:
    assert ended_while_loading(library, signal.SIGINT, tmp_path, command) == (130, b"")


def test_sigterm_ends_other_commands_as_it_ends_any_process(tmp_path: Path) -> None:
    assert ended_while_loading("typer", signal.SIGTERM, tmp_path, "publish", "worker") == (-signal.SIGTERM, b"")


def test_what_ignores_control_c_when_it_is_started_still_does(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("import signal; print(signal.getsignal(signal.SIGINT).name, flush=True); 1/0")
    code = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); import sluicegate.cli as c; c.main(['score'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    assert done.stdout == "SIG_IGN\n"
