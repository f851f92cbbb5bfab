"""``sluicegate dlq``: count dead letters, look at them, put them back among the events, delete them."""

import typer

from sluicegate.cli.dlq.list import list_
from sluicegate.cli.dlq.purge import purge
from sluicegate.cli.dlq.redrive import redrive
from sluicegate.cli.dlq.show import show
from sluicegate.cli.examples import examples

__all__ = ["app"]

app = typer.Typer(help="Work dead letters: list, show, redrive, purge.", no_args_is_help=True, rich_markup_mode="rich")
app.command(
    name="list",
    epilog=examples(
        "sluicegate dlq list",
        "sluicegate dlq list --since 12h --stage score",
        "sluicegate dlq list --json | jq '.groups[] | {reason, letters}'",
    ),
)(list_)
app.command(
    epilog=examples(
        "sluicegate dlq show --reason score.failed --limit 3",
        "sluicegate dlq show --at 3:1204 --payload    # with what people wrote",
    )
)(show)
app.command(
    epilog=examples(
        "sluicegate dlq redrive --reason score.failed                         # says what it would do",
        "sluicegate dlq redrive --reason score.failed --limit 10 --yes        # a few first",
        "sluicegate dlq redrive --reason score.failed --yes --rate 200",
    )
)(redrive)
app.command(
    epilog=examples(
        "sluicegate dlq purge --until 7d              # says what it would delete, and asks",
        "sluicegate dlq purge --through 3:1204",
    )
)(purge)
