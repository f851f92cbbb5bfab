"""Sluicegate: streaming triage of content signals for human review."""

__all__ = ["__version__"]

__version__: str


def __getattr__(name: str) -> str:
    # Asked for only when wanted: reading it takes longer than the command needs until it heeds signals.
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    return version("sluicegate")
