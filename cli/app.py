"""The root of the command line: options common to all commands, and how errors are shown.

Commands import what they need when they run, so that ``--help`` and completion answer at once.
"""

import sys
from collections.abc import Sequence

import typer

from sluicegate import __version__
from sluicegate.cli import dlq, model, policy, schema
from sluicegate.cli.demo.command import demo
from sluicegate.cli.errors import FAILED, flush_output, report
from sluicegate.cli.examples import examples
from sluicegate.cli.publish import publish
from sluicegate.cli.replay import EXAMPLES as REPLAY_EXAMPLES
from sluicegate.cli.replay import replay
from sluicegate.cli.score import score
from sluicegate.cli.status import EXAMPLES as STATUS_EXAMPLES
from sluicegate.cli.status import status
from sluicegate.cli.topics import topics
from sluicegate.cli.worker import worker

_DEBUG = "--debug"

app = typer.Typer(
    name="sluicegate",
    help="Streaming triage of content signals: events in, decisions and review tasks out.",
    epilog=examples(
        "sluicegate demo                 # see it work (needs the extra [demo])",
        "sluicegate topics apply         # create the topics on your Kafka",
        "sluicegate worker               # score events until SIGTERM",
        "sluicegate --install-completion # completion for your shell",
    ),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command(
    epilog=examples("sluicegate demo", "sluicegate demo --plain --duration 20 --rate 200  # lines, and the books")
)(demo)
app.command(
    epilog=examples(
        "SLUICEGATE_BROKERS=kafka-1:9092,kafka-2:9092 sluicegate worker",
        "sluicegate worker --processes auto             # one process for each core",
        "SLUICEGATE_METRICS_PORT=0 sluicegate worker    # one more on the same host",
    )
)(worker)
app.add_typer(topics, name="topics")
app.command(
    epilog=examples(
        "sluicegate publish texts.csv --check",
        "zcat posts.jsonl.gz | sluicegate publish - --rate 500",
    )
)(publish)
app.command(
    epilog=examples(
        "sluicegate score texts.csv > decisions.jsonl",
        "sluicegate score --policy mine.yaml < posts.jsonl",
        "sluicegate score --explain texts.csv",
    )
)(score)
app.add_typer(dlq.app, name="dlq")
app.add_typer(policy.app, name="policy")
app.command(epilog=STATUS_EXAMPLES)(status)
app.command(epilog=REPLAY_EXAMPLES)(replay)
app.add_typer(model.app)
app.add_typer(schema.app, name="schema")


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"sluicegate {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Show the version."),
    debug: bool = typer.Option(False, _DEBUG, help="Show the traceback of an error; goes with any command."),
) -> None:
    """Streaming triage of content signals: events in, decisions and review tasks out."""


def run(arguments: Sequence[str]) -> None:
    """Run a command, and end the process with its exit code.

    Parameters
    ----------
    arguments
        The command line without the program's name.
    """
    given, debug = _split_debug(list(arguments))
    try:
        try:
            # Typer itself answers wrong use (2), Ctrl-C (130) and a reader that went away.
            app(args=given, prog_name="sluicegate", obj=debug)
        finally:
            # What cannot be written is found here, where it can be told, and not at the interpreter's end.
            flush_output()
    except BrokenPipeError:
        sys.exit(FAILED)
    except Exception as error:  # noqa: BLE001 - the one place where every error becomes a sentence
        sys.exit(report(error, debug=debug))


def _split_debug(arguments: list[str]) -> tuple[list[str], bool]:
    """Take ``--debug`` out wherever it stands: whoever repeats a failed command adds it at the end."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    kept = [argument for argument in arguments[:end] if argument != _DEBUG]
    return kept + arguments[end:], _DEBUG in arguments[:end]
