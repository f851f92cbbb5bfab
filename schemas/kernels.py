"""Compiled kernels, which every package has beside the Python that gives the same without them."""

import os
from importlib import import_module
from types import ModuleType
from typing import Final

__all__ = ["SWITCH", "kernel", "missing_kernels"]

#: Environment variable; with the value ``off`` Python serves alone.
SWITCH: Final = "SLUICEGATE_COMPILED"

_missing: set[str] = set()


def kernel(module: str) -> ModuleType | None:
    """Import a kernel; None where it could not be built, or is switched off.

    Parameters
    ----------
    module
        Its full name.
    """
    if os.environ.get(SWITCH) != "off":
        try:
            return import_module(module)
        except ImportError:
            pass
    _missing.add(module)
    return None


def missing_kernels() -> tuple[str, ...]:
    """Give the names of the kernels that were wanted so far and are not there."""
    return tuple(sorted(_missing))
