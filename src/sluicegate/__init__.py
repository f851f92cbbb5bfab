"""Sluicegate: streaming triage of content signals for human review."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("sluicegate")
