"""The ``sluicegate`` command."""

from sluicegate.cli.app import main

__all__ = ["main"]
