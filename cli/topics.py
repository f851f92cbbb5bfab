"""``sluicegate topics``: create the topics that are missing, and report what differs."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from sluicegate.cli.errors import CommandError
from sluicegate.cli.examples import examples
from sluicegate.cli.wording import counted

if TYPE_CHECKING:
    from sluicegate.agents.topics import Difference

__all__ = ["topics"]

topics = typer.Typer(help="Create and check the topics of a deployment.", no_args_is_help=True)


@topics.command(
    epilog=examples(
        "sluicegate topics apply",
        "SLUICEGATE_BROKERS=kafka-1:9092 SLUICEGATE_PARTITIONS=12 SLUICEGATE_REPLICATION=3 sluicegate topics apply",
    )
)
def apply() -> None:
    """Create the topics that are missing; report what differs in those that are there, and how to mend it.

    What is there is never altered, and nothing is created that would not fit it. Exit 0 if all is well afterwards, 1 if
    something differs.
    """
    from sluicegate.agents.broker import admin_client
    from sluicegate.agents.topics import apply_topics, compare_topics, ledger_topic
    from sluicegate.cli.settings import read_settings
    from sluicegate.cli.trusted import served_policy

    settings = read_settings()
    review_topics = served_policy(settings.policy).review_topics(settings.review_prefix)
    with admin_client(settings) as admin:
        desired, differences = compare_topics(admin, settings, review_topics, [ledger_topic(settings)])
        if differences.conflict is not None:
            raise CommandError(f"nothing was created: {differences.conflict}")
        apply_topics(admin, differences.missing)
    for spec in differences.missing:
        print(f"created {spec.name} ({counted(spec.partitions, 'partition')})")
    there = len(desired) - len(differences.missing)
    if there:
        print(f"{there} of {counted(len(desired), 'topic')} {'was' if there == 1 else 'were'} there already")
    _report(differences.differing)


@topics.command(
    epilog=examples("sluicegate topics check", "sluicegate topics check || sluicegate topics apply"),
)
def check() -> None:
    """Say which topics are missing and what differs, and change nothing.

    Exit 0 if all is well, 1 if not.
    """
    from sluicegate.agents.broker import admin_client
    from sluicegate.agents.topics import compare_topics, ledger_topic
    from sluicegate.cli.settings import read_settings
    from sluicegate.cli.trusted import served_policy

    settings = read_settings()
    review_topics = served_policy(settings.policy).review_topics(settings.review_prefix)
    with admin_client(settings) as admin:
        desired, differences = compare_topics(admin, settings, review_topics, [ledger_topic(settings)])
    for spec in differences.missing:
        mend = "" if differences.conflict else "; `sluicegate topics apply` creates it"
        typer.echo(f"sluicegate: {spec.name} is missing{mend}", err=True)
    if differences.conflict is not None:
        typer.echo(f"sluicegate: {differences.conflict}", err=True)
    _report(differences.differing)
    if differences.missing:
        raise typer.Exit(1)
    print(f"all {len(desired)} topics are as they should be")


def _report(differing: "Iterable[Difference]") -> None:
    found = [str(difference) for difference in differing]
    for difference in found:
        typer.echo(f"sluicegate: {difference}", err=True)
    if found:
        raise typer.Exit(1)
