"""Compiled kernels, which every package has beside the Python that gives the same without them."""

import os
from importlib import import_module
from types import ModuleType
from typing import Final

__all__ = ["SWITCH", "kernel"]

#: Environment variable; with the value ``off`` Python serves alone.
SWITCH: Final = "SLUICEGATE_COMPILED"


def kernel(module: str) -> ModuleType | None:
    """Import a kernel; None where it could not be built, or is switched off.

    Parameters
    ----------
    module
        Its full name.
    """
    if os.environ.get(SWITCH) == "off":
        return None
    try:
        return import_module(module)
    except ImportError:
        return None
