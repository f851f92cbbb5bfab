"""The root of the command line: options common to all commands, and how errors are shown."""

import typer

from sluicegate import __version__
from sluicegate.cli import policy

app = typer.Typer(
    name="sluicegate",
    help="Streaming triage of content signals: events in, decisions and review tasks out.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.add_typer(policy.app, name="policy")


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"sluicegate {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Show the version."),
) -> None:
    """Streaming triage of content signals: events in, decisions and review tasks out."""


def main() -> None:
    """Run the command line."""
    app()
