"""What the user sees of the command line itself: help, version, completion, errors and exit codes."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from sluicegate import __version__
from sluicegate.agents.settings import Settings, SettingsError
from sluicegate.cli import app as root
from sluicegate.cli.errors import CommandError, report


class MendableError(Exception):
    """Stands for an exception that the project defines."""


MendableError.__module__ = "sluicegate.somewhere"


def run(*arguments: str, environment: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "sluicegate", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TERM": "dumb", **(environment or {})},
    )


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException, *arguments: str) -> int:
    """Run the root with one command that raises the error, and give the exit code."""
    commands = typer.Typer(pretty_exceptions_enable=False)

    @commands.callback()
    def top() -> None: ...

    @commands.command()
    def fail() -> None:
        raise error

    monkeypatch.setattr(root, "app", commands)
    with pytest.raises(SystemExit) as ended:
        root.run(["fail", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_the_version_is_that_of_the_package() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"sluicegate {__version__}\n")


def test_help_shows_examples() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "sluicegate topics apply" in done.stdout


def commands(of: object, name: str) -> Iterator[tuple[str, TyperCommand]]:
    """Give each command that does something, with its whole name."""
    if isinstance(of, TyperCommand):
        yield name, of
    elif isinstance(of, TyperGroup):
        for part, command in of.commands.items():
            yield from commands(command, f"{name} {part}")


COMMANDS = dict(commands(typer.main.get_command(root.app), "sluicegate"))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_ends_with_examples_of_it(name: str) -> None:
    command = COMMANDS[name]
    title, *lines = (command.epilog or "").splitlines()
    assert title == "[bold]Examples[/bold]"
    assert any(name in line for line in lines)
    assert "Examples" not in (command.help or "")


def test_the_help_of_a_worker_names_settings_that_there_are() -> None:
    named = set(re.findall(r"SLUICEGATE_([A-Z_]+)", COMMANDS["sluicegate worker"].help or ""))
    assert {"BROKERS", "POLICY", "METRICS_PORT"} <= named
    assert named <= {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("arguments", [[], ["demo"]])
def test_help_says_what_the_demo_needs(arguments: list[str]) -> None:
    assert "[demo]" in run(*arguments, "--help").stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"]])
def test_wrong_use_exits_with_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "nonsense" in done.stderr
    assert "Traceback" not in done.stderr


def test_completion_offers_the_commands_and_options() -> None:
    done = run(
        environment={"_SLUICEGATE_COMPLETE": "complete_bash", "COMP_WORDS": "sluicegate --ver", "COMP_CWORD": "1"}
    )
    assert done.stdout.split() == ["--version"]


def test_help_does_not_wait_for_what_commands_need() -> None:
    heavy = ["sklearn", "numpy", "faust", "kafka", "aiokafka", "pydantic", "celpy", "joblib"]
    code = f"import sys, sluicegate.cli.app; sys.exit(' '.join(name for name in {heavy} if name in sys.modules) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_error_of_the_project_is_its_own_sentence_and_exits_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = failing(monkeypatch, MendableError("topic t is missing; run `sluicegate topics apply`"))
    assert code == 1
    assert capsys.readouterr().err == "sluicegate: topic t is missing; run `sluicegate topics apply`\n"


def test_wrong_settings_are_shown_each_on_its_line_and_exit_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(monkeypatch, SettingsError("SLUICEGATE_A: wrong\nSLUICEGATE_B: wrong")) == 2
    assert capsys.readouterr().err.splitlines() == [
        "sluicegate: these settings cannot be used:",
        "  SLUICEGATE_A: wrong",
        "  SLUICEGATE_B: wrong",
    ]


def test_an_unexpected_error_is_one_line_that_names_debug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(monkeypatch, ValueError("first line\nsecond line")) == 1
    told = capsys.readouterr().err
    assert told == (
        "sluicegate: unexpected ValueError: first line; run the same command with --debug for the traceback\n"
    )


def test_debug_shows_the_traceback_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(monkeypatch, ValueError("broken"), "--debug") == 1
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert told.splitlines()[-1] == "sluicegate: unexpected ValueError: broken"


def test_debug_after_two_dashes_is_an_argument_like_any_other() -> None:
    done = run("--", "--debug")
    assert done.returncode == 2
    assert "--debug" in done.stderr


def test_a_file_that_cannot_be_opened_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(FileNotFoundError(2, "No such file or directory", "/nowhere/policy.yaml"), debug=False) == 1
    assert capsys.readouterr().err == "sluicegate: cannot use /nowhere/policy.yaml: No such file or directory\n"


@pytest.mark.parametrize("debug", [False, True])
def test_an_error_steers_no_terminal_whatever_it_names(debug: bool, capsys: pytest.CaptureFixture[str]) -> None:
    report(CommandError("no member \x1b[2J is known\nof \u202ethis"), debug=debug)
    told = capsys.readouterr().err.splitlines()
    assert told[-2:] == ["sluicegate: no member \\x1b[2J is known", "  of \\u202ethis"]
    assert all(line.isprintable() for line in told)


def test_control_c_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    assert failing(monkeypatch, KeyboardInterrupt()) == 130


def test_a_reader_that_went_away_is_no_error_to_shout_about(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(monkeypatch, BrokenPipeError(32, "Broken pipe")) == 1
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["score", "/dev/null"],
        ["publish", "/dev/null"],
        ["status"],
        ["topics", "check"],
        ["topics", "apply"],
        ["model", "inspect"],
        ["policy", "check"],
        ["demo"],
        ["worker"],
    ],
)
def test_every_command_that_reads_settings_tells_once_of_one_that_is_none(arguments: list[str]) -> None:
    # The port is refused, so that no command gets further than its settings.
    wrong = {"SLUICEGATE_BROKRES": "kafka-1:9092", "SLUICEGATE_METRICS_PORT": "none"}
    done = run(*arguments, environment=wrong)
    assert done.returncode == 2
    told = "sluicegate: SLUICEGATE_BROKRES is no setting and is ignored; did you mean SLUICEGATE_BROKERS?"
    assert done.stderr.splitlines().count(told) == 1


def test_a_setting_that_is_well_formed_and_names_nothing_there_exits_with_1() -> None:
    done = run("model", "inspect", environment={"SLUICEGATE_BUNDLE": "/nope"})
    assert done.returncode == 1
    assert "/nope" in done.stderr


@pytest.fixture
def texts(tmp_path: Path) -> str:
    file = tmp_path / "texts.jsonl"
    file.write_text('{"text": "hello"}\n' * 2_000)
    return str(file)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", [["score"], ["publish", "--check"]])
def test_output_that_cannot_be_written_is_told_in_one_sentence(command: list[str], texts: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "sluicegate", *command, texts], stdout=full, stderr=subprocess.PIPE, text=True
        )
    told = "sluicegate: the output cannot be written (No space left on device); make room, or write it elsewhere\n"
    assert (done.returncode, done.stderr) == (1, told)


@pytest.mark.parametrize("command", [["score"], ["publish", "--check"], ["model", "inspect"]])
def test_a_reader_that_has_enough_ends_a_command_quietly(command: list[str], texts: str) -> None:
    files = [] if command[0] == "model" else [texts]
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "sluicegate", *command, *files], stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(writing)
    os.close(reading)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (1, "")
